import { HEADER_SIZE } from "./limits.ts";

/** What marks a header, and version 1 of the format. */
const MARK = 0x81;

/**
 * Writes the header of a hunk.
 *
 * @param hunk Where it goes: its first 14 bytes; what follows them is the stored data.
 * @param compressed Whether the data is a zlib stream.
 * @param crc32 The CRC-32 of the uncompressed data.
 * @see {@link https://REPOSITORY/lib/records/FORMAT.md#chunks-and-hunks FORMAT: Chunks and hunks}
 */
export function writeHeader(hunk: Uint8Array<ArrayBuffer>, compressed: boolean, crc32: number): void {
  const view = new DataView(hunk.buffer, hunk.byteOffset, HEADER_SIZE);
  view.setUint8(0, MARK);
  view.setUint8(1, compressed ? 1 : 0);
  view.setUint32(2, crc32, true);
  view.setBigUint64(6, BigInt(hunk.length - HEADER_SIZE), true);
}
