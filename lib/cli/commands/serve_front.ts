import { jsonLine } from "../common/output.ts";
import { memoryInUse } from "../terminal/process.ts";
import { writeError } from "../terminal/streams.ts";
import { type Metrics, routeOf } from "./metrics.ts";

/** The parts of what stands before the DDFS. */
export interface FrontParts {
  readonly fetch: (request: Request) => Promise<Response>;
  /** The hosts that requests may ask for; every host where it is not given. */
  readonly known: ReadonlySet<string> | undefined;
  readonly name: string | undefined;
  /** Answers for the page that shows what is stored; nothing where there is none, or for requests that are not for it. */
  readonly page: (request: Request) => Promise<Response | undefined>;
  readonly metrics: Metrics;
  readonly log: "text" | "json" | "off";
  /** Milliseconds since 1970. */
  readonly began: number;
}

/** Stands before the DDFS: its host, its health, its counts, its log. */
export class Front {
  isClosing = false;
  #isFailing = false;
  #probing: Promise<void> | undefined;
  readonly parts: FrontParts;

  constructor(parts: FrontParts) {
    this.parts = parts;
  }

  /** Answers a request, counts it and logs it. */
  async answer(request: Request): Promise<Response> {
    const { metrics, log } = this.parts;
    const began = performance.now();
    const url = new URL(request.url);
    metrics.underWay++;
    let status = 500;
    try {
      const response = await this.#respond(request, url);
      ({ status } = response);
      const route = routeOf(url.pathname);
      if (route === "blob") {
        if (request.method === "PUT") metrics.bytesIn += Number(request.headers.get("content-length") ?? 0);
        // The answer to HEAD says a size and sends nothing; what says why there is no blob is none.
        if (request.method === "GET" && response.ok) {
          metrics.bytesOut += Number(response.headers.get("content-length") ?? 0);
        }
      }
      return response;
    } finally {
      metrics.underWay--;
      const seconds = (performance.now() - began) / 1000;
      metrics.add({ method: methodOf(request), route: routeOf(url.pathname), status, seconds });
      if (log !== "off") writeError(this.#line(request, url, status, seconds));
    }
  }

  async #respond(request: Request, url: URL): Promise<Response> {
    const { known, name, fetch } = this.parts;
    if (url.pathname === "/health") return this.#health(url);
    if (known !== undefined && !known.has(url.hostname.toLowerCase())) {
      // A page could give its own name the address of this machine, and so read what is here.
      const text = `This is not ${url.hostname}: ask for ${
        [...known][0]
      }, or start the server with --name ${url.hostname}.\n`;
      return new Response(text, { status: 421, headers: { "content-type": "text/plain; charset=utf-8" } });
    }
    if (url.pathname === "/metrics" && request.method === "GET") return await this.#metrics(url);
    const page = await this.parts.page(request);
    if (page !== undefined) return page;
    if (name === undefined || url.hostname === name) return await fetch(request);
    const own = url.origin;
    url.hostname = name;
    const renamed = new Request(url, request);
    // A page that comes from here stays one of this place.
    if (request.headers.get("origin") === own) renamed.headers.set("origin", url.origin);
    return await fetch(renamed);
  }

  /** Notes that the store failed, for the health. */
  failed(): void {
    this.#isFailing = true;
  }

  /** Answers at once: a store that failed is asked meanwhile whether it is well again, and one that did not is not asked. */
  #health({ origin }: URL): Response {
    if (this.#isFailing) this.#probing ??= this.#probe(origin).finally(() => this.#probing = undefined);
    const uptime = Math.round((Date.now() - this.parts.began) / 1000);
    const status = this.isClosing ? "closing" : this.#isFailing ? "failing" : "ok";
    return Response.json({ status, uptime }, { status: status === "ok" ? 200 : 503 });
  }

  async #probe(origin: string): Promise<void> {
    try {
      const { name, fetch } = this.parts;
      const url = new URL("/ddfs/tag/ddfs:health", origin);
      if (name !== undefined) url.hostname = name;
      const answer = await fetch(new Request(url));
      await answer.body?.cancel();
      // That there is no such tag is an answer of the store, too.
      if (answer.status < 500) this.#isFailing = false;
    } catch {
      // It stays as it is.
    }
  }

  async #metrics(url: URL): Promise<Response> {
    const { fetch, metrics, began } = this.parts;
    const text = metrics.text({
      ...await stored(url, fetch),
      process_resident_memory_bytes: memoryInUse(),
      process_start_time_seconds: Math.round(began / 1000),
    });
    return new Response(text, { headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" } });
  }

  /** A line of the log; tokens stand in headers, which are not in it. */
  #line({ method }: Request, { pathname, search, host }: URL, status: number, seconds: number): string {
    const milliseconds = Math.round(seconds * 1e4) / 10;
    const path = pathname + search;
    const time = new Date().toISOString();
    return this.parts.log === "json"
      ? jsonLine({ time, method, path, host, status, milliseconds }) + "\n"
      : `${time} ${status} ${method} ${path} ${milliseconds} ms\n`;
  }
}

/** Labels are few: a method that is none is counted as one. */
function methodOf({ method }: Request): string {
  return ["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS"].includes(method) ? method : "OTHER";
}

/** Counts what is stored. Nothing where a cluster does not answer: the rest of the counts is told all the same. */
async function stored(url: URL, fetch: FrontParts["fetch"]): Promise<Record<string, number>> {
  const answers = await Promise.all(
    ["/disco/ctrl/nodeinfo", "/ddfs/tags"].map((path) => fetch(new Request(new URL(path, url)))),
  );
  const [info, tags] = await Promise.all(
    answers.map((answer) => answer.ok ? answer.json() : answer.body?.cancel()),
  );
  if (info === undefined || !Array.isArray(tags)) return {};
  const sum = (key: string) =>
    Object.values(info as Record<string, Record<string, unknown>>)
      .reduce((sum, node) => sum + 1024 * Number(node[key] ?? 0), 0);
  return { ddfs_tags: tags.length, ddfs_disk_free_bytes: sum("diskfree"), ddfs_disk_used_bytes: sum("diskused") };
}
