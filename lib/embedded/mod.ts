/**
 * A whole DDFS in one fetch handler: a master and any number of nodes, in memory, on disk or in an object store. It needs nothing installed,
 * is used in process or served over HTTP, and speaks the protocol of Disco 0.5.4.
 *
 * Where the real cluster crashes, hangs or loses data, this one does better:
 * - `update=1` with an empty replica set: 403 `Invalid url object` (Disco's process for the tag ends, no answer comes).
 * - A body that is shorter or longer than announced, too large or stalled: 500 `Write failed`, and nothing stays (Disco
 *   leaves a `!partial-` file, and drops what is too much).
 * - A body without a length is stored as it comes (Disco stores an empty blob); chunks of 64 MiB and more, trailers,
 *   chunk extensions and every spelling of `chunked` are left to the HTTP server (Disco fails, or stores trailers).
 * - A body with replica sets is refused at the first byte of what is none, or too many; others are served meanwhile.
 * - Ranges that together ask for more than the blob get the blob, once (Disco sends each). So does a range of another version than the one that is
 *   there, by `If-Range` (Disco passes over that).
 * - Any number of PUTs and GETs are served at a time, in bounded memory (Disco serves three, the fourth waits).
 * - Connections are kept open, and pipelining works (Disco closes each, unannounced).
 * - Files of tags, which hold the tokens, are not served (Disco's nodes do).
 * - There is one port: blobs are PUT to the port that everything else is on (Disco: 8990). So a GET of the address to PUT
 *   to is 501 everywhere.
 * - Deleting a tag that never was is not written down; a collection (`gc_start`) runs when told to, and never waits.
 * - There are no jobs: `/disco/ctrl/joblist` and its like are 404, `max_workers` is 0.
 * - Error texts end with a reason in words, where Disco prints Erlang terms; paths in them start at `vol0`.
 *
 * @example A blob and a tag, in process
 * ```ts
 * import { embedded } from "@ddfs/client/embedded";
 * import { expect } from "@std/expect";
 *
 * const ddfs = embedded();
 * const [url] = await (await ddfs.fetch("http://localhost:8989/ddfs/new_blob/log")).json();
 * const stored = await (await ddfs.fetch(url, { method: "PUT", body: "hello" })).json();
 * await ddfs.fetch("http://localhost:8989/ddfs/tag/data:log", { method: "POST", body: JSON.stringify([[stored]]) });
 *
 * const blob = await ddfs.fetch(stored.replace("disco://localhost", "http://localhost:8989"));
 * expect(await blob.text()).toBe("hello");
 * await ddfs.close();
 * ```
 *
 * @module
 */
import { systemClock } from "../base/clock.ts";
import { DiscoError } from "../errors.ts";
import { chosenExplorer } from "../explorer_page/chosen.ts";
import { drop } from "./bodies.ts";
import { Closing } from "./closing.ts";
import { preflight, shared } from "./cors.ts";
import { Collector, type GcOptions } from "./gc.ts";
import { type Context, handle } from "./handler.ts";
import { Held } from "./json_bodies.ts";
import { Nodes, volumeOf } from "./nodes.ts";
import { Stamps } from "./stores/object_names.ts";
import { openStore } from "./open.ts";
import { checkedCount, checkEmbeddedOptions, type EmbeddedLimits, type EmbeddedOptions } from "./options.ts";
import { plain, refused } from "./responses.ts";
import { Refusal } from "./stores/refusal.ts";
import type { GcResult } from "./stores/store.ts";
import { Tags } from "./tags.ts";

export type { EmbeddedLimits, EmbeddedOptions };
export type { Explorer, ExplorerOptions } from "../explorer_page/mod.ts";
export {
  type CopyFailure,
  type CopyOptions,
  type CopyPlace,
  type CopyProgress,
  type CopyResult,
  copyStore,
  type CopyWait,
} from "./copy.ts";
export type { GcOptions, GcProgress } from "./gc.ts";
export type * from "./objects/bucket/engine.ts";
export type {
  BlobContent,
  BlobRange,
  BlobWriter,
  Collection,
  CollectOptions,
  CreateOptions,
  GcResult,
  Space,
  Store,
  StoredBlob,
  StoreSetup,
  Volume,
} from "./stores/store.ts";
export type {
  Amount,
  Asked,
  Collected,
  ReplicaSet,
  SetsBytes,
  SetsJson,
  StoredTag,
  TagChange,
  TagChangeOptions,
  TagContent,
  TagReadOptions,
  TagStore,
  TagVersion,
} from "./stores/tag_store.ts";

/** A DDFS in this process. */
export interface Embedded {
  /** The address to give to a client that has {@linkcode Embedded.fetch}; over HTTP it is that of the server. */
  readonly master: string;

  /**
   * Answers a request, as the global `fetch` does for a client, or as the handler of a server: `Deno.serve(ddfs.fetch)`.
   * A client that has it asks nobody else, also for the `http(s)://` URLs of sources.
   *
   * @param input A request, or the URL of one.
   * @param init The rest of it, when `input` is a URL; what servers pass beside a request is ignored.
   * @returns The answer. A store that cannot be opened is a 500.
   */
  readonly fetch: (input: Request | URL | string, init?: RequestInit | object) => Promise<Response>;

  /**
   * Opens the store, which otherwise the first request does.
   *
   * @throws {DiscoError} If another process has the folder open (code `locked`), or it cannot be used (code `server-error`).
   */
  readonly ready: () => Promise<void>;

  /**
   * Frees space: deletes what is left of deleted tags, older versions of tags, and blobs that have been in no tag for the `orphanAge`. Nothing is
   * deleted unless every tag can be read; what is put into a tag or uploaded meanwhile is spared. A collection that runs already is joined.
   *
   * @returns How much was kept and deleted.
   * @throws {DiscoError} If a tag cannot be read, which the message names, or something cannot be deleted.
   */
  readonly gc: (options?: GcOptions) => Promise<GcResult>;

  /** Ends what is under way and gives the folder free. Requests after that are answered with 503. */
  readonly close: () => Promise<void>;
}

/**
 * Makes a DDFS: a master and its nodes, in memory, in a folder or in an object store.
 *
 * @param options Where the data is, and which nodes there are.
 * @returns The DDFS; nothing is opened before the first request.
 * @throws {DiscoError} If an option has a value that it cannot have (code `invalid-argument`).
 *
 * @example Three nodes
 * ```ts
 * import { embedded } from "@ddfs/client/embedded";
 * import { expect } from "@std/expect";
 *
 * const ddfs = embedded({ nodes: ["a", "b", "c"], replicas: 2 });
 * const urls = await (await ddfs.fetch("http://a:8989/ddfs/new_blob/log")).json();
 * expect(urls.length).toBe(2);
 * await ddfs.close();
 * ```
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md PROTOCOL}
 */
export function embedded(options: EmbeddedOptions = {}): Embedded {
  checkEmbeddedOptions(options);
  const {
    cors = false,
    trustProxy = false,
    orphanAge = 5 * 24 * 60 * 60 * 1000,
    now = Date.now,
    random = Math.random,
    after = systemClock.after,
  } = options;
  const { nodes: named = 1, replicas: blobReplicas = 1 } = options;
  const nodes = new Nodes(named, options.master, random);
  const replicas = checkedCount("replicas", blobReplicas, nodes.names.length);
  const { tagReplicas: ofTags = replicas } = options;
  const tagReplicas = checkedCount("tagReplicas", ofTags, nodes.names.length);
  const closing = new Closing();
  let closed: Promise<void> | undefined;
  const running = new Set<Promise<unknown>>();
  let opened: Promise<Context> | undefined;

  async function open(): Promise<Context> {
    const stamps = new Stamps(now, options.objects && random);
    const store = await openStore(options, {
      nodes: nodes.names,
      writable: () => nodes.writable(),
      tagReplicas,
      orphanAge,
      stamp: (name, after) => stamps.stamp(name, after),
      date: () => stamps.date(),
      now,
      random,
      after,
    });
    try {
      for (const node of nodes.names) volumeOf(store.volumes, node);
      const { attributes = 1000, attributeName = 1024, attributeValue = 4096, ...given } = options.limits ?? {};
      const { stall = 60_000, tagBody = 2 ** 29, tagItems = 2 ** 23, blobBody = 2 ** 40 } = given;
      const limits = { attributes, attributeName, attributeValue };
      const body = { stall, after, closing };
      const tags = new Tags(store.tags, { after, spared: (sets, task) => gc.tagging(sets, task) });
      const gc: Collector = new Collector({ store, tags, orphanAge, now, date: () => stamps.date() });
      return {
        ...{
          store,
          nodes,
          tags,
          gc,
          stamps,
          replicas,
          limits,
          random,
          redirect: options.redirect ?? false,
          cors,
          trustProxy,
          adminToken: options.adminToken,
          ui: chosenExplorer(options.ui),
        },
        body: { ...body, size: tagBody, items: tagItems, held: new Held(tagBody) },
        blobBody: { ...body, size: blobBody },
      };
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  async function context(): Promise<Context> {
    for (;;) {
      const mine = opened ??= retried(open());
      const current = await mine;
      if (current.store.lost?.() === undefined) return current;
      // Somebody else has the store by now. They may have given it up since.
      if (opened === mine) opened = retried(current.store.close().catch(() => {}).then(open));
    }
  }

  /** After a failure the next request opens the store again: a lock may be gone by then. */
  async function retried(opening: Promise<Context>): Promise<Context> {
    try {
      return await opening;
    } catch (error) {
      opened = undefined;
      throw error;
    }
  }

  async function respond(request: Request, signal?: AbortSignal): Promise<Response> {
    if (closed !== undefined) return plain(503, "This DDFS is closed.");
    // Of a Host header that is none, Deno makes an address that is none.
    if (!URL.canParse(request.url)) return plain(400, "Bad request.");
    try {
      return preflight(request, cors) ?? await handle(request, withSignal(await context(), signal));
    } catch (error) {
      const isTold = error instanceof Refusal && (error.status < 500 || error.cause === undefined);
      if (!isTold) options.onError?.(error, request);
      if (opened !== undefined || !(error instanceof DiscoError)) return refused(error);
      return options.objects === undefined
        ? plain(500, error.message)
        : plain(503, `The object store cannot be opened: ${error instanceof Refusal ? error.told : error.code}`);
    } finally {
      drop(request);
    }
  }

  async function serve(request: Request, signal?: AbortSignal): Promise<Response> {
    const work = respond(request, signal);
    running.add(work);
    try {
      const response = shared(request, await work, cors);
      return request.method === "HEAD" ? new Response(null, response) : response;
    } finally {
      running.delete(work);
    }
  }

  async function close(): Promise<void> {
    const current = await opened?.catch(() => undefined);
    await current?.tags.flush();
    closing.begin();
    await Promise.all(running);
    await current?.gc.settled();
    await current?.store.close();
  }

  return {
    master: `disco://${nodes.master || "localhost"}`,
    fetch: (input, init) => {
      const isRequest = typeof input !== "string" && !(input instanceof URL);
      // A server's handler gets something beside the request. Its signal is left alone: Deno's is aborted after each answer.
      if (isRequest && init !== undefined) return serve(input);
      const request = isRequest ? input : new Request(input, { duplex: "half", ...init } as RequestInit);
      return unlessAborted(request.signal, () => serve(request, request.signal));
    },
    ready: async () => void await context(),
    gc: async (options = {}) => {
      if (closed !== undefined) throw new DiscoError("This DDFS is closed", { code: "unsupported" });
      return await (await context()).gc.collect(options, after);
    },
    close: () => closed ??= close(),
  };
}

function withSignal(context: Context, signal: AbortSignal | undefined): Context {
  if (signal === undefined) return context;
  const { body, blobBody } = context;
  return { ...context, signal, body: { ...body, signal }, blobBody: { ...blobBody, signal } };
}

/** Ends with the signal's reason as soon as it is aborted, as the global `fetch` does. */
function unlessAborted<T>(signal: AbortSignal, task: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    task().then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
