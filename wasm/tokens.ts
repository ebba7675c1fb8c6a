import { continueOutput, out, pending, pendingCount, put } from "./bit_writer";
import { buildCodes } from "./huffman";
import { tokensEnd } from "./matches";
import {
  DISTANCE_CODES,
  DISTANCE_LENGTHS,
  LENGTH_CODES,
  LENGTH_EXTRA,
  LENGTH_SYMBOL,
  LITERAL_CODES,
  LITERAL_LENGTHS,
  TOKENS,
  word,
} from "./memory";
import { distanceExtra, DISTANCES, distanceSymbol, END_OF_BLOCK, FIRST_LENGTH, LITERALS } from "./tables";

// A literal and a match fit into the 57 bits that are free after each store.

/** Bits of the longest literal or length code. */
export const LONGEST_LITERAL_CODE: u32 = 13;
/** Bits of the longest distance code. */
export const LONGEST_DISTANCE_CODE: u32 = 12;

/** Joins the code and the extra bits of each match length: bits, and from bit 24 on their number. Notes those of distances. */
function buildMatchCodes(): void {
  let base: u32 = 3;
  for (let length: u32 = 3; length <= 258; length++) {
    const symbol: u32 = load<u8>(LENGTH_SYMBOL + length);
    if (symbol != <u32>load<u8>(LENGTH_SYMBOL + length - 1)) base = length;
    const code = word(LITERAL_CODES, FIRST_LENGTH + symbol);
    const codeBits = code >>> 16;
    const joined = (code & 0xffff) | ((length - base) << codeBits);
    store<u32>(LENGTH_CODES + (length << 2), joined | ((codeBits + <u32>load<u8>(LENGTH_EXTRA + symbol)) << 24));
  }
  for (let symbol: u32 = 0; symbol < DISTANCES; symbol++) {
    const code = DISTANCE_CODES + (symbol << 2);
    store<u32>(code, load<u32>(code) | (distanceExtra(symbol) << 24));
  }
}

/**
 * Writes the symbols of a block, the last one included, by the code lengths that are in place.
 *
 * @param data The input that the block stands for, up to `end`.
 */
export function writeTokens(data: usize, end: usize): void {
  buildCodes(LITERAL_LENGTHS, LITERALS, LITERAL_CODES);
  buildCodes(DISTANCE_LENGTHS, DISTANCES, DISTANCE_CODES);
  buildMatchCodes();
  let to = out;
  let left = pending;
  let n = pendingCount;
  for (let token = TOKENS; token < tokensEnd; token += 8) {
    const match = load<u32>(token);
    let run = <i32>load<u32>(token, 4);
    while (run > 1) {
      // Up to four literals at a time, but not the last one.
      run--;
      const four = load<u32>(data);
      const a = word(LITERAL_CODES, four & 255);
      const b = run > 1 ? word(LITERAL_CODES, (four >>> 8) & 255) : 0;
      const c = run > 2 ? word(LITERAL_CODES, (four >>> 16) & 255) : 0;
      const d = run > 3 ? word(LITERAL_CODES, four >>> 24) : 0;
      const ab = (a >>> 16) + (b >>> 16);
      left |= ((code(a) | (code(b) << (a >>> 16))) << n) | ((code(c) | (code(d) << (c >>> 16))) << (n + ab));
      n += ab + (c >>> 16) + (d >>> 16);
      store<u64>(to, left);
      to += n >>> 3;
      left >>>= n & 56;
      n &= 7;
      const written = min(run, 4);
      data += written;
      run -= written - 1;
    }
    const literal = run > 0 ? word(LITERAL_CODES, load<u8>(data)) : 0;
    const length = match & 0xffff;
    const lengthCode = word(LENGTH_CODES, length);
    const distance = match >>> 16;
    const distanceCode = word(DISTANCE_CODES, distanceSymbol(distance));
    data += run + length;
    left |= code(literal) << n;
    n += literal >>> 16;
    left |= <u64>(lengthCode & 0xffffff) << n;
    n += lengthCode >>> 24;
    const extra = distanceCode >>> 24;
    const distanceBits = (distanceCode >>> 16) & 255;
    left |= (code(distanceCode) | (<u64>(distance & ((1 << extra) - 1)) << distanceBits)) << n;
    n += distanceBits + extra;
    store<u64>(to, left);
    to += n >>> 3;
    left >>>= n & 56;
    n &= 7;
  }
  continueOutput(to, left, n);
  for (; data < end; data++) putCode(load<u8>(data));
  putCode(END_OF_BLOCK);
}

function putCode(symbol: u32): void {
  const code = word(LITERAL_CODES, symbol);
  put(code & 0xffff, code >>> 16);
}

// @ts-ignore: decorator
@inline
function code(entry: u32): u64 {
  return <u64>(entry & 0xffff);
}
