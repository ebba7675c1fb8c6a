import type { DecodedHunk } from "./engine.ts";

/** Byte strings that were found in pickles. */
export interface FoundStrings {
  /** The memory that the places point into. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Start and end in `bytes` of each string, two numbers a string. */
  readonly places: Uint32Array<ArrayBuffer>;
  /** The pickles from the first one on that is not a plain byte string. */
  readonly rest: Uint8Array<ArrayBuffer>;
}

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const ENCODE = latin1("c_codecs\nencode\n");
const LATIN1 = latin1("X\x06\x00\x00\x00latin1");
const EMPTY = latin1("c__builtin__\nbytes\n");

const STOP = 0x2e; // .
const MARK = 0x28; // (
const EMPTY_TUPLE = 0x29; // )
const REDUCE = 0x52; // R
const LONG_STRING = 0x54; // T
const SHORT_STRING = 0x55; // U
const TEXT = 0x58; // X
const GLOBAL = 0x63; // c
const PUT = 0x70; // p
const BINARY_PUT = 0x71; // q
const LONG_BINARY_PUT = 0x72; // r
const TUPLE = 0x74; // t

/**
 * Finds the leading pickles of a hunk that are byte strings, of either dialect, in plain JavaScript.
 * The bytes of py3 pickles that are not ASCII are decoded in place.
 *
 * @param bytes The uncompressed data of a hunk, in memory that may be written to.
 * @returns The places of the strings, and the pickles from the first other one on.
 * @see {@link https://REPOSITORY/lib/records/FORMAT.md#records FORMAT: Records}
 */
export function findByteStrings(bytes: Uint8Array<ArrayBuffer>): FoundStrings {
  let places = new Uint32Array(1024);
  let count = 0;
  let at = 0;
  // Where the data of the pickle at hand is; `end` is -1 when the pickle is no byte string.
  let start = 0;
  let end = -1;
  while (at < bytes.length) {
    let next: number;
    const opcode = bytes[at];
    if (opcode === SHORT_STRING) {
      start = at + 2;
      end = start + (bytes[at + 1] ?? 0);
      next = stop(bytes, memo(bytes, end));
    } else if (opcode === LONG_STRING) {
      start = at + 5;
      end = start + length(bytes, at + 1);
      next = stop(bytes, memo(bytes, end));
    } else if (opcode === GLOBAL && starts(bytes, at, ENCODE)) {
      start = afterOpcode(bytes, afterOpcode(bytes, memo(bytes, at + ENCODE.length), MARK), TEXT) + 4;
      end = start + length(bytes, start - 4);
      next = memo(bytes, end);
      next = starts(bytes, next, LATIN1) ? memo(bytes, next + LATIN1.length) : NaN;
      next = memo(bytes, afterOpcode(bytes, next, TUPLE));
      next = stop(bytes, memo(bytes, afterOpcode(bytes, next, REDUCE)));
      if (next > 0) end = decodeLatin1(bytes, start, end);
      if (end < 0) next = NaN;
    } else if (opcode === GLOBAL && starts(bytes, at, EMPTY)) {
      start = end = at;
      next = afterOpcode(bytes, memo(bytes, at + EMPTY.length), EMPTY_TUPLE);
      next = stop(bytes, memo(bytes, afterOpcode(bytes, next, REDUCE)));
    } else break;
    if (!(next > 0)) break;
    if (2 * count === places.length) {
      const grown = new Uint32Array(4 * count);
      grown.set(places);
      places = grown;
    }
    places[2 * count] = start;
    places[2 * count + 1] = end;
    count++;
    at = next;
  }
  return { bytes, places: places.slice(0, 2 * count), rest: bytes.subarray(at) };
}

/**
 * Moves byte strings so that one follows right after the other.
 *
 * @param found The strings; they are moved within their memory, the rest stays where it is.
 * @returns The hunk, in the same memory.
 */
export function compacted({ bytes, places, rest }: FoundStrings): DecodedHunk {
  const count = places.length / 2;
  const offsets = new Uint32Array(count + 1);
  let to = 0;
  for (let i = 0; i < count; i++) {
    const end = places[2 * i + 1] as number;
    // No string moves up: each is preceded by its opcode.
    for (let from = places[2 * i] as number; from < end; from++) bytes[to++] = bytes[from] as number;
    offsets[i + 1] = to;
  }
  return { bytes: bytes.subarray(0, to), offsets, rest };
}

// Places are NaN from the first thing on that is not as expected; every comparison with them is false.

function afterOpcode(bytes: Uint8Array, at: number, opcode: number): number {
  return bytes[at] === opcode ? at + 1 : NaN;
}

function stop(bytes: Uint8Array, at: number): number {
  return afterOpcode(bytes, at, STOP);
}

function starts(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return false;
  return true;
}

/** Reads a length of four bytes; one that goes beyond the bytes is no length. */
function length(bytes: Uint8Array, at: number): number {
  const high = bytes[at + 3];
  if (high === undefined || high > 127) return NaN;
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | (high << 24);
}

/** Skips the opcode that stores the value in the memo, where there is one. */
function memo(bytes: Uint8Array, at: number): number {
  const opcode = bytes[at];
  if (opcode === BINARY_PUT) return at + 2;
  if (opcode === LONG_BINARY_PUT) return at + 5;
  if (opcode !== PUT) return at;
  let digits = at + 1;
  while (isDigit(bytes[digits])) digits++;
  return digits > at + 1 && bytes[digits] === 10 ? digits + 1 : NaN;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 48 && byte <= 57;
}

/** Turns UTF-8 of Latin-1 characters into their codes; -1, and nothing is changed, if it is anything else. */
function decodeLatin1(bytes: Uint8Array, start: number, end: number): number {
  let from = start;
  while (from < end && (bytes[from] as number) < 0x80) from++;
  if (from === end) return end;
  for (let i = from; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte < 0x80) continue;
    if ((byte & 0xfe) !== 0xc2 || ++i === end || ((bytes[i] as number) & 0xc0) !== 0x80) return -1;
  }
  let to = from;
  for (let i = from; i < end; i++) {
    const byte = bytes[i] as number;
    bytes[to++] = byte < 0x80 ? byte : ((byte << 6) & 0xc0) | ((bytes[++i] as number) & 0x3f);
  }
  return to;
}
