import { check } from "../check.ts";

/** The origins whose pages may read: all, one, or those listed; none for `false`. */
export type Origins = boolean | string | readonly string[];

/** The headers of an answer that pages may read. */
const EXPOSED = "Accept-Ranges, Content-Length, Content-Range, ETag";

/**
 * Checks the option.
 *
 * @throws {DiscoError} If it has a value that it cannot have (code `invalid-argument`).
 */
export function checkOrigins(origins: Origins): Origins {
  const listed: readonly unknown[] = typeof origins === "boolean" ? [] : Array.isArray(origins) ? origins : [origins];
  for (const origin of listed) {
    const isOrigin = (text: unknown) => typeof text === "string" && /^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]+$/.test(text);
    check("cors", origin, isOrigin, 'it must be true, false, or origins like "https://example.org"');
  }
  return origins;
}

/** Answers an OPTIONS request, be it a browser's preflight or not. */
export function answerOptions(request: Request, origins: Origins, methods: string): Response {
  const response = new Response(null, { status: 204, headers: { allow: methods } });
  if (request.headers.has("access-control-request-method") && allowedOrigin(request, origins) !== undefined) {
    response.headers.set("access-control-allow-methods", "GET, HEAD");
    response.headers.set("access-control-allow-headers", "Authorization, If-Match, If-None-Match, If-Range, Range");
    response.headers.set("access-control-max-age", "86400");
  }
  return response;
}

/** Gives an answer with the headers by which pages of allowed origins may read it. */
export function shared(request: Request, response: Response, origins: Origins): Response {
  if (origins === false) return response;
  // The headers of an answer that comes from a cache or from fetch cannot be changed.
  const answer = new Response(response.body, response);
  if (typeof origins !== "boolean") answer.headers.append("vary", "Origin");
  const origin = allowedOrigin(request, origins);
  if (origin === undefined) return answer;
  answer.headers.set("access-control-allow-origin", origin);
  answer.headers.set("access-control-expose-headers", EXPOSED);
  return answer;
}

function allowedOrigin(request: Request, origins: Origins): string | undefined {
  // Said to those without an origin, too: a browser keeps a blob for good, and may be asked for it by a page later.
  if (origins === true) return "*";
  const origin = request.headers.get("origin");
  return origin !== null && origins !== false && [origins].flat().includes(origin) ? origin : undefined;
}
