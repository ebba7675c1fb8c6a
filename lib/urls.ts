import { invalid } from "./check.ts";
import { decoded } from "./names.ts";
import { remembered, withoutUser } from "./secrets.ts";

/**
 * Matches the scheme of a URL, what follows it, and in that the port as it is written: `URL` hides a port that is its scheme's default. `URL` would also pass over more
 * slashes, and take the path for the host.
 */
const ADDRESS = /^(?:([^:/]*):\/\/)?((?!([^:/]*:\/)?[/\\])[^/?#\s]*?(?::(\d+))?(?:[/?#].*)?)$/s;

/** The address of a master. */
export interface MasterAddress {
  /** The HTTP URL that paths are appended to, without a slash at its end. */
  readonly base: string;
  /** The port, as text. */
  readonly port: string;
  /** The token in the address, if there was one. */
  readonly token: string | undefined;
}

/**
 * Reads a master's address: `disco://host`, `http(s)://host`, or `host`, with a port and a path where it has them.
 *
 * @param port The port of a `disco://` address that has none; 8989 if this is not given.
 * @throws {DiscoError} If it is no such address (code `invalid-url`).
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#names-and-addresses PROTOCOL: Names and addresses}
 */
export function parseMaster(address: string, port?: string): MasterAddress {
  const master = parse(
    "master",
    address,
    { disco: port, http: "80", https: "443" },
    'write "disco://host:port" or "http://host:port"',
    "disco",
  );
  const { password, username, pathname, search, hash } = master.url;
  if (pathname.includes("@") || search !== "" || hash !== "") {
    const hint = "it has a host, a port and a path; write a token in it as encodeURIComponent() does";
    throw invalid("master", withoutUser(address), hint, "invalid-url");
  }
  return {
    base: withoutSlash(master),
    port: master.port,
    token: remembered(decoded(password || username) || undefined),
  };
}

/**
 * Turns a stored URL into one that can be fetched: `disco://host/path` becomes `http://host:port/path`; a token in it is dropped, blobs need none.
 *
 * @param url A `disco://`, `http://` or `https://` URL.
 * @param port The port of a `disco://` URL that has none.
 * @default {"8989"}
 * @returns The HTTP URL; `$` and `:` in its path stay as they are, nodes match the raw path.
 * @throws {DiscoError} If it is another kind of URL (code `invalid-url`).
 *
 * @example A stored URL
 * ```ts
 * import { resolveUrl } from "@ddfs/client";
 * import { expect } from "@std/expect";
 *
 * expect(resolveUrl("disco://node1/ddfs/vol0/blob/67/log$1-2-3")).toBe("http://node1:8989/ddfs/vol0/blob/67/log$1-2-3");
 * ```
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#names-and-addresses PROTOCOL: Names and addresses}
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#reading-a-blob PROTOCOL: Reading a blob}
 */
export function resolveUrl(url: string, port?: string): string {
  const parsed = parse(
    "URL",
    url,
    { disco: port, http: "", https: "" },
    'write "disco://host/path" or "http://host/path"',
  );
  return parsed.origin + parsed.url.pathname + parsed.url.search;
}

/** Gives the host name of a URL of any scheme, without its port; empty if there is none. */
export function hostOf(url: string): string {
  const [, , rest] = ADDRESS.exec(url) ?? [];
  return tryUrl(`http://${rest ?? ""}`)?.hostname ?? "";
}

/**
 * Gives an address its master's scheme: what is on the host and port of a master that was given as https is https, too.
 *
 * @param url An HTTP URL.
 */
export function securedBy({ base }: MasterAddress, url: string): string {
  const [, scheme, rest = ""] = ADDRESS.exec(url) ?? [];
  const isSame = base.startsWith("https:") && scheme === "http" && nodeOf(url, "") === nodeOf(base, "");
  return isSame ? `https://${rest}` : url;
}

/** The host and port of the node that a blob's URL names; a `disco://` URL without a port has the given one. */
export function nodeOf(url: string, port: string): string {
  const [, scheme = "", , , written] = ADDRESS.exec(url) ?? [];
  return `${hostOf(url)}:${written ?? { http: "80", https: "443" }[scheme.toLowerCase()] ?? port}`;
}

/** Splits a URL into its scheme in lower case, `undefined` for a text without `://`, and what follows it. */
export function splitScheme(url: string): [scheme: string | undefined, rest: string] {
  const match = /^([a-z][a-z\d+.-]*):\/\/(.*)$/is.exec(url);
  return [match?.[1]?.toLowerCase(), match?.[2] ?? url];
}

/**
 * Rewrites a URL so that it goes through a Disco proxy.
 *
 * @param url The HTTP URL.
 * @param method The HTTP method.
 * @param proxy The proxy's address, as {@linkcode parseProxy} gives it; without one the URL stays as it is.
 * @param toMaster True if the URL is on the master.
 * @returns `PROXY/path` for the master, `PROXY/proxy/HOST/METHOD/path` for a node.
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#names-and-addresses PROTOCOL: Names and addresses}
 */
export function proxied(url: string, method: string, proxy: string | undefined, toMaster: boolean = false): string {
  if (!proxy) return url;
  const { hostname, pathname, search } = new URL(url);
  return `${proxy}${toMaster ? "" : `/proxy/${hostname}/${method}`}${pathname}${search}`;
}

/**
 * Checks a proxy's address, `http://` when it has no scheme, and takes the slash from its end.
 *
 * @throws {DiscoError} If it is no URL (code `invalid-url`).
 */
export function parseProxy(proxy: string): string {
  return withoutSlash(parse("proxy", proxy, { http: "", https: "" }, 'write "http://host:port"', "http"));
}

/** Parses a URL, absolute or relative to another; `undefined` if the text is none. */
export function tryUrl(text: string, base?: URL): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}

interface Parsed {
  readonly port: string;
  /** Scheme, host and port as HTTP has them. */
  readonly origin: string;
  readonly url: URL;
}

/** Takes a URL apart. Its scheme must be one of `ports`, which has the ports for URLs without one; 8989 where none is given. */
function parse(
  what: string,
  text: string,
  ports: Record<string, string | undefined>,
  hint: string,
  otherwise: string = "",
): Parsed {
  if (typeof text !== "string") throw invalid(what, text, hint, "invalid-url");
  const [, named = otherwise, rest = "", , written] = ADDRESS.exec(text) ?? [];
  const scheme = named.toLowerCase();
  const url = tryUrl(`${scheme.replace("disco", "http")}://${rest}`);
  const hasOneSlash = /^[a-z][a-z\d+.-]*:[/\\](?![/\\])/i.test(text);
  if (!url || hasOneSlash || !Object.hasOwn(ports, scheme)) throw invalid(what, withoutUser(text), hint, "invalid-url");
  for (const secret of [url.username, url.password]) remembered(decoded(secret));
  const port = written ?? ports[scheme] ?? "8989";
  const origin = `${url.protocol}//${url.hostname}${port && `:${port}`}`;
  return { port, origin, url };
}

function withoutSlash(parsed: Parsed): string {
  return (parsed.origin + parsed.url.pathname).replace(/\/+$/, "");
}
