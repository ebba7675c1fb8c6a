import { endable } from "../base/endable.ts";
import { checkOptions } from "../check.ts";
import { type HunkPool, hunkPool } from "../codec/pool.ts";
import { chunkParts, CHUNKS_OPTIONS, type ChunksOptions } from "./chunker.ts";
import { FlatIterator } from "../base/flat.ts";
import { joined } from "../base/bytes.ts";
import { AS_VALUES, batches, CHUNK_RECORDS_OPTIONS, type ChunkRecordsOptions, type RecordForm } from "./batches.ts";
import { ByteReader, type ByteSource } from "../base/byte_reader.ts";
import {
  AS_BYTES,
  AS_TEXT,
  type ByteColumns,
  checkColumnSize,
  type Columns,
  type TextColumns,
  type ValueColumns,
} from "./columns.ts";
import type { Value } from "./pickle/value.ts";

/**
 * Makes chunks of a text: each line is a record, or whatever `reader` finds.
 *
 * A few hunks beyond a chunk are under way while it is waited for, no more.
 *
 * @param source The text, as bytes: a stream is cancelled when it is not read to its end.
 * @param options Sizes, reader, dialect, threads.
 * @returns The chunks, as Disco's own library would make them; none if there are no records.
 * @throws {DiscoError} If a record is larger than `maxRecordSize` (code `record-too-large`), a record cannot be pickled or an option is wrong
 * (`invalid-argument`), or the source fails (`source-failed`).
 *
 * @example Lines there and back
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
 * @see {@link https://REPOSITORY/lib/records/FORMAT.md#chunks-and-hunks FORMAT: Chunks and hunks}
 */
export function chunks(
  source: ByteSource,
  options: ChunksOptions = {},
): AsyncIterableIterator<Uint8Array<ArrayBuffer>> {
  checkOptions("chunks()", options, CHUNKS_OPTIONS);
  return endable(options.signal, (signal) => chunksOf(source, { ...options, signal }));
}

async function* chunksOf(
  source: ByteSource,
  options: ChunksOptions,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const { signal, workers } = options;
  const input = new ByteReader(source, { signal });
  const pool = openPool(input, workers, sizeOf(source));
  try {
    for await (const { hunks, size } of chunkParts(input, options, (hunk) => hunk, pool)) {
      yield joined(hunks, size);
    }
  } finally {
    pool.close();
  }
}

/**
 * Reads the records of a chunk, one array a hunk: the fast way.
 *
 * A few hunks are read ahead. The old netstring format is read too: each record is a {@linkcode Tuple} of key and value.
 *
 * @param source The chunk; a stream is cancelled when it is not read to its end.
 * @param options How to read.
 * @returns The records; byte strings are views of one memory a hunk, so copy what is kept for long.
 * @throws {DataError} If a hunk cannot be read, or the chunk is cut short (code `corrupt-hunk`, with the hunk's range).
 * @throws {DiscoError} If the source fails (code `source-failed`).
 *
 * @example
 * ```ts
 * import { chunks, recordBatches } from "@ddfs/client/records";
 * import { expect } from "@std/expect";
 *
 * let lines = 0;
 * for await (const chunk of chunks(new Blob(["one\ntwo\n"]))) {
 *   for await (const batch of recordBatches(chunk)) lines += batch.length;
 * }
 * expect(lines).toBe(2);
 * ```
 *
 * @see {@link https://REPOSITORY/lib/records/FORMAT.md#chunks-and-hunks FORMAT: Chunks and hunks}
 */
export function recordBatches(source: ByteSource, options: ChunkRecordsOptions = {}): AsyncIterableIterator<Value[]> {
  checkOptions("recordBatches()", options, CHUNK_RECORDS_OPTIONS);
  return endable(options.signal, (signal) => batchesOf(source, { ...options, signal }, AS_VALUES));
}

/**
 * Reads the records of a chunk without an object for each, a hunk at a time: bytes and where the records are in them, as Apache Arrow has a column.
 *
 * A hunk with any record that is no byte string comes as `values`. What `recordBatches()` says of order, the old format and errors is so here, too.
 *
 * @param source The chunk; a stream is cancelled when it is not read to its end.
 * @param options How to read; with `text`, text and offsets in UTF-16 units.
 * @returns The records of each hunk that has some.
 * @throws {DataError} If a hunk cannot be read, or the chunk is cut short (code `corrupt-hunk`, with the hunk's range).
 * @throws {DiscoError} If the source fails (code `source-failed`), or an option is wrong (`invalid-argument`).
 *
 * @example The length of the longest line
 * ```ts
 * import { chunks, recordColumns } from "@ddfs/client/records";
 * import { expect } from "@std/expect";
 *
 * let longest = 0;
 * for await (const chunk of chunks(new Blob(["one\nthree\n"]))) {
 *   for await (const columns of recordColumns(chunk)) {
 *     if (columns.kind === "values") continue; // chunks() of a text makes no such hunks
 *     const { bytes, offsets } = columns;
 *     expect([bytes.length, ...offsets]).toEqual([10, 0, 4, 10]);
 *     for (let i = 1; i < offsets.length; i++) {
 *       longest = Math.max(longest, (offsets[i] ?? 0) - (offsets[i - 1] ?? 0));
 *     }
 *   }
 * }
 * expect(longest).toBe(6);
 * ```
 *
 * @example As text
 * ```ts
 * import { chunks, recordColumns } from "@ddfs/client/records";
 * import { expect } from "@std/expect";
 *
 * for await (const chunk of chunks(new Blob(["één\ntwo\n"]))) {
 *   for await (const columns of recordColumns(chunk, { text: true })) {
 *     expect(columns).toEqual({ kind: "text", text: "één\ntwo\n", offsets: Int32Array.of(0, 4, 8) });
 *   }
 * }
 * ```
 *
 * @see {@link https://REPOSITORY/lib/records/FORMAT.md#records FORMAT: Records}
 */
export function recordColumns(
  source: ByteSource,
  options: ChunkRecordsOptions & { text: true },
): AsyncIterableIterator<TextColumns | ValueColumns>;
/** Reads the records as bytes and offsets. */
export function recordColumns(
  source: ByteSource,
  options?: ChunkRecordsOptions & { text?: false | undefined },
): AsyncIterableIterator<ByteColumns | ValueColumns>;
/** Reads the records as bytes or text, whichever `text` says. */
export function recordColumns(source: ByteSource, options?: ChunkRecordsOptions): AsyncIterableIterator<Columns>;
export function recordColumns(source: ByteSource, options: ChunkRecordsOptions = {}): AsyncIterableIterator<Columns> {
  checkOptions("recordColumns()", options, CHUNK_RECORDS_OPTIONS);
  checkColumnSize(options);
  return endable<Columns>(
    options.signal,
    (signal) =>
      options.text === true
        ? batchesOf(source, { ...options, signal }, AS_TEXT)
        : batchesOf(source, { ...options, signal }, AS_BYTES),
  );
}

async function* batchesOf<Records>(
  source: ByteSource,
  options: ChunkRecordsOptions,
  form: RecordForm<Records>,
): AsyncGenerator<Records, void, undefined> {
  const { signal, start, url: label, workers } = options;
  const input = new ByteReader(source, { label, signal, start });
  const pool = openPool(input, workers, sizeOf(source));
  try {
    for await (const { records } of batches(input, options, pool, form)) yield records;
  } finally {
    pool.close();
  }
}

/**
 * Reads the records of a chunk one by one.
 *
 * {@linkcode recordBatches} spares the promise that each record costs here.
 *
 * @param source The chunk; a stream is cancelled when it is not read to its end.
 * @param options How to read.
 * @returns The records; byte strings are views of one memory a hunk, so copy what is kept for long.
 * @throws {DataError} If a hunk cannot be read, or the chunk is cut short (code `corrupt-hunk`, with the hunk's range).
 * @throws {DiscoError} If the source fails (code `source-failed`).
 *
 * @example
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
 * @see {@link https://REPOSITORY/lib/records/FORMAT.md#chunks-and-hunks FORMAT: Chunks and hunks}
 */
export function records(source: ByteSource, options: ChunkRecordsOptions = {}): AsyncIterableIterator<Value> {
  return new FlatIterator(recordBatches(source, options), options.signal);
}

/** The pool of a source, which is ended where there can be none. */
function openPool(input: ByteReader, workers: number | undefined, expected: number | undefined): HunkPool {
  try {
    return hunkPool(workers, { expected });
  } catch (error) {
    input.cancel(error);
    throw error;
  }
}

/** Gives the number of bytes that will come, if it is known. */
function sizeOf(source: ByteSource): number | undefined {
  const { byteLength, size = byteLength } = Object(source) as { byteLength?: number; size?: number };
  return size;
}
