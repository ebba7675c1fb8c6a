import type { Place } from "./nodes.ts";

/** The headers of an answer that pages may read. */
const EXPOSED = "Accept-Ranges, Content-Length, Content-Range, DDFS-Connections, DDFS-Requests, DDFS-Stamps, ETag";

/** The origins whose pages may use a DDFS: all, some, or none. */
export type Origins = boolean | string | readonly string[];

/**
 * Answers a browser's preflight; `undefined` if the request is none, or comes from an origin that is not allowed.
 *
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export function preflight(request: Request, origins: Origins): Response | undefined {
  const isPreflight = request.method === "OPTIONS" && request.headers.has("Access-Control-Request-Method");
  if (!isPreflight || allowedOrigin(request, origins) === undefined) return undefined;
  return new Response(null, {
    status: 204,
    headers: {
      "Access-Control-Allow-Methods": "GET, HEAD, PUT, POST, DELETE",
      "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match, If-None-Match, If-Range, Range",
      "Access-Control-Max-Age": "86400",
    },
  });
}

/** Adds the headers to an answer by which pages of allowed origins may read it. */
export function shared(request: Request, response: Response, origins: Origins): Response {
  const origin = allowedOrigin(request, origins);
  if (typeof origins !== "boolean") response.headers.append("Vary", "Origin");
  if (origin === undefined) return response;
  response.headers.set("Access-Control-Allow-Origin", origin);
  response.headers.set("Access-Control-Expose-Headers", EXPOSED);
  return response;
}

/**
 * Tells whether a request comes from a page of another site. A browser sends such a page's requests without asking first where they are simple ones: only
 * the answers are kept from it. Programs send no origin.
 */
export function isForeign({ headers }: Request, { host, port, protocol }: Place, origins: Origins): boolean {
  if (origins === true) return false;
  const origin = headers.get("Origin");
  // An image or a link of another site is asked for without an origin, but with this.
  if (origin === null) return /^(?:cross|same)-site$/.test(headers.get("Sec-Fetch-Site") ?? "");
  return !isListed(origin, origins) && !isOwn(origin, host + port, protocol);
}

/**
 * Tells whether an origin is that of the host that was asked. Who ends TLS in front leaves `https:` to be guessed, so that it may be the page's where the
 * request has none; a page that came by `http:` may be anybody's on the way.
 */
function isOwn(origin: string, host: string, protocol: string): boolean {
  try {
    const page = new URL(origin);
    return page.host === host && (page.protocol === protocol || page.protocol === "https:");
  } catch {
    return false;
  }
}

function isListed(origin: string, origins: Origins): boolean {
  return typeof origins === "string" ? origin === origins : Array.isArray(origins) && origins.includes(origin);
}

function allowedOrigin(request: Request, origins: Origins): string | undefined {
  // Said to those without an origin, too: a browser keeps a blob for good, and may be asked for it by a page later.
  if (origins === true) return "*";
  const origin = request.headers.get("Origin");
  return origin !== null && isListed(origin, origins) ? origin : undefined;
}
