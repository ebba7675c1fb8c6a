import { appendSets } from "../cluster/append_sets.ts";
import { CHUNK_OPTIONS, chunkInputs, type ChunkOptions } from "./chunk.ts";
import { filesToPush, inputsToChunk } from "./named_inputs.ts";
import { FUNCTION, invalid, type OptionNames } from "../check.ts";
import type { GcOptions, GcResult } from "./gc.ts";
import { type Called, iterateWithin, runWithin } from "./operation.ts";
import type { DiscoError } from "../errors.ts";
import {
  canonizeTag,
  checkAttributeName,
  checkAttributeValue,
  checkWrittenTag,
  isTag,
  parseTag,
  type Tag,
  type TagParts,
  tagUrl,
} from "../names.ts";
import { READ_OPTIONS, TAG_OPTIONS, WALK_OPTIONS, WRITE_OPTIONS } from "../option_names.ts";
import type { ReadOptions, Replicas, TagOptions, WriteOptions } from "../options.ts";
import { pushFiles } from "./push.ts";
import type { BlobTarget, StoredBlobs } from "./store_blobs.ts";
import { DDFSReader } from "./reader.ts";
import { RECORDS_OPTIONS, type RecordsOptions } from "./records.ts";
import { batchesOf } from "./source_records.ts";
import { columnsOf, GREP_OPTIONS, type GrepOptions, grepped } from "./columns.ts";
import { AS_VALUES } from "../records/batches.ts";
import { FlatIterator } from "../base/flat.ts";
import type { ByteColumns, Columns, TextColumns, ValueColumns } from "../records/columns.ts";
import type { Value } from "../records/pickle/value.ts";
import type { FileSource, Named, Source } from "../sources/source.ts";
import { sendTag } from "../cluster/tag_object.ts";
import { splitScheme } from "../urls.ts";
import type { ReplicaReport } from "./replica_check.ts";
import type { VerifyOptions } from "./verify.ts";
import { checkPlacement } from "../cluster/write_replicas.ts";

/** The result of a push or a chunk. */
export interface Stored {
  /** The tag, as a `tag://` URL. */
  readonly tag: string;
  /** The replicas of each blob as the tag holds them, in the order of the sources. */
  readonly blobs: Replicas[];
  /** The names of those blobs that were in the tag before, and were left as they are: with `update` or `resume` only. */
  readonly kept: string[];
}

/**
 * A client of DDFS, the Disco Distributed Filesystem.
 *
 * @example From a text to records and back
 * ```ts
 * import { DDFS } from "@ddfs/client";
 * import { embedded } from "@ddfs/client/embedded";
 * import { expect } from "@std/expect";
 *
 * const { fetch, master } = embedded();
 * const ddfs = new DDFS(master, { fetch });
 * await ddfs.chunk("data:lines", [new Blob(["one\ntwo\n"])]);
 *
 * const lines: string[] = [];
 * for await (const line of ddfs.records("tag://data:lines", { text: true })) lines.push(String(line));
 * expect(lines).toEqual(["one\n", "two\n"]);
 * ```
 */
export class DDFS extends DDFSReader {
  /**
   * Splits sources into records, stores these in compressed chunks, and tags them. Nothing is tagged before all is stored.
   *
   * @param tag The tag that gets the chunks.
   * @param sources Tags, paths, URLs, replica lists, Files, Blobs, bytes, streams; each may be `[source, name]`.
   * @param options Sizes, reader, dialect, replicas, token, signal, progress.
   * @returns The tag and the chunks.
   * @throws {DataError} If a source cannot be read, or has a record that is too large; nothing is tagged then.
   * @throws {CommError} If the chunks cannot be written; nothing is tagged then.
   *
   * @example Lines of a stream
   * ```ts
   * import { DDFS } from "@ddfs/client";
   * import { embedded } from "@ddfs/client/embedded";
   * import { expect } from "@std/expect";
   *
   * const { fetch, master } = embedded();
   * const ddfs = new DDFS(master, { fetch });
   * const stream = new Blob(["one\ntwo\n"]).stream();
   * const { blobs } = await ddfs.chunk("data:lines", [[stream, "numbers"]]);
   * expect(blobs.length).toBe(1);
   * ```
   *
   * @example Going on where an earlier call was ended
   * ```ts
   * import { DDFS, type Resume } from "@ddfs/client";
   * import { embedded } from "@ddfs/client/embedded";
   * import { expect } from "@std/expect";
   *
   * const { fetch, master } = embedded();
   * const ddfs = new DDFS(master, { fetch });
   * const text = new Blob(["one\n".repeat(500_000)]);
   * const stop = new AbortController();
   * let resume: Resume[] = [];
   * await ddfs.chunk("data:lines", [[text, "ones"]], {
   *   chunkSize: 1000,
   *   signal: stop.signal,
   *   onProgress: ({ replicas, source, offset }) => {
   *     if (source === undefined) return;
   *     resume = [{ source, stored: [replicas], offset }]; // written to a file, it outlives the program
   *     stop.abort(new Error("power cut"));
   *   },
   * }).catch((error) => expect(error.message).toBe("power cut"));
   *
   * const { blobs } = await ddfs.chunk("data:lines", [[text, "ones"]], { chunkSize: 1000, resume });
   * expect(blobs[0]).toEqual(resume[0]?.stored[0]);
   * let count = 0;
   * for await (const lines of ddfs.recordBatches("data:lines")) count += lines.length;
   * expect(count).toBe(500_000);
   * ```
   */
  async chunk(tag: Tag, sources: readonly Named<Source>[], options: ChunkOptions = {}): Promise<Stored> {
    const called = { name: "chunk", tag, takes: CHUNK_OPTIONS, sources };
    return await this.#store(called, options, async (target) => {
      const inputs = await inputsToChunk(target.cluster, target.tag.name, sources, target.options);
      return await chunkInputs(target, inputs);
    });
  }

  /**
   * Deletes an attribute of a tag; one that is not there is no error.
   *
   * @param tag A name, a `tag://` URL, or a list that starts with one.
   * @param name The attribute, or `ddfs:read-token` or `ddfs:write-token`.
   * @param options Token and signal.
   * @throws {CommError} If the tag is missing, or cannot be written.
   *
   * @example Gone
   * ```ts
   * import { DDFS } from "@ddfs/client";
   * import { embedded } from "@ddfs/client/embedded";
   * import { expect } from "@std/expect";
   *
   * const { fetch, master } = embedded();
   * const ddfs = new DDFS(master, { fetch });
   * await ddfs.setattr("data:logs", "owner", "ann");
   * await ddfs.delattr("data:logs", "owner");
   * expect(await ddfs.attrs("data:logs")).toEqual({});
   * ```
   */
  async delattr(tag: Tag, name: string, options: ReadOptions = {}): Promise<void> {
    await this.#write("delattr", "DELETE", checkWrittenTag(tag), checkAttributeName(name), undefined, options);
  }

  /**
   * Deletes a tag; one that is not there is no error. Blobs that no tag holds any more are collected by the cluster.
   *
   * @param tag A name, a `tag://` URL, or a list that starts with one.
   * @param options Token and signal.
   * @throws {CommError} If the tag cannot be written.
   *
   * @example Gone
   * ```ts
   * import { DDFS } from "@ddfs/client";
   * import { embedded } from "@ddfs/client/embedded";
   * import { expect } from "@std/expect";
   *
   * const { fetch, master } = embedded();
   * const ddfs = new DDFS(master, { fetch });
   * await ddfs.tag("data:logs", []);
   * await ddfs.delete("data:logs");
   * expect(await ddfs.exists("data:logs")).toBe(false);
   * ```
   */
  async delete(tag: Tag, options: ReadOptions = {}): Promise<void> {
    await this.#write("delete", "DELETE", parseTag(tag), undefined, undefined, options);
  }

  /**
   * Frees space: starts a collection of garbage, or joins the one that runs, and waits for its end. A collection deletes what is left of deleted
   * tags, older versions of tags, and blobs that no tag holds. A real master keeps such blobs for five days, an embedded DDFS for its `orphanAge`;
   * a real one keeps most older versions of tags, too, and after its start waits for five minutes before it collects.
   *
   * @param options Signal, deadline, and the token of the administrator, where the master wants one. An abort ends the waiting, not the collection.
   * @returns How much was kept and deleted.
   * @throws {CommError} If the collection failed (code `server-error`), or the master cannot be asked.
   *
   * @example A blob that no tag holds any more
   * ```ts
   * import { DDFS } from "@ddfs/client";
   * import { embedded } from "@ddfs/client/embedded";
   * import { expect } from "@std/expect";
   *
   * const { fetch, master } = embedded({ orphanAge: 0 });
   * const ddfs = new DDFS(master, { fetch });
   * await ddfs.push("data:old", [[new Blob(["12345"]), "numbers"]]);
   * await ddfs.delete("data:old");
   *
   * const { blobs } = await ddfs.gc();
   * expect(blobs.deleted).toEqual({ objects: 1, bytes: 5 });
   * ```
   */
  async gc(options: GcOptions = {}): Promise<GcResult> {
    return await runWithin(this, { name: "gc", takes: GC_OPTIONS }, options, async (cluster, options) => {
      const { collect } = await import("./upkeep.ts");
      return await collect(cluster, options);
    });
  }

  /**
   * Finds the records of tags, blobs and URLs that a pattern fits, a list for each hunk that has some.
   *
   * A record is searched as text in UTF-8, without its line end. Text that every match of an expression has in it is looked for first, so that the
   * expression sees few records.
   *
   * @param source A tag, a URL, a path, replicas, a Blob, bytes, a stream.
   * @param pattern A text that is in the records, or a regular expression.
   * @param options Text, threads, what fits and what does not, reader, what to do with corrupt hunks, token, signal, progress.
   * @returns The records in order; each byte-string record is a view into its hunk's memory.
   * @throws {DataError} If a hunk is corrupt in every replica; it names the URL and the bytes.
   * @throws {CommError} If a tag or a blob cannot be read.
   *
   * @example The lines with an error
   * ```ts
   * import { DDFS } from "@ddfs/client";
   * import { embedded } from "@ddfs/client/embedded";
   * import { expect } from "@std/expect";
   *
   * const { fetch, master } = embedded();
   * const ddfs = new DDFS(master, { fetch });
   * await ddfs.chunk("data:log", [new Blob(["info: up\nerror: 17\nerror: none\n"])]);
   *
   * for await (const lines of ddfs.grep("tag://data:log", /^error: \d+$/, { text: true })) {
   *   expect(lines).toEqual(["error: 17\n"]);
   * }
   * ```
   */
  grep(
    source: Source,
    pattern: string | RegExp,
    options: GrepOptions & { text: true },
  ): AsyncIterableIterator<string[]>;
  /** Finds the records as bytes or values. */
  grep(source: Source, pattern: string | RegExp, options?: GrepOptions): AsyncIterableIterator<Value[]>;
  grep(source: Source, pattern: string | RegExp, options: GrepOptions = {}): AsyncIterableIterator<Value[]> {
    const called = { ...reading("grep", source), takes: GREP_OPTIONS };
    return iterateWithin(this, called, options, (cluster, options) => grepped(cluster, source, pattern, options));
  }

  /**
   * Stores sources as blobs, as they are, and tags them. Nothing is tagged before all is stored.
   *
   * @param tag The tag that gets the blobs.
   * @param sources Paths, Files, Blobs, bytes, streams; what has no name of its own is given as `[source, name]`.
   * @param options Replicas, nodes, token, signal, progress.
   * @returns The tag and the blobs.
   * @throws {InvalidNameError} If a name is missing or not valid; nothing is sent then.
   * @throws {DataError} If a source cannot be read; nothing is tagged then.
   * @throws {CommError} If a blob cannot be written; nothing is tagged then.
   *
   * @example A Blob under a name
   * ```ts
   * import { DDFS } from "@ddfs/client";
   * import { embedded } from "@ddfs/client/embedded";
   * import { expect } from "@std/expect";
   *
   * const { fetch, master } = embedded();
   * const ddfs = new DDFS(master, { fetch });
   * const { tag, blobs } = await ddfs.push("data:notes", [[new Blob(["hello"]), "greeting"]]);
   * expect([tag, blobs.length]).toEqual(["tag://data:notes", 1]);
   * ```
   */
  async push(tag: Tag, sources: readonly Named<FileSource>[], options: WriteOptions = {}): Promise<Stored> {
    const called = { name: "push", tag, takes: WRITE_OPTIONS, sources };
    return await this.#store(called, options, async (target) => {
      return await pushFiles(target, await filesToPush(sources, target.options));
    });
  }

  /**
   * Replaces what a tag holds.
   *
   * @param tag The tag; it is made if it is missing.
   * @param urls Its replica sets and links: a list of URLs for each, or one URL or tag name.
   * @param options Token and signal.
   * @throws {DiscoError} If an item is no URL and no tag (code `invalid-url`).
   * @throws {CommError} If the tag cannot be written.
   *
   * @example In place of what was there
   * ```ts
   * import { DDFS } from "@ddfs/client";
   * import { embedded } from "@ddfs/client/embedded";
   * import { expect } from "@std/expect";
   *
   * const { fetch, master } = embedded();
   * const ddfs = new DDFS(master, { fetch });
   * await ddfs.tag("data:logs", ["disco://host/may"]);
   * await ddfs.put("data:logs", ["disco://host/june"]);
   * expect(await ddfs.urls("data:logs")).toEqual([["disco://host/june"]]);
   * ```
   */
  async put(tag: Tag, urls: readonly (string | readonly string[])[], options: ReadOptions = {}): Promise<void> {
    await this.#write("put", "PUT", checkWrittenTag(tag), undefined, replicaSets(urls), options);
  }

  /**
   * Reads the records of tags, blobs and URLs, one array a hunk: the fast way.
   *
   * @param source A tag, a URL, a path, replicas, a Blob, bytes, a stream.
   * @param options Text, reader, workers, what to do with corrupt hunks, token, signal, progress.
   * @returns The records in order; each byte-string record is a view into its hunk's memory.
   * @throws {DataError} If a hunk is corrupt in every replica; it names the URL and the bytes.
   * @throws {CommError} If a tag or a blob cannot be read.
   *
   * @example Lines, a hunk at a time
   * ```ts
   * import { DDFS } from "@ddfs/client";
   * import { embedded } from "@ddfs/client/embedded";
   * import { expect } from "@std/expect";
   *
   * const { fetch, master } = embedded();
   * const ddfs = new DDFS(master, { fetch });
   * await ddfs.chunk("data:lines", [new Blob(["one\ntwo\n"])]);
   *
   * for await (const lines of ddfs.recordBatches("tag://data:lines", { text: true })) {
   *   expect(lines).toEqual(["one\n", "two\n"]);
   * }
   * ```
   */
  recordBatches(source: Source, options: RecordsOptions & { text: true }): AsyncIterableIterator<string[]>;
  /** Reads the records as bytes or values. */
  recordBatches(source: Source, options?: RecordsOptions): AsyncIterableIterator<Value[]>;
  recordBatches(source: Source, options: RecordsOptions = {}): AsyncIterableIterator<Value[]> {
    return this.#batches("recordBatches", source, options);
  }

  #batches(name: string, source: Source, options: RecordsOptions): AsyncIterableIterator<Value[]> {
    const called = { ...reading(name, source), takes: RECORDS_OPTIONS };
    return iterateWithin(this, called, options, (cluster, options) => batchesOf(cluster, source, options, AS_VALUES));
  }

  /**
   * Reads the records of tags, blobs and URLs without an object for each, a hunk at a time: bytes and where the records are in them, as Apache Arrow
   * has a column. That is nearly as fast as to decompress them.
   *
   * A hunk with any record that is no byte string comes as `values`.
   *
   * @param source A tag, a URL, a path, replicas, a Blob, bytes, a stream.
   * @param options Text, reader, workers, what to do with corrupt hunks, token, signal, progress.
   * @returns The records of each hunk in order; with `text`, text and offsets in UTF-16 units.
   * @throws {DataError} If a hunk is corrupt in every replica; it names the URL and the bytes.
   * @throws {CommError} If a tag or a blob cannot be read.
   *
   * @example The size of all lines, and how many they are
   * ```ts
   * import { DDFS } from "@ddfs/client";
   * import { embedded } from "@ddfs/client/embedded";
   * import { expect } from "@std/expect";
   *
   * const { fetch, master } = embedded();
   * const ddfs = new DDFS(master, { fetch });
   * await ddfs.chunk("data:lines", [new Blob(["one\nthree\n"])]);
   *
   * let [size, count] = [0, 0];
   * for await (const columns of ddfs.recordColumns("tag://data:lines")) {
   *   if (columns.kind === "values") throw new Error("not only lines");
   *   size += columns.bytes.length;
   *   count += columns.offsets.length - 1;
   * }
   * expect([size, count]).toEqual([10, 2]);
   * ```
   *
   * @see {@link https://REPOSITORY/lib/records/FORMAT.md#records FORMAT: Records}
   */
  recordColumns(
    source: Source,
    options: RecordsOptions & { text: true },
  ): AsyncIterableIterator<TextColumns | ValueColumns>;
  /** Reads the records as bytes and offsets. */
  recordColumns(
    source: Source,
    options?: RecordsOptions & { text?: false | undefined },
  ): AsyncIterableIterator<ByteColumns | ValueColumns>;
  /** Reads the records as bytes or text, whichever `text` says. */
  recordColumns(source: Source, options?: RecordsOptions): AsyncIterableIterator<Columns>;
  recordColumns(source: Source, options: RecordsOptions = {}): AsyncIterableIterator<Columns> {
    const called = { ...reading("recordColumns", source), takes: RECORDS_OPTIONS };
    return iterateWithin(this, called, options, (cluster, options) => columnsOf(cluster, source, options));
  }

  /**
   * Reads the records of tags, blobs and URLs.
   *
   * @param source A tag, a URL, a path, replicas, a Blob, bytes, a stream.
   * @param options Text, reader, workers, what to do with corrupt hunks, token, signal, progress.
   * @returns The records in order.
   * @throws {DataError} If a hunk is corrupt in every replica; it names the URL and the bytes.
   * @throws {CommError} If a tag or a blob cannot be read.
   *
   * @example Lines, one by one
   * ```ts
   * import { DDFS } from "@ddfs/client";
   * import { embedded } from "@ddfs/client/embedded";
   * import { expect } from "@std/expect";
   *
   * const { fetch, master } = embedded();
   * const ddfs = new DDFS(master, { fetch });
   * await ddfs.chunk("data:lines", [new Blob(["one\ntwo\n"])]);
   *
   * let count = 0;
   * for await (const _line of ddfs.records("tag://data:lines")) count++;
   * expect(count).toBe(2);
   * ```
   */
  records(source: Source, options: RecordsOptions & { text: true }): AsyncIterableIterator<string>;
  /** Reads the records as bytes or values. */
  records(source: Source, options?: RecordsOptions): AsyncIterableIterator<Value>;
  records(source: Source, options: RecordsOptions = {}): AsyncIterableIterator<Value> {
    return new FlatIterator(this.#batches("records", source, options), options.signal);
  }

  /**
   * Sets an attribute of a tag.
   *
   * @param tag The tag; it is made if it is missing.
   * @param name The attribute, 1 to 1024 bytes; or `ddfs:read-token` or `ddfs:write-token`.
   * @param value The value, at most 4096 bytes as JSON.
   * @param options Token and signal.
   * @throws {DiscoError} If name or value are not valid (code `invalid-argument`); nothing is sent then.
   * @throws {CommError} If the tag cannot be written.
   *
   * @example An attribute
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
  async setattr(tag: Tag, name: string, value: string, options: ReadOptions = {}): Promise<void> {
    const parts = checkWrittenTag(tag);
    await this.#write("setattr", "PUT", parts, checkAttributeName(name), checkAttributeValue(name, value), options);
  }

  /**
   * Adds replica sets and links to a tag.
   *
   * @param tag The tag; it is made if it is missing.
   * @param urls The sets and links: a list of URLs for each, or one URL or tag name. They come before what the tag has, in this order.
   * @param options Token, signal, update, delayed.
   * @returns The tag, as a `tag://` URL.
   * @throws {DiscoError} If an item is no URL and no tag (code `invalid-url`).
   * @throws {CommError} If the tag cannot be written.
   *
   * @example Blobs and links
   * ```ts
   * import { DDFS } from "@ddfs/client";
   * import { embedded } from "@ddfs/client/embedded";
   * import { expect } from "@std/expect";
   *
   * const { fetch, master } = embedded();
   * const ddfs = new DDFS(master, { fetch });
   * await ddfs.tag("data:all", ["data:may", ["disco://node1/june", "disco://node2/june"]]);
   * expect(await ddfs.urls("data:all")).toEqual([["tag://data:may"], ["disco://node1/june", "disco://node2/june"]]);
   * ```
   */
  async tag(tag: Tag, urls: readonly (string | readonly string[])[], options: TagOptions = {}): Promise<string> {
    const parts = checkWrittenTag(tag);
    const sets = replicaSets(urls);
    const called = { name: "tag", tag, takes: TAG_OPTIONS };
    await runWithin(this, called, options, (cluster, options) => appendSets(cluster, parts, sets, options));
    return canonizeTag(tag);
  }

  /**
   * Reads every replica of every blob of a tag and of all that it links to: that it is there, as large as the others and of the same content, and,
   * for chunks, that every hunk has its CRC.
   *
   * With `repair`, a blob with a bad replica is written anew from a good one, with as many replicas, and its new replicas take the old ones' place in
   * the tag, once all blobs of that tag are read. What is only out of reach is left alone. What others append, put or delete meanwhile stays: the tag is
   * changed on the condition that it is still as it was read. Disco's master has no conditions; there a repair has to be asked for as
   * `"unconditional"`, and loses what others change in the moment between a read of the tag and its replacement.
   *
   * @param tag A name, a `tag://` URL, or a list that starts with one.
   * @param options Whether to repair, token, signal, progress.
   * @returns A report for each replica.
   * @throws {CommError} If a tag cannot be read, or, for a repair, written; or if it may not be repaired without conditions (code `unsupported`).
   *
   * @example All is well
   * ```ts
   * import { DDFS } from "@ddfs/client";
   * import { embedded } from "@ddfs/client/embedded";
   * import { expect } from "@std/expect";
   *
   * const { fetch, master } = embedded();
   * const ddfs = new DDFS(master, { fetch });
   * await ddfs.chunk("data:lines", [new Blob(["one\ntwo\n"])]);
   *
   * for await (const { state } of ddfs.verify("data:lines")) expect(state).toBe("good");
   * ```
   */
  verify(tag: Tag, options: VerifyOptions = {}): AsyncIterableIterator<ReplicaReport> {
    parseTag(tag);
    const called = { name: "verify", tag, takes: VERIFY_OPTIONS };
    return iterateWithin(this, called, options, async function* (cluster, options) {
      const { verifyTag } = await import("./upkeep.ts");
      yield* verifyTag(cluster, tag, options);
    });
  }

  /** Stores sources as blobs, and then tags these. */
  async #store<Options extends WriteOptions>(
    called: Called<Options> & { readonly tag: Tag; readonly sources: readonly unknown[] },
    options: Options,
    store: (target: BlobTarget & { readonly options: Options }) => Promise<StoredBlobs>,
  ): Promise<Stored> {
    const { name, tag, sources } = called;
    return await runWithin(this, called, options, async (cluster, options) => {
      const parts = checkWrittenTag(tag);
      checkPlacement(options);
      if (!Array.isArray(sources)) throw invalid("sources", sources, `${name}() takes a list: ${name}(tag, [source])`);
      const { blobs, kept } = await store({ cluster, tag: parts, options });
      return { tag: canonizeTag(tag), blobs, kept };
    });
  }

  async #write(
    name: string,
    method: "PUT" | "DELETE",
    tag: TagParts,
    attribute: string | undefined,
    value: unknown,
    options: ReadOptions,
  ): Promise<void> {
    const called = { name, tag: tagUrl(tag), takes: READ_OPTIONS };
    await runWithin(this, called, options, async (cluster, options) => {
      const token = await cluster.token("write", tag, options);
      await sendTag(cluster, method, cluster.tagUrl(tag, attribute), value, { ...options, token, repeatable: true });
    });
  }
}

/** The names of the options of {@linkcode DDFS.gc}, which is loaded when it is needed. */
const GC_OPTIONS: OptionNames<GcOptions> = { ...READ_OPTIONS, onProgress: FUNCTION };

/** The same of {@linkcode DDFS.verify}. */
const VERIFY_OPTIONS: OptionNames<VerifyOptions> = { ...WALK_OPTIONS, onProgress: FUNCTION, repair: true };

/** Checks what is to be put into a tag: an empty set would crash a real cluster's server of the tag. */
function replicaSets(urls: readonly (string | readonly string[])[]): Replicas[] {
  if (!Array.isArray(urls)) throw invalidUrl(urls);
  return urls.map((item: string | readonly string[]) => {
    const set = typeof item === "string" ? [item] : item;
    if (!Array.isArray(set) || set.length === 0) throw invalidUrl(item);
    return set.map((url) => {
      if (typeof url !== "string") throw invalidUrl(url);
      const [scheme] = splitScheme(url);
      if (scheme === undefined && isTag(url)) return canonizeTag(url);
      if (url.startsWith("tag://")) parseTag(url);
      else if (scheme === undefined || /\s/.test(url)) throw invalidUrl(url);
      return url;
    });
  });
}

function invalidUrl(value: unknown): DiscoError {
  const rule = 'write a list of "disco://host/path", "tag://host:port/name", tag names, and lists of replica URLs';
  return invalid("URL", value, rule, "invalid-url");
}

/** An operation that reads records of a source. */
function reading(name: string, source: Source): { name: string; tag: string | undefined; sources: Source[] } {
  return { name, tag: typeof source === "string" && isTag(source) ? source : undefined, sources: [source] };
}
