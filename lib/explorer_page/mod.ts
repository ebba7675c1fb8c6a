/**
 * The explorer, a page that shows what a DDFS holds: to give to `embedded({ ui: explorer })` or `gateway({ ui: explorer })` in what is bundled into one
 * file. It imports nothing; the page's files are loaded with the first request for one of them.
 *
 * @module
 */
import type { PageFile } from "./files.ts";

/** Answers requests for a page: those that are for something else with `undefined`. */
export type Explorer = (request: Request, options?: ExplorerOptions) => Promise<Response | undefined>;

/** The facts that the page is told about its server. */
export interface ExplorerOptions {
  /** True if nothing can be changed here: the page leaves out what writes. */
  readonly readOnly?: boolean;
  /**
   * The path below which the protocol is answered, nodes as `/proxy/HOST/…`.
   *
   * @default {""}
   */
  readonly api?: string;
}

/** The path below which the page is. */
const BASE = "/ui";

/**
 * The policy of the page. It may run its own scripts, WebAssembly included but no `eval`, and ask its own origin. Threads are started from Blobs; pictures of what is
 * stored are shown from Blobs, too. Nobody may frame it.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  ...["style-src 'self'", "connect-src 'self'", "img-src 'self' blob:", "worker-src blob:"],
  ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
].join("; ");

const HEADERS = {
  "content-security-policy": POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

/** The compressed files, by their ETags. */
const compressed = new Map<string, Promise<ArrayBuffer>>();

/**
 * Answers requests for the explorer page: `/ui/` and all below it. A browser that asks for `/` is sent there.
 *
 * @param request Any request.
 * @param options What the page is told.
 * @returns The answer; `undefined` if the request is for something else.
 *
 * @example A Worker that shows what it holds
 * ```ts
 * import { embedded } from "@ddfs/client/embedded";
 * import { explorer } from "@ddfs/client/ui";
 * import { expect } from "@std/expect";
 *
 * const ddfs = embedded({ ui: explorer }); // where nothing is bundled, `ui: true` is the same
 * const page = await ddfs.fetch("http://localhost:8989/ui/");
 * expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
 * await ddfs.close();
 * ```
 */
export async function explorer(request: Request, options: ExplorerOptions = {}): Promise<Response | undefined> {
  const { pathname } = new URL(request.url);
  const isRead = request.method === "GET" || request.method === "HEAD";
  // Who opens the address of a DDFS in a browser gets to the page.
  if (pathname === "/" && isRead && request.headers.get("accept")?.includes("text/html")) return redirected(302);
  if (pathname !== BASE && !pathname.startsWith(`${BASE}/`)) return undefined;
  if (!isRead) {
    return new Response("Method not allowed.", { status: 405, headers: { ...HEADERS, allow: "GET, HEAD" } });
  }
  if (pathname === BASE) return redirected(308);
  const { FILES } = await import("./files.ts");
  const name = pathname.slice(BASE.length + 1);
  const file = Object.hasOwn(FILES, name) ? FILES[name] : undefined;
  if (file !== undefined && name !== "index.html") {
    return await answered(request, file, "public, max-age=31536000, immutable");
  }
  // Scripts and styles have names with a dot; all else is a view, whose address the page reads.
  const index = FILES["index.html"];
  if (index === undefined || /^[\w-]+\.(?:js|css|svg)$/.test(name)) {
    return new Response("Not found.", { status: 404, headers: { ...HEADERS, "content-type": "text/plain" } });
  }
  return await answered(request, toldOf(index, options), "no-cache");
}

function redirected(status: number): Response {
  return new Response(null, { status, headers: { ...HEADERS, location: `${BASE}/` } });
}

/** Writes into the page what serves it. */
function toldOf(index: PageFile, { readOnly = false, api = "" }: ExplorerOptions): PageFile {
  if (!readOnly && api === "") return index;
  if (!/^[\w/.-]*$/.test(api)) throw new TypeError(`api: ${JSON.stringify(api)} is not a path`);
  const attributes = `${readOnly ? " data-readonly" : ""}${api === "" ? "" : ` data-api="${api}"`}`;
  return {
    ...index,
    text: index.text.replace("<html", `<html${attributes}`),
    etag: `${index.etag}${attributes.replace(/[^\w/.-]+/g, "-")}`,
  };
}

async function answered(request: Request, { text, type, etag }: PageFile, cacheControl: string): Promise<Response> {
  // Who calls the handler in its own process names no encoding, and gets the text.
  const isCompressed = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:$|,))/.test(request.headers.get("accept-encoding") ?? "");
  const tag = `"${etag}${isCompressed ? "-gzip" : ""}"`;
  const headers = {
    ...HEADERS,
    "content-type": type,
    etag: tag,
    "cache-control": cacheControl,
    vary: "accept-encoding",
  };
  const known = (request.headers.get("if-none-match") ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  if (known.includes(tag) || known.includes("*")) return new Response(null, { status: 304, headers });
  const body = isCompressed ? await gzipped(etag, text) : new TextEncoder().encode(text);
  const init = {
    headers: {
      ...headers,
      "content-length": String(body.byteLength),
      ...isCompressed ? { "content-encoding": "gzip" } : {},
    },
    // workerd would compress it once more.
    encodeBody: "manual",
  };
  return new Response(request.method === "HEAD" ? null : body, init);
}

function gzipped(etag: string, text: string): Promise<ArrayBuffer> {
  const before = compressed.get(etag);
  if (before !== undefined) return before;
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  const made = new Response(stream).arrayBuffer();
  compressed.set(etag, made);
  return made;
}
