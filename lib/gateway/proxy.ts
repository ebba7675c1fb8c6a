import { check, checkOptions, FUNCTION, isTexts, type OptionNames } from "../check.ts";
import { DDFSReader } from "../client/reader.ts";
import { HARMLESS } from "./blob_answer.ts";

/** Options of {@linkcode proxy}. */
export interface ProxyOptions {
  /** The master: `disco://host[:port]` or `http(s)://host[:port]`. */
  master: string;
  /** Hosts that may be asked beside the master and the nodes that it lists, by `host` or `host:port`. */
  allowedHosts?: readonly string[] | undefined;
  /** The function that sends requests to the cluster; by default the runtime's own. */
  fetch?: ((request: Request) => Promise<Response>) | undefined;
  /** Called with each error that a request ends with: the answer names none. */
  onError?: ((error: unknown, request: Request) => void) | undefined;
}

/** A handler of requests. */
export interface Proxy {
  /**
   * Answers a request.
   *
   * @param context What the platform passes beside it; it is not used.
   * @returns The answer of the master or the node; errors are answers, too.
   */
  readonly fetch: (request: Request, ...context: readonly unknown[]) => Promise<Response>;
}

const NAMES: OptionNames<ProxyOptions> = { master: true, allowedHosts: true, fetch: FUNCTION, onError: FUNCTION };
const METHODS = ["GET", "HEAD", "PUT", "POST", "DELETE"];
/** The port that nodes of Disco take uploads on. */
const PUT_PORT = "8990";
/** Milliseconds after which the nodes are asked for again when a host turns up that is none of them. */
const NODES_AGE = 5000;
/** The headers of a request that are passed on, those for the master alone in the second list. */
const PASSED = [
  ...["accept", "content-length", "content-type", "if-match", "if-modified-since", "if-none-match"],
  ...["if-range", "if-unmodified-since", "range"],
];
const FOR_MASTER = ["authorization"];
/** The headers of an answer that belong to one connection only. The last one says that idle connections may be used for PUTs: those are the proxy's own. */
const NOT_PASSED = [
  ...["connection", "keep-alive", "proxy-authenticate", "proxy-connection", "te", "trailer", "transfer-encoding"],
  ...["upgrade", "set-cookie", "ddfs-connections"],
];

/**
 * Makes a handler that passes the whole protocol of a cluster on, from one origin: requests to the master as `/ddfs/…` and `/disco/…`, requests to a node
 * as `/proxy/HOST/METHOD/…`. A client takes its address as `proxy`, as it does that of Disco's own proxy (`DISCO_PROXY`). Tokens go to the master alone.
 * Pages of other origins change nothing through it.
 *
 * @param options The master, and the hosts beside its nodes.
 * @returns The handler.
 * @throws {DiscoError} If an option is not valid.
 *
 * @example A client that reaches everything through one address
 * ```ts
 * import { DDFS } from "@ddfs/client";
 * import { embedded } from "@ddfs/client/embedded";
 * import { proxy } from "@ddfs/client/gateway";
 * import { expect } from "@std/expect";
 *
 * const { fetch, master } = embedded({ nodes: 3 }); // a real cluster: proxy({ master: "disco://localhost" })
 * const { fetch: passOn } = proxy({ master, fetch });
 *
 * const ddfs = new DDFS(master, { proxy: "https://example.org", fetch: passOn });
 * await ddfs.push("data:notes", [[new Blob(["hello"]), "greeting"]]);
 * for await (const blob of ddfs.pull("data:notes")) expect(await blob.text()).toBe("hello");
 * ```
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#names-and-addresses PROTOCOL: Names and addresses}
 */
export function proxy(options: ProxyOptions): Proxy {
  checkOptions("proxy()", options, NAMES);
  const { allowedHosts = [], onError } = options;
  const isHosts = (hosts: unknown) => isTexts(hosts) && hosts.every((host) => /^[^\s/?#@]+$/.test(host));
  check("allowedHosts", allowedHosts, isHosts, 'write ["host", "host:port"]');
  check("onError", onError, (value) => typeof value === "function", "it must be a function");
  const cluster = new ProxiedCluster(options.master, allowedHosts, options.fetch);
  return {
    fetch: async (request) => {
      try {
        return await passOn(request, cluster);
      } catch (error) {
        onError?.(error, request);
        return plain(502, "The cluster does not answer.");
      }
    },
  };
}

/** The cluster behind a proxy. */
class ProxiedCluster {
  readonly fetch: (request: Request) => Promise<Response>;
  readonly master: URL;
  readonly #ddfs: DDFSReader;
  readonly #allowed: ReadonlySet<string>;
  /** The ports that nodes take uploads on, by their hosts, as the master has named them. */
  readonly #putPorts = new Map<string, string>();
  #nodes: ReadonlySet<string> = new Set();
  #askedAt = -Infinity;

  constructor(master: string, allowed: readonly string[], fetch: ProxyOptions["fetch"]) {
    this.fetch = fetch ?? ((request) => globalThis.fetch(request));
    this.#ddfs = new DDFSReader(master, { settings: {}, fetch });
    this.master = new URL(this.#ddfs.master);
    this.#allowed = new Set(allowed.map((host) => host.toLowerCase()));
  }

  /**
   * Finds the address of a node.
   *
   * @param named The host as it stands in the path; with a port only where it is allowed with that.
   * @returns Its origin; `undefined` if it may not be asked.
   */
  async node(named: string, method: string): Promise<string | undefined> {
    const { hostname: host, port: own } = (/[/?#@\\]/.test(named) ? undefined : tryUrl(`http://${named}`)) ?? {};
    if (host === undefined) return undefined;
    if (own) return this.#allowed.has(`${host}:${own}`) ? `http://${host}:${own}` : undefined;
    const { protocol, hostname, port: masterPort } = this.master;
    if (host !== hostname && !this.#allowed.has(host) && !await this.#isNode(host)) return undefined;
    const port = method === "PUT" ? this.#putPorts.get(host) ?? PUT_PORT : masterPort;
    // What is on the host and port of the master speaks as the master does.
    const isMaster = host === hostname && port === masterPort;
    return `${isMaster ? protocol : "http:"}//${host}${port && `:${port}`}`;
  }

  async #isNode(host: string): Promise<boolean> {
    if (!this.#nodes.has(host) && Date.now() - this.#askedAt > NODES_AGE) {
      this.#askedAt = Date.now();
      this.#nodes = new Set((await this.#ddfs.nodes()).map(({ name }) => name.toLowerCase()));
    }
    return this.#nodes.has(host);
  }

  /** Notes on which ports nodes take uploads, from the answer of new_blob; gives its bytes back. */
  async noted(answer: Response): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(await answer.arrayBuffer());
    try {
      for (const url of JSON.parse(new TextDecoder().decode(bytes))) {
        const { hostname, port } = new URL(url);
        this.#putPorts.set(hostname, port);
      }
    } catch {
      // An answer that is no list of URLs is passed on as it is.
    }
    return bytes;
  }
}

async function passOn(request: Request, cluster: ProxiedCluster): Promise<Response> {
  const { method } = request;
  const { pathname, search } = new URL(request.url);
  if (!METHODS.includes(method)) {
    return plain(405, `Only ${METHODS.join(", ")} are passed on.`, { allow: METHODS.join(", ") });
  }
  const [, host, named, rest] = /^\/proxy\/([^/]+)\/([^/]+)(\/.*)$/.exec(pathname) ?? [];
  const path = rest ?? pathname;
  if (!/^\/(?:ddfs|disco)\//.test(path)) return plain(404, "There is no such path here.");
  if (named !== undefined && named !== method) return plain(400, `The path says ${named}, the request ${method}.`);
  if (isChange(method, path) && isForeign(request)) {
    return plain(403, "Pages of other origins change nothing here.");
  }
  const origin = host === undefined ? cluster.master.origin : await cluster.node(host, method);
  if (origin === undefined) return plain(403, "That host is neither allowed nor a node of the master.");
  const headers = new Headers();
  for (const name of host === undefined ? [...PASSED, ...FOR_MASTER] : PASSED) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  const init: RequestInit & { duplex: "half" } = {
    ...{ method, headers, body: request.body, redirect: "manual", duplex: "half" },
  };
  const answer = await cluster.fetch(new Request(origin + path + search, init));
  // A page asks whether a node lives: Disco says 403, which browsers write into their consoles as an error.
  const isByPage = host !== undefined || request.headers.get("sec-fetch-site") === "same-origin";
  if (isByPage && path === "/ddfs/" && answer.status === 403) {
    await answer.body?.cancel();
    return new Response(null, { status: 204 });
  }
  const isNewBlob = host === undefined && answer.ok && path.startsWith("/ddfs/new_blob/");
  return passedBack(answer, isNewBlob ? await cluster.noted(answer) : answer.body);
}

/** Makes the answer of a node or the master one of the proxy. */
function passedBack(answer: Response, body: BodyInit | null): Response {
  const { status, statusText } = answer;
  const headers = new Headers(answer.headers);
  for (const name of NOT_PASSED) headers.delete(name);
  // What fetch has decoded has another length.
  if (headers.has("content-encoding")) {
    for (const name of ["content-encoding", "content-length"]) {
      headers.delete(name);
    }
  }
  for (const [name, value] of Object.entries(HARMLESS)) headers.set(name, value);
  return new Response([204, 304].includes(status) ? null : body, { status, statusText, headers });
}

/** Tells whether a request changes something, or makes work: some do so by GET. */
function isChange(method: string, path: string): boolean {
  return !["GET", "HEAD"].includes(method) || /^\/ddfs\/(?:new_blob\/|ctrl\/gc_start)/.test(path);
}

/** Tells whether a request comes from a page of another origin: its browser says so. Programs say nothing. */
function isForeign({ headers, url }: Request): boolean {
  const origin = headers.get("origin");
  if (origin === null) return /^(?:cross|same)-site$/.test(headers.get("sec-fetch-site") ?? "");
  const [page, asked] = [tryUrl(origin), new URL(url)];
  // Who ends TLS in front leaves https to be guessed. A page that came by http may be anybody's on the way.
  return page?.host !== asked.host || (page.protocol !== asked.protocol && page.protocol !== "https:");
}

function plain(status: number, text: string, headers: Record<string, string> = {}): Response {
  return new Response(`${text}\n`, {
    status,
    headers: { ...HARMLESS, "content-type": "text/plain; charset=utf-8", "cache-control": "no-store", ...headers },
  });
}

function tryUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
