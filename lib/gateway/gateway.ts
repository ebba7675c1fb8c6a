import { check, checkOptions, FUNCTION, invalid, isTexts, type OptionNames } from "../check.ts";
import { DDFSReader } from "../client/reader.ts";
import { chosenExplorer, UI } from "../explorer_page/chosen.ts";
import type { Explorer } from "../explorer_page/mod.ts";
import { answerBlob, HARMLESS } from "./blob_answer.ts";
import { type BlobCache, EdgeCache, letGo } from "./cache.ts";
import { unmetCondition } from "./conditions.ts";
import { answerOptions, checkOrigins, type Origins, shared } from "./cors.ts";
import { answerRecords } from "./records_answer.ts";
import { answerReplica, answerTags, jsonAnswer, UI_API, uiRequest, withTag } from "./ui_answers.ts";
import { newestOfEach, openBlobs, type StoredBlob } from "./stored_blob.ts";

/** Options of {@linkcode gateway}. */
export interface GatewayOptions {
  /** The master: `disco://host[:port]` or `http(s)://host[:port]`. */
  master: string;
  /** The function that sends requests to the cluster, for instance the `fetch` of an embedded DDFS; by default the runtime's own. */
  fetch?: ((request: Request) => Promise<Response>) | undefined;
  /** The beginnings of the names of tags that are open: `["site:"]`; `[""]` for all. Links to other tags are not followed. */
  tags: readonly string[];
  /**
   * Decides on each request, before anything else is done for it: gives the token that opens its tag, or nothing, or an answer that refuses. What is read
   * without a token may be kept by any cache on the way, so give nothing only for what everybody may read.
   */
  authorize?: ((request: Request) => Authorized | Promise<Authorized>) | undefined;
  /**
   * Lets pages of other origins read: of all (`true`), of one, or of those listed.
   *
   * @default {false}
   */
  cors?: Origins | undefined;
  /**
   * Keeps blobs that were asked for by `NAME$STAMP` and opened without a token; `false` for no cache. By default the platform's, `caches.default`, where
   * there is one.
   */
  cache?: BlobCache | false | undefined;
  /**
   * Serves the explorer at `/ui/`: a page that shows the open tags. Its files are anybody's; for all that it shows `authorize` is asked, by the paths below
   * `/ui/api/` that the page asks for. In what is bundled for a Worker, give the `explorer` of `./ui`: it is not in the bundle otherwise.
   *
   * @default {false}
   */
  ui?: boolean | Explorer | undefined;
  /** Hosts of nodes that may be asked beside the master and the nodes that it lists, by `host` or `host:port`. */
  allowedHosts?: readonly string[] | undefined;
  /** Called with each error that a request ends with: the answer names none, as strangers read it. */
  onError?: ((error: unknown, request: Request) => void) | undefined;
}

/** The decision on a request: a token, nothing, or an answer that refuses. */
export type Authorized = string | undefined | void | Response;

/** A handler of requests. */
export interface Gateway {
  /**
   * Answers a request.
   *
   * @param context What the platform passes beside it; one that has `waitUntil` is told of what goes on after the answer.
   * @returns The answer; errors are answers, too.
   */
  readonly fetch: (request: Request, ...context: readonly unknown[]) => Promise<Response>;
}

const NAMES: OptionNames<GatewayOptions> = {
  ...{ master: true, fetch: FUNCTION, tags: true, authorize: FUNCTION, cors: true, cache: true },
  ...{ ui: UI, allowedHosts: true, onError: FUNCTION },
};
const ANSWERS = "it must be a token, a Response that refuses, or undefined for who may read without a token";
const METHODS = "GET, HEAD, OPTIONS";
/** The path of a tag, of its records, or of a blob in it, perhaps by its whole name. */
const TAG_PATH = /^\/(tag|records)\/([\w@:-]+)$/;
const BLOB_PATH = /^\/blob\/([\w@:-]+)\/([\w@:-]+)(\$[\da-f-]+)?$/;

/** The status of an answer to an error, by its code; 502 for all others. */
const STATUS: Readonly<Record<string, number>> = {
  ...{ "not-found": 404, "unauthorized": 401, "timeout": 504 },
  "invalid-argument": 500,
  ...{ "corrupt-hunk": 422, "invalid-pickle": 422, "record-too-large": 422 },
};
const TEXTS: Readonly<Record<number, string>> = {
  401: "This needs a token that opens the tag.",
  404: "There is no such tag or blob here.",
  405: "Only GET, HEAD and OPTIONS are answered here.",
  412: "It has another version.",
  416: "The blob has no such part.",
  422: "A blob of this tag holds no records, or damaged ones. Ask for it as /blob/TAG/NAME.",
  500: "The gateway failed.",
  502: "The cluster cannot be read.",
  504: "The cluster did not answer in time.",
};

/**
 * Makes a handler that passes tags, blobs and records of a cluster on, to read, for the edge:
 *
 * | path | answer |
 * |---|---|
 * | `/tag/TAG` | the tag as the master has it, in JSON |
 * | `/blob/TAG/NAME` | the newest blob of that name in the tag, or in tags that it links to |
 * | `/blob/TAG/NAME$STAMP` | that very blob, to be kept for good |
 * | `/records/TAG` | the records of its chunks: a line of JSON each, or text where `Accept` says so; `?filter=` those that contain a text |
 *
 * @param options The master, which tags are open, who may read them.
 * @returns The handler.
 * @throws {DiscoError} If an option is not valid.
 *
 * @example A part of a blob
 * ```ts
 * import { DDFS } from "@ddfs/client";
 * import { embedded } from "@ddfs/client/embedded";
 * import { gateway } from "@ddfs/client/gateway";
 * import { expect } from "@std/expect";
 *
 * const { fetch, master } = embedded(); // a real cluster: gateway({ master: "disco://localhost", tags: ["site:"] })
 * await new DDFS(master, { fetch }).push("site:pages", [[new Blob(["<h1>Hello</h1>"]), "index_html"]]);
 *
 * const site = gateway({ master, fetch, tags: ["site:"] });
 * const answer = await site.fetch(
 *   new Request("https://example.org/blob/site:pages/index_html", { headers: { range: "bytes=4-8" } }),
 * );
 * expect([answer.status, answer.headers.get("content-type"), await answer.text()])
 *   .toEqual([206, "text/html; charset=utf-8", "Hello"]);
 * ```
 *
 * @example Tags with tokens
 * ```ts
 * import { gateway } from "@ddfs/client/gateway";
 * import { expect } from "@std/expect";
 *
 * const { fetch } = gateway({
 *   master: "disco://localhost",
 *   tags: ["reports:"],
 *   authorize(request) {
 *     if (request.headers.get("authorization") !== "Bearer let me in") return new Response("Who are you?", { status: 401 });
 *     return "the read token of the reports";
 *   },
 * });
 * expect((await fetch(new Request("https://example.org/tag/reports:2026"))).status).toBe(401);
 * ```
 */
export function gateway(options: GatewayOptions): Gateway {
  checkOptions("gateway()", options, NAMES);
  const { master, fetch, authorize, onError, allowedHosts = [] } = options;
  const isPrefixes = (tags: unknown) => isTexts(tags) && tags.every((prefix) => /^[\w@:-]*$/.test(prefix));
  check("tags", options.tags ?? null, isPrefixes, 'write what open tags begin with: ["site:"]; [""] for all');
  const origins = checkOrigins(options.cors ?? false);
  const isOpen = (tag: string) => options.tags.some((prefix) => tag.startsWith(prefix));
  const settings = { settings: {}, fetch, allowedHosts };
  const ddfs = new DDFSReader(master, settings);
  const parts = {
    ddfs,
    isOpen,
    open: options.tags,
    ui: chosenExplorer(options.ui),
    edge: new EdgeCache(options.cache),
  };
  const client = async () => new (await import("../../mod.ts")).DDFS(master, settings);

  const answer = async (request: Request, context: readonly unknown[]): Promise<Response> => {
    const { method } = request;
    if (method === "OPTIONS") return answerOptions(request, origins, METHODS);
    if (method !== "GET" && method !== "HEAD") return plain(405, { allow: METHODS });
    const page = parts.ui && await pageFile(request, parts.ui);
    if (page !== undefined) return page;
    const token = await authorize?.(request);
    if (token instanceof Response) return token;
    // A `false` that means no must not let anybody in.
    if (typeof (token ?? "") !== "string") throw invalid("answer of authorize", typeof token, ANSWERS);
    return await new Reading({ ...parts, client, request, context, token: token || undefined }).answer();
  };
  return {
    fetch: async (request, ...context) => {
      const failed = (error: unknown) => {
        onError?.(error, request);
        const code = Object(error).code;
        return plain(typeof code === "string" ? STATUS[code] ?? 502 : 500);
      };
      const given = await answer(request, context).catch(failed);
      return shared(request, request.method === "HEAD" ? withoutContent(given) : given, origins);
    },
  };
}

interface ReadingParts {
  /** The token that opens the tag. */
  readonly token: string | undefined;
  readonly ddfs: DDFSReader;
  readonly client: Parameters<typeof answerRecords>[1]["client"];
  readonly isOpen: (tag: string) => boolean;
  /** The beginnings of open tags. */
  readonly open: readonly string[];
  /** The explorer page, if it is served. */
  readonly ui: Explorer | undefined;
  readonly edge: EdgeCache;
  readonly request: Request;
  readonly context: readonly unknown[];
}

/** A request to read that was let in. */
class Reading {
  readonly #parts: ReadingParts;

  constructor(parts: ReadingParts) {
    this.#parts = parts;
  }

  async answer(): Promise<Response> {
    const { request, isOpen, ui } = this.#parts;
    const { pathname } = new URL(request.url);
    const path = decoded(pathname);
    if (ui && path.startsWith(`${UI_API}/`)) return await this.#ui(path);
    const [, kind, tag = ""] = TAG_PATH.exec(path) ?? [];
    const [, holder = "", name = "", stamp] = BLOB_PATH.exec(path) ?? [];
    if (!isOpen(tag || holder)) return plain(404);
    if (kind === "tag") return await this.#tag(tag);
    if (kind === "records") return await this.#records(tag);
    if (holder === "") return plain(404);
    return stamp === undefined ? await this.#newest(holder, name) : await this.#object(holder, name + stamp);
  }

  /** Answers what the explorer page asks for. */
  async #ui(path: string): Promise<Response> {
    const { request, ddfs, isOpen, open, token } = this.#parts;
    const asked = uiRequest(path);
    if (asked?.kind === "tags") return await answerTags(ddfs, asked.prefix, open, this.#revalidated());
    if (asked === undefined || !isOpen(asked.tag)) return plain(404);
    if (asked.kind === "tag") return await this.#tag(asked.tag, (url) => withTag(url, asked.tag));
    const access = { token, refuse: plain, cacheControl: this.#forGood() };
    return await answerReplica(request, ddfs, asked, access) ?? plain(404);
  }

  async #tag(tag: string, shown: (url: string) => string = (url) => url): Promise<Response> {
    const { ddfs, request, token } = this.#parts;
    const { version, id, lastModified, urls, userData } = await ddfs.get(tag, { token });
    const etag = `"${id}"`;
    const headers = { etag, "cache-control": this.#revalidated() };
    const unmet = unmetCondition(request, etag);
    if (unmet === 304) return new Response(null, { status: 304, headers: { ...HARMLESS, ...headers } });
    if (unmet === 412) return plain(412);
    return jsonAnswer({
      ...{ version, id, "last-modified": lastModified, "user-data": userData },
      urls: urls.map((set) => set.map((url) => shown(withoutToken(url)))),
    }, headers);
  }

  async #records(tag: string): Promise<Response> {
    const { request, client, ddfs, isOpen, token } = this.#parts;
    // A tag that is locked ends it: nobody would see that its records are not there.
    const blobs = (signal: AbortSignal) => openBlobs(ddfs, tag, isOpen, { token, signal });
    return await answerRecords(request, { blobs, cacheControl: this.#revalidated(), client });
  }

  /** Answers with the newest blob of a name. */
  async #newest(tag: string, name: string): Promise<Response> {
    const found: StoredBlob[] = [];
    for await (const blob of this.#fitting(tag, (blob) => blob.name === name)) found.push(blob);
    const [newest] = newestOfEach(found);
    return newest === undefined ? plain(404) : await this.#blob(newest, this.#revalidated());
  }

  /** Answers with a blob that is named so exactly that it never changes. */
  async #object(tag: string, object: string): Promise<Response> {
    const { edge, request, context, token } = this.#parts;
    const isPublic = token === undefined;
    const kept = isPublic ? await edge.find(request, `"${object}"`) : undefined;
    if (kept !== undefined) return kept;
    for await (const blob of this.#fitting(tag, (blob) => blob.object === object)) {
      const answer = await this.#blob(blob, this.#forGood());
      return isPublic ? edge.keep(request, answer, context) : answer;
    }
    return plain(404);
  }

  async #blob(blob: StoredBlob, cacheControl: string): Promise<Response> {
    const { ddfs, request } = this.#parts;
    return await answerBlob(request, ddfs, blob, plain, cacheControl);
  }

  /**
   * Finds blobs that fit. Links to tags that a token locks are passed over: else who may add a link could lock all behind them. But where nothing fits, it may
   * be in one of these, and is not said to be missing.
   */
  async *#fitting(tag: string, fits: (blob: StoredBlob) => boolean): AsyncGenerator<StoredBlob, void, undefined> {
    const { ddfs, isOpen, token } = this.#parts;
    const locked: unknown[] = [];
    let isFound = false;
    for await (const blob of openBlobs(ddfs, tag, isOpen, { token }, (error) => locked.push(error))) {
      if (!fits(blob)) continue;
      isFound = true;
      yield blob;
    }
    if (!isFound && locked.length > 0) throw locked[0];
  }

  /** The Cache-Control of what never changes. */
  #forGood(): string {
    return `${this.#parts.token === undefined ? "public" : "private"}, max-age=31536000, immutable`;
  }

  /** The Cache-Control of what may change: it is asked about again each time, and kept by the reader alone where a token opened it. */
  #revalidated(): string {
    return this.#parts.token === undefined ? "no-cache" : "private, no-cache";
  }
}

/** Answers with a file of the explorer page. */
async function pageFile(request: Request, explorer: Explorer): Promise<Response | undefined> {
  const { pathname } = new URL(request.url);
  if (decoded(pathname).startsWith(`${UI_API}/`)) return undefined;
  return await explorer(request, { readOnly: true, api: UI_API });
}

/** Makes an answer that is a text for people. It repeats nothing of the request. */
function plain(status: number, headers: Record<string, string> = {}): Response {
  const challenge = status === 401 && { "www-authenticate": 'Bearer realm="DDFS"' };
  return new Response(`${TEXTS[status]}\n`, {
    status,
    headers: {
      ...HARMLESS,
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
      ...challenge,
      ...headers,
    },
  });
}

function withoutContent(answer: Response): Response {
  letGo(answer);
  return new Response(null, answer);
}

/** Removes the token that a link to a tag may have: what stands before the host. A name may have an `@`, too. */
function withoutToken(url: string): string {
  return url.replace(/^(\w[\w+.-]*:\/\/).*@(?=[^/@]*\/)/s, "$1");
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
