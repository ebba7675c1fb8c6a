/**
 * The half of the client that only reads, without codec and writers: for edge workers and pages that count kilobytes.
 *
 * @example Reading the blobs of a tag
 * ```ts
 * import { DDFSReader } from "@ddfs/client/read";
 * import { embedded } from "@ddfs/client/embedded";
 * import { expect } from "@std/expect";
 *
 * const { fetch, master } = embedded();
 * const ddfs = new DDFSReader(master, { fetch });
 * expect(await ddfs.exists("data:logs")).toBe(false);
 * ```
 *
 * @module
 */
import { type BlobSize, isReplicaList, type NodeInfo, nodesOf, sizesOf } from "./measure.ts";
import { pullBlobs } from "./pull.ts";
import { clusterOf, clusters } from "../cluster/cluster.ts";
import { pulled, type PulledBlob } from "../cluster/pulled_blob.ts";
import { type Called, iterateWithin, runWithin } from "./operation.ts";
import { FlatIterator } from "../base/flat.ts";
import { CommError } from "../errors.ts";
import { checkAttributeName, checkPrefix, parseTag, type Tag } from "../names.ts";
import {
  CLIENT_OPTIONS,
  LIMIT_OPTIONS,
  OPEN_OPTIONS,
  PULL_OPTIONS,
  READ_OPTIONS,
  WALK_OPTIONS,
} from "../option_names.ts";
import type {
  DDFSOptions,
  PullOptions,
  RangeOptions,
  ReadOptions,
  Replicas,
  WalkOptions,
  WalkTagOptions,
} from "../options.ts";
import { GET_OPTIONS, type GetOptions, getTag, type TagObject } from "../cluster/tag_object.ts";
import type { Call } from "../http/call.ts";
import type { Transport } from "../http/transport.ts";
import { type WalkEntry, walkTags } from "../cluster/walk.ts";
import { checkOptions, invalid, isTexts, LIST, type OptionNames } from "../check.ts";

export { CommError, DataError, DiscoError, InvalidTagError } from "../errors.ts";
export type { CommErrorOptions, DataErrorOptions, DiscoErrorOptions, ErrorCode } from "../errors.ts";
export type * from "../options.ts";
export type { Clock } from "../base/clock.ts";
export type { BlobSize, NodeInfo } from "./measure.ts";
export type { PulledBlob } from "../cluster/pulled_blob.ts";
export type { Settings } from "../settings.ts";
export type { Tag } from "../names.ts";
export type { GetOptions, TagObject } from "../cluster/tag_object.ts";
export type { WalkEntry } from "../cluster/walk.ts";

/**
 * A client that reads tags and blobs.
 *
 * @example Every blob of a tag
 * ```ts
 * import { DDFS } from "@ddfs/client";
 * import { DDFSReader } from "@ddfs/client/read";
 * import { embedded } from "@ddfs/client/embedded";
 * import { expect } from "@std/expect";
 *
 * const { fetch, master } = embedded();
 * await new DDFS(master, { fetch }).push("data:logs", [[new Blob(["hello"]), "greeting"]]);
 *
 * for await (const blob of new DDFSReader(master, { fetch }).pull("data:logs")) {
 *   expect([blob.name, await blob.text()]).toEqual(["greeting", "hello"]);
 * }
 * ```
 */
export class DDFSReader {
  /**
   * Makes a client; nothing is sent yet.
   *
   * @param master The master: `disco://host[:port]` or `http(s)://host[:port]`. Without one, what the settings name: `DISCO_MASTER`, else
   * `DISCO_MASTER_HOST`, else `disco://localhost`.
   * @param options Proxy, settings, fetch, headers, token, retries, time-outs.
   * @throws {DiscoError} If an address or an option is not valid.
   */
  constructor(master?: string, options: DDFSOptions = {}) {
    checkOptions("the client", options, CLIENT_OPTIONS);
    clusters.set(this, clusterOf(master, options));
  }

  /**
   * The address of the master, as an `http(s)` URL without a token.
   *
   * @example The port that Disco's masters have
   * ```ts
   * import { DDFSReader } from "@ddfs/client/read";
   * import { expect } from "@std/expect";
   *
   * expect(new DDFSReader("disco://localhost").master).toBe("http://localhost:8989");
   * ```
   */
  get master(): string {
    return clusters.get(this)?.master.base ?? "";
  }

  /**
   * Says which master the client talks to.
   *
   * @returns `DDFS master at disco://host:port`, without a token.
   *
   * @example
   * ```ts
   * import { DDFSReader } from "@ddfs/client/read";
   * import { expect } from "@std/expect";
   *
   * expect(`${new DDFSReader("disco://secret@host:8989")}`).toBe("DDFS master at http://host:8989");
   * ```
   */
  toString(): string {
    return `DDFS master at ${clusters.get(this)?.master.base}`;
  }

  /**
   * Gives the attributes of a tag.
   *
   * @param tag A name, a `tag://` URL, or a list that starts with one.
   * @param options Token and signal.
   * @returns The values by name.
   * @throws {CommError} If the tag is missing, or cannot be read.
   *
   * @example All attributes
   * ```ts
   * import { DDFS } from "@ddfs/client";
   * import { embedded } from "@ddfs/client/embedded";
   * import { expect } from "@std/expect";
   *
   * const { fetch, master } = embedded();
   * const ddfs = new DDFS(master, { fetch });
   * await ddfs.setattr("data:logs", "owner", "ann");
   * expect(await ddfs.attrs("data:logs")).toEqual({ owner: "ann" });
   * ```
   */
  async attrs(tag: Tag, options: ReadOptions = {}): Promise<Record<string, string>> {
    return (await this.#get("attrs", tag, options, READ_OPTIONS)).userData;
  }

  /**
   * Lists the blobs of a tag and of all tags that it links to.
   *
   * @param tag A name, a `tag://` URL, or a list that starts with one.
   * @param options Token, signal, and whether missing tags are passed over.
   * @returns The replicas of each blob.
   * @throws {CommError} If a tag cannot be read.
   *
   * @example The URLs of each blob
   * ```ts
   * import { DDFS } from "@ddfs/client";
   * import { embedded } from "@ddfs/client/embedded";
   * import { expect } from "@std/expect";
   *
   * const { fetch, master } = embedded();
   * const ddfs = new DDFS(master, { fetch });
   * await ddfs.push("data:logs", [[new Blob(["hello"]), "greeting"]]);
   *
   * for await (const [url = ""] of ddfs.blobs("data:logs")) expect(url).toMatch(/^disco:.*greeting/);
   * ```
   */
  blobs(tag: Tag, options: WalkOptions = {}): AsyncIterableIterator<Replicas> {
    const called = { name: "blobs", tag, takes: WALK_OPTIONS };
    const sets = iterateWithin(this, called, options, async function* (cluster, options) {
      for await (const { blobs } of walkTags(cluster, [parseTag(tag)], options)) yield blobs;
    });
    return new FlatIterator(sets, options.signal);
  }

  /**
   * Tells whether a tag exists, also when the token does not open it.
   *
   * @param tag A name, a `tag://` URL, or a list that starts with one.
   * @param options Token and signal.
   * @returns Whether it is there.
   * @throws {CommError} If the master does not say.
   *
   * @example Before and after
   * ```ts
   * import { DDFS } from "@ddfs/client";
   * import { embedded } from "@ddfs/client/embedded";
   * import { expect } from "@std/expect";
   *
   * const { fetch, master } = embedded();
   * const ddfs = new DDFS(master, { fetch });
   * expect(await ddfs.exists("data:logs")).toBe(false);
   * await ddfs.tag("data:logs", []);
   * expect(await ddfs.exists("data:logs")).toBe(true);
   * ```
   */
  async exists(tag: Tag, options: ReadOptions = {}): Promise<boolean> {
    return await this.#ask({ name: "exists", tag }, options, async (transport, call) => {
      try {
        await transport.done(call);
        return true;
      } catch (error) {
        if (error instanceof CommError && [401, 403, 404].includes(error.status)) return error.status === 401;
        throw error;
      }
    });
  }

  /**
   * Walks over several tags and all that they link to, each once.
   *
   * @param tags Names and `tag://` URLs.
   * @param options Token, signal, and whether missing tags are passed over.
   * @returns The tags, parents before children.
   * @throws {CommError} If a tag cannot be read.
   *
   * @example Two tags and what they link to
   * ```ts
   * import { DDFS } from "@ddfs/client";
   * import { embedded } from "@ddfs/client/embedded";
   * import { expect } from "@std/expect";
   *
   * const { fetch, master } = embedded();
   * const ddfs = new DDFS(master, { fetch });
   * await ddfs.tag("data:may", ["disco://host/may"]);
   * await ddfs.tag("data:june", ["disco://host/june"]);
   *
   * const found: string[] = [];
   * for await (const { blobs } of ddfs.findtags(["data:may", "data:june"])) found.push(...blobs.flat());
   * expect(found).toEqual(["disco://host/may", "disco://host/june"]);
   * ```
   */
  findtags(tags: readonly Tag[], options: WalkOptions = {}): AsyncIterableIterator<WalkEntry> {
    return this.#walk({ name: "findtags", takes: WALK_OPTIONS }, tags, options);
  }

  #walk<Options extends WalkTagOptions>(
    called: Called<Options>,
    tags: readonly Tag[],
    options: Options,
  ): AsyncIterableIterator<WalkEntry> {
    if (!Array.isArray(tags)) throw invalid("tags", tags, "write a list of tags");
    const roots = tags.map(parseTag);
    return iterateWithin(this, called, options, (cluster, options) => walkTags(cluster, roots, options));
  }

  /**
   * Reads a tag.
   *
   * @param tag A name, a `tag://` URL, or a list that starts with one.
   * @param options Token, signal, and the tag as it was read before.
   * @returns Its id, URLs and attributes.
   * @throws {CommError} If the tag is missing, or cannot be read.
   *
   * @example A tag as the master has it
   * ```ts
   * import { DDFS } from "@ddfs/client";
   * import { embedded } from "@ddfs/client/embedded";
   * import { expect } from "@std/expect";
   *
   * const { fetch, master } = embedded();
   * const ddfs = new DDFS(master, { fetch });
   * await ddfs.tag("data:logs", ["disco://host/may"]);
   * const { urls, userData } = await ddfs.get("data:logs");
   * expect([urls, userData]).toEqual([[["disco://host/may"]], {}]);
   * ```
   *
   * @example Again, and only if it has changed
   * ```ts
   * import { DDFS } from "@ddfs/client";
   * import { embedded } from "@ddfs/client/embedded";
   * import { expect } from "@std/expect";
   *
   * const { fetch, master } = embedded();
   * const ddfs = new DDFS(master, { fetch });
   * await ddfs.tag("data:logs", ["disco://host/may"]);
   * const known = await ddfs.get("data:logs");
   * expect(await ddfs.get("data:logs", { known })).toBe(known);
   * await ddfs.tag("data:logs", ["disco://host/june"]);
   * expect((await ddfs.get("data:logs", { known })).urls).toEqual([["disco://host/june"], ["disco://host/may"]]);
   * ```
   */
  async get(tag: Tag, options: GetOptions = {}): Promise<TagObject> {
    return await this.#get("get", tag, options, GET_OPTIONS);
  }

  async #get<Options extends GetOptions>(
    name: string,
    tag: Tag,
    options: Options,
    takes: OptionNames<Options>,
  ): Promise<TagObject> {
    const parts = parseTag(tag);
    return await runWithin(
      this,
      { name, tag, takes },
      options,
      (cluster, options) => getTag(cluster, parts, options),
    );
  }

  /**
   * Gives one attribute of a tag.
   *
   * @param tag A name, a `tag://` URL, or a list that starts with one.
   * @param name The attribute, or `ddfs:read-token` or `ddfs:write-token`.
   * @param options Token and signal.
   * @returns The value; null for a token that is not set.
   * @throws {CommError} If the tag or the attribute is missing, or cannot be read.
   *
   * @example One attribute
   * ```ts
   * import { DDFS } from "@ddfs/client";
   * import { embedded } from "@ddfs/client/embedded";
   * import { expect } from "@std/expect";
   *
   * const { fetch, master } = embedded();
   * const ddfs = new DDFS(master, { fetch });
   * await ddfs.setattr("data:logs", "owner", "ann");
   * expect(await ddfs.getattr("data:logs", "owner")).toBe("ann");
   * ```
   */
  async getattr(tag: Tag, name: string, options: ReadOptions = {}): Promise<string | null> {
    return await this.#ask(
      { name: "getattr", tag },
      options,
      (transport, call) =>
        transport.json(call, (value) => typeof value === "string" || value === null ? value : undefined),
      checkAttributeName(name),
    );
  }

  /** Sends the request that reads a tag, or one of its attributes. */
  async #ask<T>(
    called: { readonly name: string; readonly tag: Tag },
    options: ReadOptions,
    send: (transport: Transport, call: Call) => Promise<T>,
    attribute?: string,
  ): Promise<T> {
    const parts = parseTag(called.tag);
    return await runWithin(
      this,
      { ...called, takes: READ_OPTIONS },
      options,
      async (cluster, options) => await send(cluster.transport, await cluster.readingTag(parts, options, attribute)),
    );
  }

  /**
   * Lists the names of tags.
   *
   * @param prefix How the names start; all by default.
   * @param options A signal and a deadline.
   * @returns The names, sorted.
   * @throws {InvalidTagError} If no tag can start so.
   * @throws {CommError} If the master does not say.
   *
   * @example By prefix
   * ```ts
   * import { DDFS } from "@ddfs/client";
   * import { embedded } from "@ddfs/client/embedded";
   * import { expect } from "@std/expect";
   *
   * const { fetch, master } = embedded();
   * const ddfs = new DDFS(master, { fetch });
   * for (const tag of ["data:may", "data:june", "other"]) await ddfs.tag(tag, []);
   * expect(await ddfs.list("data:")).toEqual(["data:june", "data:may"]);
   * ```
   */
  async list(prefix: string = "", options: Pick<ReadOptions, "signal" | "deadline" | "retry"> = {}): Promise<string[]> {
    const path = prefix && `/${checkPrefix(prefix)}`;
    return await runWithin(
      this,
      { name: "list", takes: LIMIT_OPTIONS },
      options,
      (cluster, { signal }) =>
        cluster.transport.json(
          { url: `${cluster.master.base}/ddfs/tags${path}`, toMaster: true, signal },
          (names) => isTexts(names) ? names : undefined,
        ),
    );
  }

  /**
   * Lists the nodes of the cluster, with the room on their disks.
   *
   * @param options Signal and deadline.
   * @returns The nodes, by name.
   * @throws {CommError} If the master does not say.
   *
   * @example Room on all nodes
   * ```ts
   * import { DDFSReader } from "@ddfs/client/read";
   * import { embedded } from "@ddfs/client/embedded";
   * import { expect } from "@std/expect";
   *
   * const { fetch, master } = embedded();
   * const [node] = await new DDFSReader(master, { fetch }).nodes();
   * expect(node).toMatchObject({ connected: true, blacklisted: false });
   * ```
   */
  async nodes(options: Pick<ReadOptions, "signal" | "deadline" | "retry"> = {}): Promise<NodeInfo[]> {
    return await runWithin(this, { name: "nodes", takes: LIMIT_OPTIONS }, options, nodesOf);
  }

  /**
   * Opens a blob by its URL, or by those of its replicas. Its first bytes are on their way: read it, or abort the signal.
   *
   * @param replicas The URLs, `disco://` or `http(s)://`.
   * @param options The signal, and the part that is wanted; the deadline is that of opening it.
   * @returns The blob, or the part of it.
   * @throws {CommError} If none of them can be opened.
   *
   * @example A blob without its tag
   * ```ts
   * import { DDFS } from "@ddfs/client";
   * import { embedded } from "@ddfs/client/embedded";
   * import { expect } from "@std/expect";
   *
   * const { fetch, master } = embedded();
   * const ddfs = new DDFS(master, { fetch });
   * const { blobs: [replicas = []] } = await ddfs.push("data:notes", [[new Blob(["hello"]), "greeting"]]);
   *
   * const blob = await ddfs.open(replicas);
   * expect([blob.name, await blob.text()]).toEqual(["greeting", "hello"]);
   * ```
   */
  async open(
    replicas: string | readonly string[],
    options: Pick<ReadOptions, "signal" | "deadline" | "retry"> & RangeOptions = {},
  ): Promise<PulledBlob> {
    const urls: unknown = typeof replicas === "string" ? [replicas] : replicas;
    if (!isTexts(urls) || urls.length === 0) throw invalid("replicas", replicas, "write one URL, or a list of them");
    const called = { name: "open", takes: OPEN_OPTIONS };
    const { signal } = options;
    const [blob] = await runWithin(
      this,
      called,
      options,
      (cluster, options) => pulled(cluster, urls, options, signal),
    );
    return blob;
  }

  /**
   * Reads the blobs of a tag and of all tags that it links to. A tag that is missing is an error; links to missing tags are passed over by default.
   *
   * @param tag A name, a `tag://` URL, or a list that starts with one.
   * @param filter Which blobs, by name; all by default.
   * @param options Token, signal, and whether missing tags are passed over.
   * @returns The blobs, opened one after the other.
   * @throws {CommError} If a tag cannot be read, or none of a blob's replicas.
   *
   * @example The first bytes of each blob, and its lines
   * ```ts
   * import { DDFS } from "@ddfs/client";
   * import { embedded } from "@ddfs/client/embedded";
   * import { expect } from "@std/expect";
   *
   * const { fetch, master } = embedded();
   * const ddfs = new DDFS(master, { fetch });
   * await ddfs.push("data:logs", [[new Blob(["one\ntwo\n"]), "log"]]);
   *
   * for await (const blob of ddfs.pull("data:logs")) {
   *   const lines: string[] = [];
   *   for await (const line of blob.lines()) lines.push(line);
   *   expect([await blob.text({ range: { end: 2 } }), await blob.slice(4).text(), lines]).toEqual(["on", "two\n", ["one\n", "two\n"]]);
   * }
   * ```
   *
   * @example The blobs whose names end with gz
   * ```ts
   * import { DDFS } from "@ddfs/client";
   * import { embedded } from "@ddfs/client/embedded";
   * import { expect } from "@std/expect";
   *
   * const { fetch, master } = embedded();
   * const ddfs = new DDFS(master, { fetch });
   * await ddfs.push("data:logs", [[new Blob(["a"]), "may-gz"], [new Blob(["b"]), "may-txt"]]);
   *
   * for await (const blob of ddfs.pull("data:logs", (name) => name.endsWith("gz"))) {
   *   expect([blob.name, await blob.text()]).toEqual(["may-gz", "a"]);
   * }
   * ```
   */
  pull(
    tag: Tag,
    filter: (name: string) => boolean = () => true,
    options: PullOptions = {},
  ): AsyncIterableIterator<PulledBlob> {
    if (typeof filter !== "function") throw invalid("filter", filter, "it must be a function of a blob's name");
    const called = { name: "pull", tag, takes: PULL_OPTIONS };
    const { signal } = options;
    return iterateWithin(
      this,
      called,
      options,
      (cluster, options) => pullBlobs(cluster, tag, filter, options, signal),
    );
  }

  /**
   * Finds the size of each blob of a tag and of all tags that it links to. A size is asked for once by a client, and then remembered.
   *
   * @param blobs The tag; or a list of blobs, each by the URLs of its replicas.
   * @param options Token, signal, and whether missing tags are passed over.
   * @returns The blobs in order; one that no node gives the size of has the reason with it.
   * @throws {CommError} If a tag cannot be read.
   *
   * @example The bytes of a tag
   * ```ts
   * import { DDFS } from "@ddfs/client";
   * import { embedded } from "@ddfs/client/embedded";
   * import { expect } from "@std/expect";
   *
   * const { fetch, master } = embedded();
   * const ddfs = new DDFS(master, { fetch });
   * await ddfs.push("data:notes", [[new Blob(["hello"]), "greeting"], [new Blob(["bye"]), "farewell"]]);
   *
   * let bytes = 0;
   * for await (const { size = 0 } of ddfs.sizes("data:notes")) bytes += size;
   * expect(bytes).toBe(8);
   * ```
   */
  sizes(blobs: Tag | readonly Replicas[], options: WalkOptions = {}): AsyncIterableIterator<BlobSize> {
    const about = isReplicaList(blobs) ? {} : { tag: blobs };
    const called = { name: "sizes", takes: WALK_OPTIONS, ...about };
    return iterateWithin(this, called, options, (cluster, options) => sizesOf(cluster, blobs, options));
  }

  /**
   * Lists what a tag itself holds, links not followed.
   *
   * @param tag A name, a `tag://` URL, or a list that starts with one.
   * @param options Token and signal.
   * @returns The replica sets and links, newest first.
   * @throws {CommError} If the tag is missing, or cannot be read.
   *
   * @example Newest first
   * ```ts
   * import { DDFS } from "@ddfs/client";
   * import { embedded } from "@ddfs/client/embedded";
   * import { expect } from "@std/expect";
   *
   * const { fetch, master } = embedded();
   * const ddfs = new DDFS(master, { fetch });
   * await ddfs.tag("data:logs", ["disco://host/may"]);
   * await ddfs.tag("data:logs", ["data:older"]);
   * expect(await ddfs.urls("data:logs")).toEqual([["tag://data:older"], ["disco://host/may"]]);
   * ```
   */
  async urls(tag: Tag, options: ReadOptions = {}): Promise<Replicas[]> {
    return (await this.#get("urls", tag, options, READ_OPTIONS)).urls;
  }

  /**
   * Walks over a tag and all that it links to, parents before children. Each tag comes once, so a cycle ends.
   *
   * @param tag A name, a `tag://` URL, or a list that starts with one.
   * @param options Token, signal, and whether missing tags are passed over.
   * @returns Each tag's path, links and blobs.
   * @throws {CommError} If a tag cannot be read.
   *
   * @example Parents before children
   * ```ts
   * import { DDFS } from "@ddfs/client";
   * import { embedded } from "@ddfs/client/embedded";
   * import { expect } from "@std/expect";
   *
   * const { fetch, master } = embedded();
   * const ddfs = new DDFS(master, { fetch });
   * await ddfs.tag("data:all", ["data:may"]);
   * await ddfs.tag("data:may", ["disco://host/may"]);
   *
   * const paths: string[] = [];
   * for await (const { path } of ddfs.walk("data:all")) paths.push(path.join(" > "));
   * expect(paths).toEqual(["tag://data:all", "tag://data:all > tag://data:may"]);
   * ```
   */
  walk(tag: Tag, options: WalkTagOptions = {}): AsyncIterableIterator<WalkEntry> {
    return this.#walk({ name: "walk", tag, takes: { ...WALK_OPTIONS, tagPath: LIST } }, [tag], options);
  }
}
