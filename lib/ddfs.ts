import { appendSets } from "./append_sets.ts";
import { checkList, chunkInputs, type ChunkOptions, inputsToChunk } from "./chunk.ts";
import { clusterOf } from "./cluster.ts";
import { iterateWithin, runWithin } from "./deadline.ts";
import { DiscoError } from "./errors.ts";
import type { Source } from "./inputs.ts";
import {
  canonizeTag,
  checkAttributeName,
  checkAttributeValue,
  checkWrittenTag,
  isTag,
  parseTag,
  show,
  type Tag,
  type TagParts,
} from "./names.ts";
import type { ReadOptions, Replicas, TagOptions, WriteOptions } from "./options.ts";
import { filesToPush, pushFiles } from "./push.ts";
import { DDFSReader } from "./reader.ts";
import { batchesOf, type RecordsOptions } from "./record_stream.ts";
import { FlatIterator } from "./records/flat.ts";
import type { Value } from "./records/value.ts";
import { sending } from "./sending.ts";
import { cancelUnread, type FileSource, type Named } from "./sources.ts";
import { splitScheme } from "./urls.ts";
import { type ReplicaReport, type VerifyOptions, verifyTag } from "./verify.ts";
import { checkPlacement } from "./write_replicas.ts";

/** What a push or a chunk has stored. */
export interface Stored {
  /** The tag, as a `tag://` URL. */
  readonly tag: string;
  /** The replicas of each blob, in the order of the sources. */
  readonly blobs: Replicas[];
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
   */
  async chunk(tag: Tag, sources: readonly Named<Source>[], options: ChunkOptions = {}): Promise<Stored> {
    const parts = checkWrittenTag(tag);
    checkPlacement(options);
    checkList("chunk", sources);
    return await runWithin(clusterOf(this), options, async (options) => {
      const inputs = await inputsToChunk(clusterOf(this), parts.name, sources, options);
      const blobs = await chunkInputs(clusterOf(this), inputs, options);
      return await this.#tagged(tag, parts, blobs, options);
    }).catch((error) => {
      cancelUnread(sources, error);
      throw error;
    });
  }

  /**
   * Deletes an attribute of a tag; one that is not there is no error.
   *
   * @param tag The tag.
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
    await this.#write("DELETE", checkWrittenTag(tag), checkAttributeName(name), undefined, options);
  }

  /**
   * Deletes a tag; one that is not there is no error. Blobs that no tag holds any more are collected by the cluster.
   *
   * @param tag The tag.
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
    await this.#write("DELETE", parseTag(tag), undefined, undefined, options);
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
    const parts = checkWrittenTag(tag);
    checkPlacement(options);
    const files = await filesToPush(checkList("push", sources), options.update ?? false);
    return await runWithin(clusterOf(this), options, async (options) => {
      const blobs = await pushFiles(clusterOf(this), files, options);
      return await this.#tagged(tag, parts, blobs, options);
    }).catch((error) => {
      cancelUnread(sources, error);
      throw error;
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
    await this.#write("PUT", checkWrittenTag(tag), undefined, replicaSets(urls), options);
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
    return iterateWithin(clusterOf(this), options, (options) => batchesOf(clusterOf(this), source, options));
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
    return new FlatIterator(this.recordBatches(source, options), options.signal);
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
    await this.#write("PUT", parts, checkAttributeName(name), checkAttributeValue(name, value), options);
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
    await runWithin(clusterOf(this), options, (options) => appendSets(clusterOf(this), parts, sets, options));
    return canonizeTag(tag);
  }

  /**
   * Reads every replica of every blob of a tag and of all that it links to: that it is there, as large as the others and of the same content, and,
   * for chunks, that every hunk has its CRC.
   *
   * With `repair`, a blob with a bad replica is written anew from a good one, with as many replicas, and its new replicas take the old ones' place in
   * the tag, once all blobs of that tag are read. What is only out of reach is left alone. All else that is in the tag when it is read again,
   * immediately before its list is replaced, stays; DDFS has no compare-and-set, so what somebody else appends between these two requests is lost.
   *
   * @param tag The tag.
   * @param options Whether to repair, token, signal, progress.
   * @returns A report for each replica.
   * @throws {CommError} If a tag cannot be read, or, for a repair, written.
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
    return iterateWithin(clusterOf(this), options, (options) => verifyTag(clusterOf(this), tag, options));
  }

  async #tagged(tag: Tag, parts: TagParts, blobs: Replicas[], options: TagOptions): Promise<Stored> {
    await appendSets(clusterOf(this), parts, blobs, options);
    return { tag: canonizeTag(tag), blobs };
  }

  async #write(
    method: "PUT" | "DELETE",
    tag: TagParts,
    attribute: string | undefined,
    value: unknown,
    options: ReadOptions,
  ): Promise<void> {
    const json = value === undefined ? undefined : JSON.stringify(value);
    const cluster = clusterOf(this);
    await runWithin(cluster, options, async ({ token, signal }) =>
      await cluster.transport.done({
        method,
        url: cluster.tagUrl(tag, attribute),
        toMaster: true,
        token: await cluster.token("write", tag, { token, signal }),
        repeatable: true,
        signal,
        ...(json === undefined ? {} : { init: sending("application/json", () => json) }),
      }));
  }
}

/** Checks what is to be put into a tag: an empty set would crash a real cluster's server of the tag. */
function replicaSets(urls: readonly (string | readonly string[])[]): Replicas[] {
  if (!Array.isArray(urls)) {
    throw new DiscoError(
      `Invalid URLs ${show(urls)}: a tag holds a list of URLs, tag names, and lists of replica URLs`,
      { code: "invalid-url" },
    );
  }
  return urls.map((item: string | readonly string[]) => {
    const set = typeof item === "string" ? [item] : item;
    const isSet = Array.isArray(set) && set.length > 0 && set.every((url) => typeof url === "string");
    if (!isSet) {
      throw new DiscoError(`Invalid URL ${show(item)}: an item is a URL, a tag name, or a list of replica URLs`, {
        code: "invalid-url",
      });
    }
    return set.map((url) => {
      if (isTag(url) && splitScheme(url)[0] === undefined) return canonizeTag(url);
      if (url.startsWith("tag://")) parseTag(url);
      else if (splitScheme(url)[0] === undefined || /\s/.test(url)) {
        throw new DiscoError(
          `Invalid URL ${show(url)}: it needs a scheme, as in "disco://host/…", "http://…" or "tag://name"`,
          {
            code: "invalid-url",
          },
        );
      }
      return url;
    });
  });
}
