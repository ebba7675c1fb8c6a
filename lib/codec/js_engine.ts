import { zlibSync } from "fflate";
import { adler32, crc32 } from "../base/checksum.ts";
import type {
  DecodedHunk,
  DeflateOptions,
  Engine,
  Level,
  PickledLines,
  PickleLinesOptions,
  SearchedRecords,
  StoredHunk,
} from "./engine.ts";
import { CHECKSUM, CUT_SHORT, HEADER, MORE_BYTES, TOO_MUCH, WRONG_CRC32 } from "./failure.ts";
import { HEADER_SIZE, writeHeader } from "./hunk.ts";
import { compacted, findByteStrings } from "./js_byte_strings.ts";
import { Inflater, Refusal } from "./js_inflate.ts";
import { levelOf } from "./level.ts";
import { DEFAULT_MAX_SIZE } from "./limits.ts";
import { LinePickler } from "./js_lines.ts";
import { refusal } from "./refusal.ts";

/** The levels of fflate for ours. */
const LEVELS = { 1: 2, 2: 4, 6: 6 } as const;

/**
 * The engine that runs everywhere: fflate compresses, plain JavaScript does the rest. fflate's decompression is not used, since it
 * accepts streams that are not valid, yields any amount, and does not tell where a stream ends.
 */
export class JsEngine implements Engine {
  /** Which engine this is. */
  readonly name = "js";
  readonly #lines = new LinePickler();

  deflate(bytes: Uint8Array, options: DeflateOptions = {}): Uint8Array<ArrayBuffer> {
    return owned(zlibSync(bytes, { level: LEVELS[levelOf(options)] }));
  }

  inflate(bytes: Uint8Array, size: number = DEFAULT_MAX_SIZE): Uint8Array<ArrayBuffer> {
    try {
      return inflated(bytes, size);
    } catch (error) {
      throw error instanceof Refusal
        ? refusal({ failure: error.failure, crc32: 0 }, { maxSize: size, crc32: 0 })
        : error;
    }
  }

  crc32(bytes: Uint8Array, seed?: number): number {
    return crc32(bytes, seed);
  }

  pickleLines(text: Uint8Array, start: number, options: PickleLinesOptions): PickledLines {
    return this.#lines.pickle(text, start, options);
  }

  encodeHunk(pickled: Uint8Array, compress: boolean, level: Level = 1): Uint8Array<ArrayBuffer> {
    const data = compress ? zlibSync(pickled, { level: LEVELS[level] }) : pickled;
    const hunk = new Uint8Array(HEADER_SIZE + data.length);
    hunk.set(data, HEADER_SIZE);
    writeHeader(hunk, compress, crc32(pickled));
    return hunk;
  }

  decodeHunk(stored: Uint8Array, hunk: StoredHunk): DecodedHunk {
    if (!hunk.compressed && stored.length > hunk.maxSize) throw refusal({ failure: TOO_MUCH, crc32: 0 }, hunk);
    const bytes = hunk.compressed ? this.inflate(stored, hunk.maxSize) : new Uint8Array(stored);
    const actual = crc32(bytes);
    if (actual !== hunk.crc32) throw refusal({ failure: WRONG_CRC32, crc32: actual }, hunk);
    return compacted(findByteStrings(bytes));
  }

  findText({ bytes, offsets }: SearchedRecords, text: Uint8Array): Uint32Array<ArrayBuffer> {
    const found: number[] = [];
    const first = text[0] ?? 0;
    let record = 0;
    for (let at = bytes.indexOf(first); at >= 0;) {
      while ((offsets[record + 1] ?? Infinity) <= at) record++;
      const end = offsets[record + 1] ?? 0;
      let i = 1;
      while (i < text.length && bytes[at + i] === text[i]) i++;
      const isIn = i === text.length && at + i <= end;
      if (isIn) found.push(record);
      at = bytes.indexOf(first, isIn ? end : at + 1);
    }
    return Uint32Array.from(found);
  }
}

/** Decodes a whole zlib stream (RFC 1950). */
function inflated(bytes: Uint8Array, maxSize: number): Uint8Array<ArrayBuffer> {
  const [method = 0, flags = 0] = bytes;
  if (bytes.length < 2 || (method & 15) !== 8 || method >> 4 > 7 || (method * 256 + flags) % 31 !== 0 || flags & 32) {
    throw new Refusal(HEADER);
  }
  const inflater = new Inflater(bytes, 2, maxSize);
  const data = inflater.decode();
  const { end } = inflater;
  if (end + 4 > bytes.length) throw new Refusal(CUT_SHORT);
  if (new DataView(bytes.buffer, bytes.byteOffset + end, 4).getUint32(0) !== adler32(data)) {
    throw new Refusal(CHECKSUM);
  }
  if (end + 4 < bytes.length) throw new Refusal(MORE_BYTES);
  return data;
}

/** Narrows a type of fflate: it allows any memory, but what fflate returns always is an ArrayBuffer of its own. */
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}
