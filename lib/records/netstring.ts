import type { Corrupt } from "./hunk.ts";
import { joined } from "../base/bytes.ts";
import type { ByteReader } from "../base/byte_reader.ts";
import { Tuple } from "./pickle/value.ts";

const NEWLINE = 10;
const SPACE = 32;
/** Digits of the longest length. */
const MAX_DIGITS = 15;

/** Pairs of keys and values, and where they are. */
export interface Pairs {
  /** The pairs. */
  readonly records: Tuple[];
  /** The bytes at which they begin and end in the resource. */
  readonly range: readonly [start: number, end: number];
}

/**
 * Reads pairs of the old format, `<length> <key> <length> <value>\n`.
 *
 * @param source The bytes, however they are split.
 * @param maxHunkSize The most bytes that a key or a value may have.
 * @param corrupt Makes errors.
 * @returns The pairs, as many at a time as a part of the source completes.
 * @throws {DataError} If a pair is not valid, or cut short (code `corrupt-hunk`).
 * @see {@link https://REPOSITORY/lib/records/FORMAT.md#the-old-netstring-format FORMAT: The old netstring format}
 */
export async function* netstrings(
  source: ByteReader,
  maxHunkSize: number,
  corrupt: Corrupt,
): AsyncGenerator<Pairs, void, undefined> {
  let start = source.position;
  let parts: Uint8Array[] = [];
  let size = 0;
  let needed = 1;
  for (let part = await source.read(); part !== undefined; part = await source.read()) {
    // Copied, as the source may use its memory again, and records are views.
    parts.push(part.slice());
    size += part.length;
    if (size < needed) continue;
    const parser = new PairParser(joined(parts, size), start, maxHunkSize, corrupt);
    const records = parser.pairs();
    const left = parser.bytes.subarray(parser.at);
    parts = [left];
    size = left.length;
    needed = size + parser.missing;
    if (records.length > 0) yield { records, range: [start, start + parser.at] };
    start += parser.at;
  }
  if (size > 0) throw corrupt("its last pair is cut short", [start, start + size]);
}

/** Reads the pairs that are complete. */
class PairParser {
  /** The bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The position at which the first incomplete pair begins. */
  at = 0;
  /** The least number of bytes that this pair lacks. */
  missing = 1;
  readonly #start: number;
  readonly #maxHunkSize: number;
  readonly #makeError: Corrupt;

  constructor(bytes: Uint8Array<ArrayBuffer>, start: number, maxHunkSize: number, makeError: Corrupt) {
    this.bytes = bytes;
    this.#start = start;
    this.#maxHunkSize = maxHunkSize;
    this.#makeError = makeError;
  }

  pairs(): Tuple[] {
    const pairs: Tuple[] = [];
    for (;;) {
      const key = this.#field(this.at, SPACE);
      const value = key === undefined ? undefined : this.#field(key.end, NEWLINE);
      if (key === undefined || value === undefined) return pairs;
      pairs.push(Tuple.from([key.data, value.data]));
      this.at = value.end;
    }
  }

  /** Reads a length, a space, so many bytes and what ends them; `undefined` if they are not all there. */
  #field(start: number, ending: number): { readonly data: Uint8Array<ArrayBuffer>; readonly end: number } | undefined {
    let at = start;
    let length = 0;
    for (let byte = this.bytes[at]; byte !== SPACE; byte = this.bytes[++at]) {
      if (byte === undefined) return this.#lacks(1);
      if (byte < 48 || byte > 57 || at - start === MAX_DIGITS) {
        throw this.#corrupt("there is no length where one is due", at);
      }
      length = 10 * length + byte - 48;
    }
    if (at === start) throw this.#corrupt("there is no length where one is due", at);
    const maxHunkSize = this.#maxHunkSize;
    if (length > maxHunkSize) throw this.#corrupt(`it claims ${length} bytes, maxHunkSize is ${maxHunkSize}`, at);
    const end = at + 1 + length;
    if (end >= this.bytes.length) return this.#lacks(end + 1 - this.bytes.length);
    if (this.bytes[end] !== ending) throw this.#corrupt("its length is not that of its data", end);
    return { data: this.bytes.subarray(at + 1, end), end: end + 1 };
  }

  #lacks(missing: number): undefined {
    this.missing = missing;
  }

  #corrupt(problem: string, at: number): Error {
    const range = [this.#start + this.at, this.#start + at + 1] as const;
    return this.#makeError(`in a pair of the old format ${problem}`, range);
  }
}
