import { type Embedded, embedded } from "../../lib/embedded/mod.ts";
import { gateway, type GatewayOptions } from "../../lib/gateway/mod.ts";
import { DDFS } from "../../mod.ts";

/** A gateway before an embedded DDFS, and what is needed to look behind it. */
export interface Site {
  readonly ddfs: DDFS;
  readonly cluster: Embedded;
  /** The requests that went to the cluster: their methods, URLs and ranges. */
  readonly requests: string[];
  /** What the gateway told of errors. */
  readonly errors: unknown[];
  /** Asks the gateway. */
  ask(path: string, init?: RequestInit): Promise<Response>;
}

/** Makes a gateway that opens `open:`, before an empty DDFS of two nodes that keep all. */
export function site(options: Partial<GatewayOptions> = {}): Site {
  const cluster = embedded({ nodes: 2, replicas: 2, now: steadyClock() });
  const requests: string[] = [];
  const errors: unknown[] = [];
  const fetch = (request: Request) => {
    requests.push(`${request.method} ${request.url} ${request.headers.get("range") ?? ""}`.trim());
    return cluster.fetch(request);
  };
  const handler = gateway({
    master: cluster.master,
    fetch,
    tags: ["open:"],
    onError: (error) => errors.push(error),
    ...options,
  });
  return {
    ddfs: new DDFS(cluster.master, { settings: {}, fetch: cluster.fetch }),
    cluster,
    requests,
    errors,
    ask: (path, init) => handler.fetch(new Request(`https://example.org${path}`, init)),
  };
}

/** A site with a page of ten bytes. */
export async function digits(options: Partial<GatewayOptions> = {}): Promise<Site & { object: string }> {
  const parts = site(options);
  await parts.ddfs.push("open:site", [[new Blob(["0123456789"]), "digits_txt"]]);
  return { ...parts, object: await objectOf(parts.ddfs, "open:site") };
}

/** A clock that goes on by a second each time it is asked. */
function steadyClock(): () => number {
  let now = Date.UTC(2026, 0, 1);
  return () => now += 1000;
}

/** The object's name, `NAME$STAMP`, of the first blob of a tag. */
export async function objectOf(ddfs: DDFS, tag: string): Promise<string> {
  const [[url = ""] = []] = await ddfs.urls(tag);
  return url.slice(url.lastIndexOf("/") + 1);
}

/** The headers of an answer that are named, by their names; `null` for those that it lacks. */
export function headersOf(answer: Response, ...names: string[]): Record<string, string | null> {
  return Object.fromEntries(names.map((name) => [name, answer.headers.get(name)]));
}
