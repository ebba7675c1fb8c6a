/**
 * A client of DDFS, the Disco Distributed Filesystem, that runs unchanged in Deno, Node, browsers and Cloudflare Workers.
 *
 * @example Storing a text and reading it back, with no cluster at hand
 * ```ts
 * import { DDFS } from "@ddfs/client";
 * import { embedded } from "@ddfs/client/embedded";
 * import { expect } from "@std/expect";
 *
 * const { fetch, master } = embedded(); // a real cluster: new DDFS("disco://localhost")
 * const ddfs = new DDFS(master, { fetch });
 * await ddfs.chunk("data:lines", [new Blob(["one\ntwo\n"])]);
 *
 * const lines: string[] = [];
 * for await (const line of ddfs.records("tag://data:lines", { text: true })) lines.push(line);
 * expect(lines).toEqual(["one\n", "two\n"]);
 * ```
 *
 * @module
 */
export { codecName, useCodec } from "./lib/codec/current.ts";
export type { WasmModule } from "./lib/codec/current.ts";
export { DDFS } from "./lib/client/ddfs.ts";
export { DDFSReader } from "./lib/client/reader.ts";
export { CommError, DataError, DiscoError, InvalidNameError, InvalidTagError, withoutTokens } from "./lib/errors.ts";
export { jobBlob, jobOob, jobTag } from "./lib/job_names.ts";
export { blobName, canonizeTag, isTag, parseTag, relativizeTag, safeName, tagName } from "./lib/names.ts";
export { resolveUrl } from "./lib/urls.ts";

export type { ChunkOptions } from "./lib/client/chunk.ts";
export type { Codec, DeflateOptions, Dialect, Level } from "./lib/codec/engine.ts";
export type { ByteSource } from "./lib/base/byte_reader.ts";
export type { Memory } from "./lib/base/bytes.ts";
export type { Clock } from "./lib/base/clock.ts";
export type { GcAmount, GcOptions, GcProgress, GcResult } from "./lib/client/gc.ts";
export type { BlobSize, NodeInfo } from "./lib/client/measure.ts";
export type { PulledBlob } from "./lib/cluster/pulled_blob.ts";
export type { Stored } from "./lib/client/ddfs.ts";
export type { CommErrorOptions, DataErrorOptions, DiscoErrorOptions, ErrorCode } from "./lib/errors.ts";
export type { Tag, TagParts } from "./lib/names.ts";
export type {
  Access,
  DDFSEvent,
  DDFSOptions,
  DecompressOptions,
  MasterHeaders,
  MasterRequest,
  Operation,
  OperationEnd,
  Progress,
  ProgressOptions,
  PullOptions,
  Range,
  RangeOptions,
  ReadOptions,
  Replicas,
  Resume,
  RetryOptions,
  TagOptions,
  TokenSource,
  WalkOptions,
  WalkTagOptions,
  WriteOptions,
} from "./lib/options.ts";
export type { GrepOptions } from "./lib/client/columns.ts";
export type { RecordsOptions } from "./lib/client/records.ts";
export type { ByteColumns, Columns, TextColumns, ValueColumns } from "./lib/records/columns.ts";
export type { SearchOptions } from "./lib/records/search.ts";
export type { ChunksOptions } from "./lib/records/chunker.ts";
export type { RecordReader } from "./lib/records/pickled_hunks.ts";
export type { ChunkRecordsOptions } from "./lib/records/batches.ts";
export type { Picklable, Value } from "./lib/records/pickle/value.ts";
export { Float, Tuple } from "./lib/records/pickle/value.ts";
export type { Settings } from "./lib/settings.ts";
export type { FileSource, Named, Source } from "./lib/sources/source.ts";
export type { GetOptions, TagObject } from "./lib/cluster/tag_object.ts";
export type { ReplicaReport } from "./lib/client/replica_check.ts";
export type { VerifyOptions } from "./lib/client/verify.ts";
export type { WalkEntry } from "./lib/cluster/walk.ts";
