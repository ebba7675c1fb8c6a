import { check, checkOptions, FUNCTION, invalid, isTexts, type OptionNames } from "../check.ts";
import { DDFSReader } from "../client/reader.ts";
import { chosenExplorer, UI } from "../explorer_page/chosen.ts";
import type { Explorer } from "../explorer_page/mod.ts";
import { type BlobCache, EdgeCache, letGo } from "./cache.ts";
import { answerOptions, checkOrigins, type Origins, shared } from "./cors.ts";
import { decoded, Reading } from "./reading.ts";
import { plain, statusOf } from "./refusals.ts";
import { TagReads } from "./tag_reads.ts";
import { UI_API } from "./ui_answers.ts";

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
  /** Called with each error that a request ends with, but for a blob that breaks off: the answer names none, as strangers read it. */
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

  const ddfs = new DDFSReader(master, { settings: {}, fetch, allowedHosts });
  const parts = {
    ddfs,
    reads: new TagReads(ddfs),
    isOpen,
    open: options.tags,
    ui: chosenExplorer(options.ui),
    edge: new EdgeCache(options.cache),
  };

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
    return await new Reading({
      ...parts,
      request,
      context,
      token: token || undefined,
      onError: (error) => onError?.(error, request),
    }).answer();
  };
  return {
    fetch: async (request, ...context) => {
      const failed = (error: unknown) => {
        onError?.(error, request);
        return plain(statusOf(error));
      };
      const given = await answer(request, context).catch(failed);
      return shared(request, request.method === "HEAD" ? withoutContent(given) : given, origins);
    },
  };
}

/** Answers with a file of the explorer page. */
async function pageFile(request: Request, explorer: Explorer): Promise<Response | undefined> {
  const { pathname } = new URL(request.url);
  if (decoded(pathname).startsWith(`${UI_API}/`)) return undefined;
  return await explorer(request, { readOnly: true, api: UI_API });
}

function withoutContent(answer: Response): Response {
  letGo(answer);
  return new Response(null, answer);
}
