import type { OptionKind } from "../check.ts";

/** The form in which records are pickled: `py2` is what Disco's workers expect, and `py3` what Python 3 reads back as bytes. */
export type Dialect = "py2" | "py3";

/** The kind of an option that names one. */
export const DIALECT: OptionKind = ['it must be "py2" or "py3"', (value) => value === "py2" || value === "py3"];

/** The effort of compression: 1 is the quickest, 2 is smaller, and 6 is about as small as zlib's level 6. */
export type Level = 1 | 2 | 6;

/** Options of {@linkcode Codec.deflate}. */
export interface DeflateOptions {
  /**
   * The effort: 1 is the quickest, 2 is smaller, and 6 is about as small as zlib's level 6.
   *
   * @default {1}
   */
  level?: Level | undefined;
}

/**
 * Compression and checksums of hunks, by one engine.
 *
 * @see {@link https://REPOSITORY/lib/records/FORMAT.md#chunks-and-hunks FORMAT: Chunks and hunks}
 */
export interface Codec {
  /** Which engine this is. */
  readonly name: "wasm" | "js";

  /**
   * Compresses bytes into a zlib stream (RFC 1950).
   *
   * @param bytes Any bytes, any size.
   * @param options The effort.
   * @returns A zlib stream in memory of its own.
   * @throws {DiscoError} If there is no such level (code `invalid-argument`).
   */
  deflate(bytes: Uint8Array, options?: DeflateOptions): Uint8Array<ArrayBuffer>;

  /**
   * Decompresses a zlib stream (RFC 1950), its Adler-32 checked.
   *
   * @param bytes The whole stream.
   * @param size The most bytes it may yield; past it the stream is refused, before memory is taken for more.
   * @default {1073741824}
   * @returns The bytes, in memory of their own.
   * @throws {DiscoError} If the stream is not valid, cut short, followed by other bytes, or yields more than `size` bytes (code `corrupt-hunk`).
   */
  inflate(bytes: Uint8Array, size?: number): Uint8Array<ArrayBuffer>;

  /**
   * Computes the CRC-32 of bytes (the one of zlib, RFC 1952).
   *
   * @param bytes Any bytes.
   * @param seed The CRC-32 of what came before.
   * @default {0}
   * @returns An unsigned 32-bit number.
   */
  crc32(bytes: Uint8Array, seed?: number): number;
}

/** Lines that {@linkcode Engine.pickleLines} turned into pickles. */
export interface PickledLines {
  /** The pickles, back to back; a view that the next call overwrites. */
  readonly pickled: Uint8Array;
  /** Bytes of the text that were used, from where it began: whole lines, or all when it was the last text. */
  readonly consumed: number;
  /** The number of records that were written. */
  readonly records: number;
  /** Pickled size of the next line, which was not written because it exceeds `maxRecordSize`; 0 when there is none. */
  readonly tooLarge: number;
}

/** Options of {@linkcode Engine.pickleLines}. */
export interface PickleLinesOptions {
  /** The form of the pickles. */
  readonly dialect: Dialect;
  /** Stops after the record whose pickle makes the output exceed this many bytes. */
  readonly limit: number;
  /** The largest pickle that is written, in bytes. */
  readonly maxRecordSize: number;
  /** True if the text ends here, so that the rest after its last newline is a record too. */
  readonly last: boolean;
}

/** A hunk read back. */
export interface DecodedHunk {
  /** The leading records that are byte strings, one right after the other; the memory is not shared with the engine. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The places in `bytes` at which these records begin, and after them the end of the last one: one number more than there are records. */
  readonly offsets: Uint32Array<ArrayBuffer>;
  /** The pickles from the first record on that is not a plain byte string; empty when all are. For the general unpickler. */
  readonly rest: Uint8Array<ArrayBuffer>;
}

/** The facts about a stored hunk that are needed to read it. */
export interface StoredHunk {
  /** True if the data is a zlib stream. */
  readonly compressed: boolean;
  /** CRC-32 of the uncompressed data. */
  readonly crc32: number;
  /** The most uncompressed bytes that are accepted. */
  readonly maxSize: number;
}

/** Records in which a text is looked for. */
export interface SearchedRecords {
  /** The records, one right after the other. */
  readonly bytes: Uint8Array;
  /** The places at which they begin, and after them the end of the last one. */
  readonly offsets: Uint32Array | Int32Array;
}

/** An engine as chunk() and records() use it, with one call for each hunk. */
export interface Engine extends Codec {
  /**
   * Splits text at newlines and pickles each line, its newline kept.
   *
   * @param text The bytes; the first one starts a line.
   * @param start Where in `text` to begin.
   * @param options Dialect and limits.
   * @returns The pickles and what was used of the text.
   * @see {@link https://REPOSITORY/lib/records/FORMAT.md#records FORMAT: Records}
   */
  pickleLines(text: Uint8Array, start: number, options: PickleLinesOptions): PickledLines;

  /**
   * Makes a whole hunk of pickles: the 14-byte header, then the data.
   *
   * @param compress Whether to compress them.
   * @param level The effort.
   * @default {1}
   * @returns The hunk, in memory of its own.
   */
  encodeHunk(pickled: Uint8Array, compress: boolean, level?: Level): Uint8Array<ArrayBuffer>;

  /**
   * Reads a hunk's data back: inflates, checks the CRC-32, and finds the byte-string records in it.
   *
   * @param stored The data after the header.
   * @param hunk What the header says.
   * @returns The records' places, and the pickles left for the general unpickler.
   * @throws {DiscoError} If the data is not what the header says (code `corrupt-hunk`).
   */
  decodeHunk(stored: Uint8Array, hunk: StoredHunk): DecodedHunk;

  /**
   * Finds the records that have a text in them; what lies across two records is in neither.
   *
   * @param records The records, as {@linkcode decodeHunk} gives them.
   * @param text The text, of at least one byte.
   * @returns The numbers of the records, in order.
   */
  findText(records: SearchedRecords, text: Uint8Array): Uint32Array<ArrayBuffer>;
}
