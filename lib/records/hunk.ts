import { HEADER_SIZE } from "../codec/limits.ts";
import type { DataError } from "../errors.ts";
import type { SourceReader } from "../base/byte_reader.ts";

/** The largest hunk that is read by default, stored or uncompressed: 256 MiB. Python writes hunks of one or two. */
export const MAX_HUNK_SIZE: number = 1 << 28;

/** The first byte of a hunk: 128 and the version of the format. */
const VERSION_1 = 0x81;
/** Memory is taken as data arrives, but for hunks of usual size at once. */
const FIRST_MEMORY = 1 << 22;

/**
 * Makes the empty hunk that ends a chunk.
 *
 * @param compress Whether the chunk's hunks are compressed.
 * @returns The hunk, byte for byte as Python writes it.
 * @see {@link https://REPOSITORY/lib/records/FORMAT.md#chunks-and-hunks FORMAT: Chunks and hunks}
 */
export function closingHunk(compress: boolean): Uint8Array<ArrayBuffer> {
  const data = compress ? [0x78, 0x5e, 3, 0, 0, 0, 0, 1] : [];
  return Uint8Array.of(VERSION_1, Number(compress), 0, 0, 0, 0, data.length, 0, 0, 0, 0, 0, 0, 0, ...data);
}

/** A hunk as it is in a chunk. */
export interface Hunk {
  /** Whether the data is a zlib stream. */
  readonly compressed: boolean;
  /** CRC-32 of the uncompressed data. */
  readonly crc32: number;
  /** The data, in memory of its own. */
  readonly data: Uint8Array<ArrayBuffer>;
  /** Where the hunk begins and ends in the resource, in bytes. */
  readonly range: readonly [start: number, end: number];
}

/** Makes the error of a hunk that cannot be read, with code `corrupt-hunk`. */
export type Corrupt = (problem: string, range: readonly [start: number, end: number], cause?: unknown) => DataError;

/**
 * Tells whether a source reads as a chunk: no text begins so, as 0x81 goes on a character in UTF-8.
 *
 * @param source The source, which keeps what was looked at.
 */
export async function isChunk(source: SourceReader): Promise<boolean> {
  const [version, flag = 0] = await source.peek() ?? [];
  return version === VERSION_1 && flag <= 1;
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
  source: SourceReader,
  maxHunkSize: number,
  corrupt: Corrupt,
): AsyncGenerator<Hunk, void, undefined> {
  const header = new Uint8Array(HEADER_SIZE);
  const view = new DataView(header.buffer);
  for (;;) {
    const start = source.position;
    const error = (problem: string) => corrupt(problem, [start, source.position]);
    const filled = await source.fill(header);
    if (filled === 0) return;
    if (filled < HEADER_SIZE) throw error(`its header is cut short: ${filled} of ${HEADER_SIZE} bytes are there`);
    const [version = 0, flag = 0] = header;
    if (version !== VERSION_1) throw error(`it begins with 0x${version.toString(16)}, not 0x81`);
    if (flag > 1) throw error(`its compression is ${flag}, not 0 or 1`);
    const length = view.getBigUint64(6, true);
    if (length > maxHunkSize) {
      throw error(
        `its header claims ${length} bytes, maxHunkSize is ${maxHunkSize}: raise it if they are real`,
      );
    }
    const data = await readData(source, Number(length));
    if (data.length < length) throw error(`its data is cut short: ${data.length} of ${length} bytes are there`);
    yield { compressed: flag === 1, crc32: view.getUint32(2, true), data, range: [start, source.position] };
    if (flag === 0 && length === 0n) return;
  }
}

async function readData(source: SourceReader, length: number): Promise<Uint8Array<ArrayBuffer>> {
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
