import { zlibSync } from "fflate";
import { adler32, crc32 } from "./checksum.ts";
import { corrupt, tooMuch, wrongCrc32 } from "./corrupt.ts";
import type { DecodedHunk, Engine, PickledLines, PickleLinesOptions, StoredHunk } from "./engine.ts";
import { DEFAULT_MAX_SIZE, HEADER_SIZE, writeHeader } from "./hunk.ts";
import { findByteStrings } from "./js_byte_strings.ts";
import { Inflater } from "./js_inflate.ts";
import { LinePickler } from "./js_lines.ts";

/**
 * The engine that runs everywhere: fflate compresses, plain JavaScript does the rest. fflate's decompression is not used, since it
 * accepts streams that are not valid, yields any amount, and does not tell where a stream ends.
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
    if (bytes.length < 2 || (method & 15) !== 8 || method >> 4 > 7 || (method * 256 + flags) % 31 !== 0 || flags & 32) {
      throw corrupt("its zlib stream does not begin as one");
    }
    const inflater = new Inflater(bytes, 2, size);
    const inflated = inflater.decode();
    const { end } = inflater;
    if (end + 4 > bytes.length) throw corrupt("its zlib stream is cut short");
    if (new DataView(bytes.buffer, bytes.byteOffset + end, 4).getUint32(0) !== adler32(inflated)) {
      throw corrupt("its zlib stream has a wrong Adler-32");
    }
    if (end + 4 < bytes.length) throw corrupt("its zlib stream is followed by other bytes");
    return inflated;
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
    const actual = crc32(bytes);
    if (actual !== hunk.crc32) throw wrongCrc32(actual, hunk.crc32);
    return findByteStrings(bytes);
  }
}

/** What fflate returns is typed as any memory, but always is an ArrayBuffer of its own. */
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}
