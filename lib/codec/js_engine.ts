import { Inflate, zlibSync } from "fflate";
import { adler32, crc32 } from "./checksum.ts";
import type { DecodedHunk, Engine, PickledLines, PickleLinesOptions, StoredHunk } from "./engine.ts";
import { checkCrc32, corrupt, DEFAULT_MAX_SIZE, HEADER_SIZE, tooMuch, writeHeader } from "./hunk.ts";
import { findByteStrings } from "./js_byte_strings.ts";
import { LinePickler } from "./js_lines.ts";

/** Bytes of a zlib stream that are inflated at a time: they yield at most 1032 times as many, which bounds what a bomb takes. */
const STEP = 16384;

/**
 * The engine that runs everywhere: fflate for deflate and inflate, plain JavaScript for the rest.
 *
 * What fflate lets pass, the checksum at the stream's end refuses.
 */
export class JsEngine implements Engine {
  /** Which engine this is. */
  readonly name = "js";
  readonly #lines = new LinePickler();

  deflate(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    return owned(zlibSync(bytes, { level: 2 }));
  }

  inflate(bytes: Uint8Array, size: number = DEFAULT_MAX_SIZE): Uint8Array<ArrayBuffer> {
    const [method = 0, flags = 0] = bytes;
    if (bytes.length < 8 || (method & 15) !== 8 || method >> 4 > 7 || (method * 256 + flags) % 31 !== 0 || flags & 32) {
      throw corrupt("its data does not begin as a zlib stream");
    }
    const end = bytes.length - 4;
    const parts: Uint8Array[] = [];
    let total = 0;
    const inflater = new Inflate((part) => {
      total += part.length;
      if (total > size) throw tooMuch(size);
      if (part.length > 0) parts.push(part);
    });
    try {
      for (let at = 2; at < end; at += STEP) {
        inflater.push(bytes.subarray(at, Math.min(at + STEP, end)), at + STEP >= end);
      }
    } catch (error) {
      if (total > size) throw error;
      throw corrupt("its zlib stream is not valid, or cut short", error);
    }
    const result = joined(parts, total);
    const expected = new DataView(bytes.buffer, bytes.byteOffset + end, 4).getUint32(0);
    if (adler32(result) !== expected) {
      throw corrupt("its zlib stream is not valid: the Adler-32 is wrong, or bytes follow it");
    }
    return result;
  }

  crc32(bytes: Uint8Array, seed?: number): number {
    return crc32(bytes, seed);
  }

  pickleLines(text: Uint8Array, start: number, options: PickleLinesOptions): PickledLines {
    return this.#lines.pickle(text, start, options);
  }

  encodeHunk(pickled: Uint8Array, compress: boolean): Uint8Array<ArrayBuffer> {
    const data = compress ? zlibSync(pickled, { level: 2 }) : pickled;
    const hunk = new Uint8Array(HEADER_SIZE + data.length);
    hunk.set(data, HEADER_SIZE);
    writeHeader(hunk, compress, crc32(pickled));
    return hunk;
  }

  decodeHunk(stored: Uint8Array, hunk: StoredHunk): DecodedHunk {
    if (!hunk.compressed && stored.length > hunk.maxSize) throw tooMuch(hunk.maxSize);
    const bytes = hunk.compressed ? this.inflate(stored, hunk.maxSize) : new Uint8Array(stored);
    checkCrc32(crc32(bytes), hunk.crc32);
    return findByteStrings(bytes);
  }
}

function joined(parts: readonly Uint8Array[], total: number): Uint8Array<ArrayBuffer> {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return owned(only);
  const whole = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** What fflate returns is typed as any memory, but always is an ArrayBuffer of its own. */
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}
