import { beginsAsHunk, HEADER_SIZE, readHeader } from "../codec/hunk.ts";
import type { DataError } from "../errors.ts";
import type { ByteReader } from "../base/byte_reader.ts";

/** The largest hunk that is read by default, stored or uncompressed: 64 MiB. Python writes hunks of one or two, unless a record is larger. */
export const MAX_HUNK_SIZE: number = 1 << 26;

/** Memory is taken as data arrives, but for hunks of usual size at once. */
const FIRST_MEMORY = 1 << 22;

/** A hunk as it is in a chunk. */
export interface Hunk {
  /** True if the data is a zlib stream. */
  readonly compressed: boolean;
  /** CRC-32 of the uncompressed data. */
  readonly crc32: number;
  /** The data, in memory of its own, or in that of the source. */
  readonly data: Uint8Array<ArrayBuffer>;
  /** The bytes at which the hunk begins and ends in the resource. */
  readonly range: readonly [start: number, end: number];
}

/** Makes the error of a hunk that cannot be read, with code `corrupt-hunk`. */
export type Corrupt = (problem: string, range: readonly [start: number, end: number], cause?: unknown) => DataError;

/**
 * Tells whether a source reads as a chunk.
 *
 * @param source The source, which keeps what was looked at.
 */
export async function isChunk(source: ByteReader): Promise<boolean> {
  return beginsAsHunk(await source.peek(2) ?? []);
}

/**
 * Reads the hunks of a chunk, up to its end or through an empty one that is stored.
 *
 * @param source The bytes, however they are split.
 * @param maxHunkSize The most bytes that a hunk may have.
 * @param corrupt Makes errors.
 * @returns The hunks.
 * @throws {DataError} If a header is not valid, or a hunk is cut short (code `corrupt-hunk`).
 * @see {@link https://REPOSITORY/lib/records/FORMAT.md#chunks-and-hunks FORMAT: Chunks and hunks}
 */
export async function* hunks(
  source: ByteReader,
  maxHunkSize: number,
  corrupt: Corrupt,
): AsyncGenerator<Hunk, void, undefined> {
  const bytes = new Uint8Array(HEADER_SIZE);
  for (;;) {
    const start = source.position;
    const error = (problem: string) => corrupt(problem, [start, source.position]);
    const filled = await source.fill(bytes);
    if (filled === 0) return;
    if (filled < HEADER_SIZE) throw error(`its header is cut short: ${filled} of ${HEADER_SIZE} bytes are there`);
    const header = readHeader(bytes);
    if (typeof header === "string") throw error(header);
    const { compressed, crc32, length } = header;
    if (length > maxHunkSize) {
      throw error(
        `its header claims ${length} bytes, maxHunkSize is ${maxHunkSize}: raise it if they are real`,
      );
    }
    const data = await source.view(Number(length)) ?? await readData(source, Number(length));
    if (data.length < length) throw error(`its data is cut short: ${data.length} of ${length} bytes are there`);
    yield { compressed, crc32, data, range: [start, source.position] };
    if (!compressed && length === 0n) return;
  }
}

async function readData(source: ByteReader, length: number): Promise<Uint8Array<ArrayBuffer>> {
  let data = new Uint8Array(Math.min(length, FIRST_MEMORY));
  let filled = await source.fill(data);
  while (filled === data.length && filled < length) {
    const grown = new Uint8Array(Math.min(length, 2 * filled));
    grown.set(data);
    data = grown;
    filled += await source.fill(data.subarray(filled));
  }
  return data.subarray(0, filled);
}
