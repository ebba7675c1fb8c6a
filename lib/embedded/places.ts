import type { Place } from "./nodes.ts";

/** The headers in which a proxy says how it was asked. */
export type TrustProxy = boolean | "x-forwarded" | "forwarded";

const HOST = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

/** Gives the host, port and scheme that a client used: those of the request, or those that a trusted proxy tells. */
export function placeOf(asked: URL, headers: Headers, trust: TrustProxy): Place {
  const { protocol, hostname, port } = trust === false ? asked : forwardedBy(asked, headers, trust);
  return { host: hostname, port: port === "" ? "" : `:${port}`, protocol };
}

function forwardedBy(asked: URL, headers: Headers, trust: TrustProxy): URL {
  const forwarded = trust === "x-forwarded" ? undefined : pairsOf(headers.get("Forwarded"));
  const named = (header: string, pair: string) =>
    (trust === "forwarded" ? undefined : first(headers.get(header))) ?? forwarded?.get(pair);
  const scheme = named("X-Forwarded-Proto", "proto")?.toLowerCase();
  const host = named("X-Forwarded-Host", "host");
  const isScheme = scheme === "http" || scheme === "https";
  const known = host !== undefined && HOST.test(host) ? host : asked.host;
  try {
    return new URL(`${isScheme ? scheme : asked.protocol.slice(0, -1)}://${known}`);
  } catch {
    return asked;
  }
}

/** Gives the first of several values: that of the proxy to which the client was connected. */
function first(list: string | null): string | undefined {
  return list?.split(",", 1)[0]?.trim() || undefined;
}

/**
 * Reads the first element of a `Forwarded` header.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7239#section-4
 */
function pairsOf(header: string | null): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>();
  const pair = /\s*([a-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s",;]*))\s*([,;]|$)/iy;
  for (let found = pair.exec(header ?? ""); found !== null; found = pair.exec(header ?? "")) {
    const [, name = "", quoted, plain, end] = found;
    pairs.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, "$1") ?? plain ?? "");
    if (end !== ";") break;
  }
  return pairs;
}
