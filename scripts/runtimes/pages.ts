import { embedded } from "../../lib/embedded/mod.ts";

/** What a site has. */
export interface Site {
  /** Its files, by name. */
  readonly files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>;
  /** The Content-Security-Policy of its pages. */
  readonly policy?: string | undefined;
  /** Whether pages of other origins may use its DDFS. */
  readonly cors?: boolean;
}

/** A site that is served. */
export interface ServedSite {
  /** Where. */
  readonly origin: string;
  /** What the first page posted to `/outcome`. */
  readonly outcome: Promise<string>;
  /** Ends it. */
  close(): Promise<void>;
}

/** The types of files, by the ends of their names. */
const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
};

/**
 * Serves pages and a DDFS in memory at one origin, on a free loopback port.
 *
 * @param site What it has.
 * @returns Where it is.
 */
export function servePages({ files, policy, cors = false }: Site): ServedSite {
  const ddfs = embedded({ cors });
  let report: (text: string) => void = () => {};
  const outcome = new Promise<string>((resolve) => report = resolve);
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request, info) => {
    const name = new URL(request.url).pathname.slice(1);
    const file = files[name];
    if (file !== undefined) {
      const headers = new Headers({ "content-type": TYPES[name.split(".").at(-1) ?? ""] ?? "" });
      if (policy !== undefined) headers.set("content-security-policy", policy);
      return new Response(file, { headers });
    }
    if (name !== "outcome") return await ddfs.fetch(request, info);
    report(await request.text());
    return new Response();
  });
  return {
    origin: `http://127.0.0.1:${server.addr.port}`,
    outcome,
    close: async () => {
      await server.shutdown();
      await ddfs.close();
    },
  };
}
