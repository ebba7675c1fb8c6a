import { joined } from "../base/bytes.ts";
import { endable } from "../base/endable.ts";
import { checkOptions, type OptionNames, SIGNAL } from "../check.ts";
import { closingHunk, HEADER_SIZE, readHeader } from "../codec/hunk.ts";
import { DataError } from "../errors.ts";
import { CHUNK_RECORDS_OPTIONS, type ChunkRecordsOptions } from "./batches.ts";
import type { Value } from "./pickle/value.ts";
import { recordBatches } from "./whole.ts";

/** A hunk of a chunk, as its header tells it. */
export interface HunkPlace {
  /** The bytes at which it begins and ends in the chunk. */
  readonly range: readonly [start: number, end: number];
  /** True if its data is a zlib stream. */
  readonly compressed: boolean;
  /** CRC-32 of its uncompressed data. */
  readonly crc32: number;
}

/** Options of {@linkcode hunkPlaces}. */
export interface HunkPlacesOptions {
  /** The size of the chunk in bytes: nothing beyond it is asked for. */
  size: number;
  /**
   * The byte to begin at: the start or the end of a hunk.
   *
   * @default {0}
   */
  start?: number | undefined;
  /**
   * The name of the resource, for errors.
   *
   * @default {"chunk"}
   */
  url?: string | undefined;
  /** Ends the work when it is aborted; its reason is thrown. */
  signal?: AbortSignal | undefined;
}

const NAMES: OptionNames<HunkPlacesOptions> = { size: true, start: true, url: true, signal: SIGNAL };

/** Options of {@linkcode hunkRecords}. */
export type HunkRecordsOptions = Omit<ChunkRecordsOptions, "ignoreCorrupt" | "onCorrupt">;

const { ignoreCorrupt: _, onCorrupt: __, ...RECORDS_NAMES } = CHUNK_RECORDS_OPTIONS;

/**
 * Finds the hunks of a chunk by their headers, one after the other: 14 bytes are read of each, and what is between them is not.
 *
 * @param read Reads the bytes from `start` up to `end`, which is not among them.
 * @param options The chunk's size, and where to begin.
 * @returns The hunks; the empty one that ends the chunk is not among them.
 * @throws {DataError} If what should be a header is none, or the chunk is cut short (code `corrupt-hunk`).
 *
 * @example The records of the last hunk
 * ```ts
 * import { chunks, hunkPlaces, hunkRecords } from "@ddfs/client/records";
 * import { expect } from "@std/expect";
 *
 * const text = new Blob(Array.from({ length: 200_000 }, (_, i) => `${i}\n`));
 * for await (const chunk of chunks(text)) {
 *   // Of a stored blob: (start, end) => blob.bytes({ range: { start, end } })
 *   const read = (start: number, end: number) => Promise.resolve(chunk.slice(start, end));
 *   const places = [];
 *   for await (const place of hunkPlaces(read, { size: chunk.length })) places.push(place);
 *   const [start, end] = places.at(-1)?.range ?? [0, 0];
 *
 *   const records = await hunkRecords(await read(start, end), { text: true });
 *   expect(places.length).toBeGreaterThan(1);
 *   expect(records.at(-1)).toBe("199999\n");
 * }
 * ```
 *
 * @see {@link https://REPOSITORY/lib/records/FORMAT.md#chunks-and-hunks FORMAT: Chunks and hunks}
 */
export function hunkPlaces(
  read: (start: number, end: number) => Promise<Uint8Array<ArrayBuffer>>,
  options: HunkPlacesOptions,
): AsyncIterableIterator<HunkPlace> {
  checkOptions("hunkPlaces()", options, NAMES);
  return endable(options.signal, (signal) => placesOf(read, options, signal));
}

async function* placesOf(
  read: (start: number, end: number) => Promise<Uint8Array<ArrayBuffer>>,
  { size, start: first = 0, url = "chunk" }: HunkPlacesOptions,
  signal: AbortSignal,
): AsyncGenerator<HunkPlace, void, undefined> {
  for (let start = first;;) {
    const corrupt = (problem: string, end: number) => {
      const message = `Corrupt hunk at bytes ${start} to ${end} of ${url}: ${problem}`;
      return new DataError(message, { code: "corrupt-hunk", url, range: [start, end] });
    };
    if (start >= size) throw corrupt("the chunk ends without its empty last hunk: it is cut short", start);
    const data = start + HEADER_SIZE;
    const bytes = await read(start, Math.min(data, size));
    signal.throwIfAborted();
    if (bytes.length < HEADER_SIZE) {
      throw corrupt(`its header is cut short: ${bytes.length} of ${HEADER_SIZE} bytes are there`, start + bytes.length);
    }
    const header = readHeader(bytes);
    if (typeof header === "string") throw corrupt(header, data);
    const { compressed, crc32, length } = header;
    if (!compressed && length === 0n) return;
    // The empty stream that ends a compressed chunk stands at its end.
    const end = data + Number(length);
    if (length > BigInt(size - data)) {
      throw corrupt(`its data is cut short: ${size - data} of ${length} bytes are there`, size);
    }
    if (end === size && crc32 === 0 && length <= LONGEST_EMPTY) return;
    yield { range: [start, end], compressed, crc32 };
    start = end;
  }
}

/** The most bytes of an empty zlib stream, by whatever library. */
const LONGEST_EMPTY = 16n;

/**
 * Reads the records of one hunk.
 *
 * @param hunk Its bytes, from its header to its end, as {@linkcode hunkPlaces} found it.
 * @param options How to read; `start` is its first byte in the chunk, for errors.
 * @returns The records; byte strings are views of one memory.
 * @throws {DataError} If it cannot be read (code `corrupt-hunk`, with its range).
 *
 * @example A chunk of a single hunk
 * ```ts
 * import { chunks, hunkPlaces, hunkRecords } from "@ddfs/client/records";
 * import { expect } from "@std/expect";
 *
 * for await (const chunk of chunks(new Blob(["one\ntwo\n"]))) {
 *   const read = (start: number, end: number) => Promise.resolve(chunk.slice(start, end));
 *   for await (const { range } of hunkPlaces(read, { size: chunk.length })) {
 *     expect(await hunkRecords(await read(...range), { text: true })).toEqual(["one\n", "two\n"]);
 *   }
 * }
 * ```
 */
export async function hunkRecords(
  hunk: Uint8Array<ArrayBuffer>,
  options: HunkRecordsOptions = {},
): Promise<Value[]> {
  checkOptions("hunkRecords()", options, RECORDS_NAMES);
  const closing = closingHunk(false);
  const closed = joined([hunk, closing]);
  const records: Value[] = [];
  for await (const batch of recordBatches(closed, { workers: 0, ...options })) {
    for (const record of batch) records.push(record);
  }
  return records;
}
