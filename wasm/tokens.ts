import { continueOutput, out, pending, pendingCount } from "./bit_writer";
import { buildCodes } from "./huffman";
import { lastLiterals, tokensEnd } from "./matches";
import { CODES, DISTANCE, DISTANCE_CODES, LENGTH_CODES, LENGTH_SYMBOL, TOKENS, word } from "./memory";
import { DISTANCES, END_OF_BLOCK, FIRST_LENGTH, LITERALS } from "./tables";

// Four literals fit into the 57 bits that are free after each store, and so does a match.

/** Bits of the longest literal or length code. */
export const LONGEST_LITERAL_CODE: u32 = 13;
/** Bits of the longest distance code. */
export const LONGEST_DISTANCE_CODE: u32 = 12;
/** A symbol that has no code: written in place of a literal that there is not, without a branch. */
const NONE: u32 = DISTANCE + DISTANCES;

/** Joins the code and the extra bits of each match length: bits, and from bit 24 on their number. Length 0 ends the block. */
function buildLengthCodes(): void {
  let base: u32 = 3;
  for (let length: u32 = 3; length <= 258; length++) {
    const symbol: u32 = load<u8>(LENGTH_SYMBOL + length);
    if (symbol != <u32>load<u8>(LENGTH_SYMBOL + length - 1)) base = length;
    const code = word(CODES, FIRST_LENGTH + symbol);
    const size = (code >>> 16) & 255;
    store<u32>(LENGTH_CODES + (length << 2), (code & 0xffff) | ((length - base) << size) | ((size + (code >>> 24)) << 24));
  }
  const end = word(CODES, END_OF_BLOCK);
  store<u32>(LENGTH_CODES, (end & 0xffff) | ((end >>> 16) << 24));
}

/**
 * Joins what a distance less 1, shifted by the bits of its code, has to be changed in to become the code and the extra bits; from bit 32 on
 * the bits of the code, and from bit 48 on those of both.
 */
function buildDistanceCodes(): void {
  for (let symbol: u32 = 0; symbol < DISTANCES; symbol++) {
    const entry = word(CODES, DISTANCE + symbol);
    const extra = entry >>> 24;
    const bits = (entry >>> 16) & 255;
    const base: u32 = extra ? (2 | (symbol & 1)) << extra : symbol;
    const sizes = bits | ((bits + extra) << 16);
    store<u64>(DISTANCE_CODES + (symbol << 3), <u64>((entry & 0xffff) ^ (base << bits)) | (<u64>sizes << 32));
  }
  store<u64>(DISTANCE_CODES + (DISTANCES << 3), 0);
}

/**
 * Writes the symbols of a block, the last one included, by the code lengths that are in place.
 *
 * @param data The input that the block stands for, up to `end`.
 */
export function writeTokens(data: usize, end: usize): void {
  buildCodes(0, LITERALS);
  buildCodes(DISTANCE, DISTANCES);
  buildLengthCodes();
  buildDistanceCodes();
  // The end of the block is a match of length 0, and of a distance that has no code.
  store<u64>(tokensEnd, <u64>(((end - lastLiterals) << 5) | DISTANCES) << 32);
  let to = out;
  let left = pending;
  let n = pendingCount;
  for (let token = TOKENS; token <= tokensEnd; token += 8) {
    const match = load<u32>(token);
    const runAndSymbol = load<u32>(token, 4);
    let run = runAndSymbol >>> 5;
    // Literals that are not there have no bits: how many there are up to four is not guessed.
    for (; run > 4; run -= 4) {
      const four = load<u32>(data);
      data += 4;
      const a = word(CODES, four & 255);
      const b = word(CODES, (four >>> 8) & 255);
      const c = word(CODES, (four >>> 16) & 255);
      const d = word(CODES, four >>> 24);
      const ab = (a >>> 16) + (b >>> 16);
      left |= ((code(a) | (code(b) << (a >>> 16))) << n) | ((code(c) | (code(d) << (c >>> 16))) << (n + ab));
      n += ab + (c >>> 16) + (d >>> 16);
      store<u64>(to, left);
      to += n >>> 3;
      left >>>= n & 56;
      n &= 7;
    }
    const four = load<u32>(data);
    const a = word(CODES, run > 0 ? four & 255 : NONE);
    const b = word(CODES, run > 1 ? (four >>> 8) & 255 : NONE);
    const c = word(CODES, run > 2 ? (four >>> 16) & 255 : NONE);
    const d = word(CODES, run > 3 ? four >>> 24 : NONE);
    const ab = (a >>> 16) + (b >>> 16);
    left |= ((code(a) | (code(b) << (a >>> 16))) << n) | ((code(c) | (code(d) << (c >>> 16))) << (n + ab));
    n += ab + (c >>> 16) + (d >>> 16);
    store<u64>(to, left);
    to += n >>> 3;
    left >>>= n & 56;
    n &= 7;
    const length = match & 0xffff;
    const lengthCode = word(LENGTH_CODES, length);
    const distance = match >>> 16;
    const distanceCode = load<u64>(DISTANCE_CODES + ((runAndSymbol & 31) << 3));
    data += run + length;
    left |= <u64>(lengthCode & 0xffffff) << n;
    n += lengthCode >>> 24;
    left |= <u64>((distance << (<u32>(distanceCode >>> 32) & 255)) ^ <u32>distanceCode) << n;
    n += <u32>(distanceCode >>> 48);
    store<u64>(to, left);
    to += n >>> 3;
    left >>>= n & 56;
    n &= 7;
  }
  continueOutput(to, left, n);
}

// @ts-ignore: decorator
@inline
function code(entry: u32): u64 {
  return <u64>(entry & 0xffff);
}
