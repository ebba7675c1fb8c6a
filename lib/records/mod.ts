/**
 * The chunk format by itself: records to chunks and back, and pickles.
 *
 * @example A chunk and its records
 * ```ts
 * import { chunks, records } from "@ddfs/client/records";
 * import { expect } from "@std/expect";
 *
 * const lines: unknown[] = [];
 * for await (const chunk of chunks(new Blob(["one\ntwo\n"]))) {
 *   for await (const line of records(chunk, { text: true })) lines.push(line);
 * }
 * expect(lines).toEqual(["one\n", "two\n"]);
 * ```
 *
 * @module
 */
export type { ChunksOptions } from "./chunker.ts";
export { dumps, loads } from "./pickle/pickle.ts";
export type { DumpsOptions, LoadsOptions } from "./pickle/pickle.ts";
export type { RecordReader } from "./pickled_hunks.ts";
export type { ChunkRecordsOptions } from "./batches.ts";
export type { ByteColumns, Columns, TextColumns, ValueColumns } from "./columns.ts";
export type { ByteSource } from "../base/byte_reader.ts";
export type { Memory } from "../base/bytes.ts";
export { hunkPlaces, hunkRecords } from "./hunk_places.ts";
export type { HunkPlace, HunkPlacesOptions, HunkRecordsOptions } from "./hunk_places.ts";
export { chunks, recordBatches, recordColumns, records } from "./whole.ts";
export { Float, Tuple } from "./pickle/value.ts";
export type { Picklable, Value } from "./pickle/value.ts";
export type { Dialect, Level } from "../codec/engine.ts";
export { DataError, DiscoError } from "../errors.ts";
export type { DataErrorOptions, DiscoErrorOptions, ErrorCode } from "../errors.ts";
