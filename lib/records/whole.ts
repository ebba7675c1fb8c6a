import { endable } from "../base/endable.ts";
import { checkOptions } from "../check.ts";
import { type HunkPool, hunkPool, INFLATED } from "../codec/pool.ts";
import { chunkParts, CHUNKS_OPTIONS, type ChunksOptions } from "./chunker.ts";
import { FlatIterator } from "../base/flat.ts";
import { joined } from "../base/bytes.ts";
import { batches, CHUNK_RECORDS_OPTIONS, type ChunkRecordsOptions } from "./batches.ts";
import { ByteReader, type ByteSource } from "../base/byte_reader.ts";
import type { Value } from "./value.ts";

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
  return endable(options.signal, (signal) => batchesOf(source, { ...options, signal }));
}

async function* batchesOf(
  source: ByteSource,
  options: ChunkRecordsOptions,
): AsyncGenerator<Value[], void, undefined> {
  const { signal, start, url: label, workers } = options;
  const input = new ByteReader(source, { label, signal, start });
  const pool = openPool(input, workers, sizeOf(source, INFLATED));
  try {
    for await (const { records } of batches(input, options, pool)) yield records;
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
function sizeOf(source: ByteSource, growth: number = 1): number | undefined {
  const { byteLength, size = byteLength } = Object(source) as { byteLength?: number; size?: number };
  return size === undefined ? undefined : size * growth;
}
