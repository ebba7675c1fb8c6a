// The header of a hunk, written and read. It stands here and not in records/ as worker threads write it too.

/** Bytes of a hunk's header. */
export const HEADER_SIZE = 14;

/** The first byte of a hunk: 128 and the version of the format. */
export const VERSION_1 = 0x81;
/** An empty zlib stream, as Python's zlib makes it. */
const EMPTY_STREAM = [0x78, 0x5e, 3, 0, 0, 0, 0, 1] as const;

/** The contents of a hunk's header. */
export interface HunkHeader {
  /** True if the data is a zlib stream. */
  readonly compressed: boolean;
  /** CRC-32 of the uncompressed data. */
  readonly crc32: number;
  /** The number of bytes of data that follow; it may be any number of 64 bits. */
  readonly length: bigint;
}

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
  view.setUint8(0, VERSION_1);
  view.setUint8(1, compressed ? 1 : 0);
  view.setUint32(2, crc32, true);
  view.setBigUint64(6, BigInt(hunk.length - HEADER_SIZE), true);
}

/**
 * Reads the header of a hunk.
 *
 * @param header Its 14 bytes.
 * @returns What it says; a text that names the problem if it is no header.
 */
export function readHeader(header: Uint8Array<ArrayBuffer>): HunkHeader | string {
  const [version = 0, flag = 0] = header;
  if (version !== VERSION_1) return `it begins with 0x${version.toString(16)}, not 0x81`;
  if (flag > 1) return `its compression is ${flag}, not 0 or 1`;
  const view = new DataView(header.buffer, header.byteOffset, HEADER_SIZE);
  return { compressed: flag === 1, crc32: view.getUint32(2, true), length: view.getBigUint64(6, true) };
}

/**
 * Tells whether bytes begin as a hunk does: no text begins so, as 0x81 goes on a character in UTF-8.
 *
 * @param bytes The first bytes of something.
 */
export function beginsAsHunk([version, flag = 0]: Iterable<number>): boolean {
  return version === VERSION_1 && flag <= 1;
}

/**
 * Makes the empty hunk that ends a chunk.
 *
 * @param compress Whether the chunk's hunks are compressed.
 * @returns The hunk, byte for byte as Python writes it.
 * @see {@link https://REPOSITORY/lib/records/FORMAT.md#chunks-and-hunks FORMAT: Chunks and hunks}
 */
export function closingHunk(compress: boolean): Uint8Array<ArrayBuffer> {
  const data = compress ? EMPTY_STREAM : [];
  const hunk = new Uint8Array(HEADER_SIZE + data.length);
  hunk.set(data, HEADER_SIZE);
  writeHeader(hunk, compress, 0);
  return hunk;
}
