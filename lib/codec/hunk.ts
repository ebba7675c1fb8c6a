import { DiscoError } from "../errors.ts";

/** Bytes of a hunk's header. */
export const HEADER_SIZE = 14;

/** The most bytes that a zlib stream may yield where the caller states no bound: 1 GiB. */
export const DEFAULT_MAX_SIZE = 1 << 30;

/** What marks a header, and version 1 of the format. */
const MARK = 0x81;

/**
 * Writes the header of a hunk.
 *
 * @param hunk Where it goes: its first 14 bytes; what follows them is the stored data.
 * @param compressed Whether the data is a zlib stream.
 * @param crc32 The CRC-32 of the uncompressed data.
 * @see FORMAT "Chunk = hunks, one after the other"
 */
export function writeHeader(hunk: Uint8Array<ArrayBuffer>, compressed: boolean, crc32: number): void {
  const view = new DataView(hunk.buffer, hunk.byteOffset, HEADER_SIZE);
  view.setUint8(0, MARK);
  view.setUint8(1, compressed ? 1 : 0);
  view.setUint32(2, crc32, true);
  view.setBigUint64(6, BigInt(hunk.length - HEADER_SIZE), true);
}

/**
 * Makes the error for data that is not what its hunk's header says.
 *
 * @param problem What is wrong with it.
 * @param cause What found it.
 * @returns An error with code `corrupt-hunk`.
 */
export function corrupt(problem: string, cause?: unknown): DiscoError {
  return new DiscoError(
    `Corrupt hunk: ${problem}`,
    cause === undefined ? { code: "corrupt-hunk" } : { code: "corrupt-hunk", cause },
  );
}

/**
 * Makes the error for data that yields more than it may.
 *
 * @param maxSize The most bytes that were accepted.
 * @returns An error with code `corrupt-hunk`.
 */
export function tooMuch(maxSize: number): DiscoError {
  return corrupt(`it holds more than the ${maxSize} bytes that are accepted`);
}

/**
 * Refuses data whose CRC-32 is not the one of its header.
 *
 * @param actual The CRC-32 of the data.
 * @param expected The CRC-32 of the header.
 * @throws {DiscoError} If they differ (code `corrupt-hunk`).
 */
export function checkCrc32(actual: number, expected: number): void {
  if (actual !== expected >>> 0) throw corrupt(`its data has CRC-32 ${hex(actual)}, its header says ${hex(expected)}`);
}

function hex(word: number): string {
  return "0x" + (word >>> 0).toString(16).padStart(8, "0");
}
