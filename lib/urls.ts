import { DiscoError } from "./errors.ts";
import { show, userToken } from "./names.ts";

/** The port of a master and its nodes where nothing else says one. */
export const DEFAULT_PORT = 8989;

/** Where a master answers. */
export interface MasterAddress {
  /** The HTTP URL that paths are appended to, without a slash at its end. */
  readonly base: string;
  /** `host:port`, to tell masters apart. */
  readonly host: string;
  /** The port, as text. */
  readonly port: string;
  /** The token in the address, if there was one. */
  readonly token: string | undefined;
}

/**
 * Reads a master's address: `disco://host[:port]`, `http(s)://host[:port][/path]`, or `host[:port]`.
 *
 * @param address The address.
 * @param port The port of a `disco://` address that has none; 8989 if this is not given.
 * @throws {DiscoError} If it is no such address (code `invalid-url`).
 * @see PROTOCOL "Names and addresses"
 */
export function parseMaster(address: string, port?: string): MasterAddress {
  const [scheme = "disco", rest] = splitScheme(address);
  const url = parse(scheme === "disco" ? `http://${rest}` : address);
  if (url === undefined || !["disco", "http", "https"].includes(scheme) || url.hostname === "") {
    throw badUrl(`Invalid master ${show(address)}: write "disco://host", "disco://host:port" or "http://host:port"`);
  }
  const ownPort = explicitPort(rest) ??
    (scheme === "disco" ? port ?? String(DEFAULT_PORT) : scheme === "https" ? "443" : "80");
  const path = scheme === "disco" ? "" : url.pathname.replace(/\/+$/, "");
  const host = `${url.hostname}:${ownPort}`;
  const user = url.username === "" && url.password === ""
    ? undefined
    : `${url.username}${url.password === "" ? "" : `:${url.password}`}`;
  return {
    base: `${scheme === "https" ? "https" : "http"}://${host}${path}`,
    host,
    port: ownPort,
    token: user === undefined ? undefined : userToken(user),
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
 * @see PROTOCOL "Names and addresses", "Blob GET and HEAD"
 */
export function resolveUrl(url: string, port: string = String(DEFAULT_PORT)): string {
  const [scheme, rest] = splitScheme(url);
  const parsed = scheme === "disco"
    ? parse(`http://${rest}`)
    : scheme === "http" || scheme === "https"
    ? parse(url)
    : undefined;
  if (parsed === undefined || parsed.hostname === "") {
    throw badUrl(`Invalid URL ${show(url)}: only disco://, http:// and https:// URLs with a host can be read here`);
  }
  const own = explicitPort(rest) ?? (scheme === "disco" ? port : "");
  return `${parsed.protocol}//${parsed.hostname}${own === "" ? "" : `:${own}`}${parsed.pathname}${parsed.search}`;
}

/** The host name of a URL of any scheme, without its port; empty where there is none. */
export function hostOf(url: string): string {
  const [, rest] = splitScheme(url);
  return parse(`http://${rest}`)?.hostname ?? "";
}

/** The scheme of a URL in lower case, `undefined` for a text without `://`; and what follows it. */
export function splitScheme(url: string): [scheme: string | undefined, rest: string] {
  const match = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(.*)$/s.exec(url);
  return match === null ? [undefined, url] : [match[1]?.toLowerCase(), match[2] ?? ""];
}

/**
 * Rewrites a URL so that it goes through a Disco proxy.
 *
 * @param url The HTTP URL.
 * @param method The HTTP method.
 * @param proxy The proxy's address, `http://` when it has no scheme.
 * @param toMaster Whether the URL is on the master.
 * @returns `PROXY/path` for the master, `PROXY/proxy/HOST/METHOD/path` for a node.
 * @throws {DiscoError} If the proxy's address is no URL (code `invalid-url`).
 * @see PROTOCOL "Names and addresses"
 */
export function proxied(url: string, method: string, proxy: string, toMaster: boolean): string {
  const base = parseProxy(proxy);
  const { hostname, pathname, search } = new URL(url);
  return `${base}${toMaster ? "" : `/proxy/${hostname}/${method}`}${pathname}${search}`;
}

/** Checks a proxy's address, and takes the slash from its end. */
export function parseProxy(proxy: string): string {
  const text = splitScheme(proxy)[0] === undefined ? `http://${proxy}` : proxy;
  const url = parse(text);
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === "") {
    throw badUrl(`Invalid proxy ${show(proxy)}: write "http://host:port"`);
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

function parse(url: string): URL | undefined {
  // URL would pass over more slashes, and take the path for the host.
  if (/^[^:]*:\/\/[/\\]/.test(url)) return undefined;
  try {
    return new URL(url);
  } catch {
    return undefined;
  }
}

/** The port as written: `URL` hides one that is its scheme's default. */
function explicitPort(rest: string): string | undefined {
  return /^(?:[^/?#]*@)?(?:\[[^\]]*\]|[^/?#:@]*):(\d+)(?:[/?#]|$)/.exec(rest)?.[1];
}

function badUrl(message: string): DiscoError {
  return new DiscoError(message, { code: "invalid-url" });
}
