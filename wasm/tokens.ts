import { continueOutput, out, pending, pendingCount } from "./bit_writer";
import { buildCodes } from "./huffman";
import {
  CODES,
  COUNTS,
  DISTANCE,
  DISTANCE_CODES,
  increment,
  LENGTH_CODES,
  LENGTH_COUNTS,
  LENGTH_SYMBOL,
  NONES,
  TOKENS,
  word,
} from "./memory";
import { distanceSymbol, DISTANCES, END_OF_BLOCK, FIRST_LENGTH, LITERALS } from "./tables";

// A token has 16 bytes: the places of the codes of up to four literals, a u16 each, and then
//   u16  the place of the code of a match's length
//   u16  its distance less 1
//   u16  the place of the code of its distance
//   u16  0, or how many literals there are instead of all that, from an address on that the token begins with
// What is not there has a code of no bits, so that nothing is guessed. Four literals fit into the 57 bits that are free after each store, and so does a match.

/** Bits of the longest literal or length code. */
export const LONGEST_LITERAL_CODE: u32 = 13;
/** Bits of the longest distance code. */
export const LONGEST_DISTANCE_CODE: u32 = 12;
/** A symbol that has no code: written in place of a literal that there is not, without a branch. */
const NONE: u32 = DISTANCE + DISTANCES;
/** The second half of a token without a match: length 1 has no bits either. */
const NO_MATCH: u64 = (<u64>DISTANCES << 35) | (1 << 2);
export const TOKEN: usize = 16;
/** Where the number of bits comes before the bits. */
export const SIZE_BITS: u32 = 6;
export const SIZE_MASK: u32 = (1 << SIZE_BITS) - 1;

/** Where the tokens of a block end; they begin at TOKENS. */
export let tokensEnd: usize = TOKENS;
/** Where the tokens of the block before end that are not written yet. */
export let unwrittenEnd: usize = 0;

/** Notes where the tokens of a block end. */
export function endTokens(token: usize): void {
  tokensEnd = token;
}

/** Lets go of the tokens that are not written. */
export function forgetTokens(): void {
  unwrittenEnd = 0;
}

/** Builds a row of literals that there are not, and a token of nothing. */
export function buildNones(): void {
  memory.fill(NONES, 0, 8);
  store<u64>(NONES, <u64>(NONE << 2) * 0x0001000100010001, 8);
  store<u64>(NONES, NO_MATCH, 16);
}

/** Begins a token by up to four literals. */
// @ts-ignore: decorator
@inline
export function addLiterals(token: usize, literals: usize, run: u32): void {
  const four = i16x8.shl(v128.load_ext<u8>(literals), 2);
  v128.store_lane<u64>(token, i16x8.max_u(four, v128.load64_zero(NONES + 8 - (run << 1))), 0);
}

/** Ends a token without a match. */
// @ts-ignore: decorator
@inline
export function addNoMatch(token: usize): void {
  store<u64>(token, NO_MATCH, 8);
}

/** Ends a token by a match, of a distance less 1, and counts it. */
// @ts-ignore: decorator
@inline
export function addMatch(token: usize, length: u32, distance: u32): void {
  const symbol = distanceSymbol(distance);
  store<u64>(token, <u64>((length << 2) | (distance << 16)) | (<u64>symbol << 35), 8);
  increment(LENGTH_COUNTS + (length << 2));
  increment(COUNTS + DISTANCE * 4 + (symbol << 2));
}

/** Makes tokens of literals. */
export function addRun(token: usize, literals: usize, end: usize): usize {
  while (literals < end) {
    const run = min<usize>(end - literals, 0xffff);
    store<u64>(token, literals);
    store<u64>(token, <u64>run << 48, 8);
    token += TOKEN;
    literals += run;
  }
  return token;
}

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
 * Makes the tokens up to an address ready to be written by the code lengths that are in place; the last symbol of the block is added.
 */
export function beginTokens(end: usize): void {
  buildCodes(0, LITERALS);
  buildCodes(DISTANCE, DISTANCES);
  buildLengthCodes();
  buildDistanceCodes();
  // The end of the block is a match of length 0, and of a distance that has no code.
  addLiterals(end, 0, 0);
  store<u64>(end, <u64>DISTANCES << 35, 8);
  unwrittenEnd = end + TOKEN;
}

/** Writes all tokens from one on that are not written. */
export function writeTokens(token: usize): void {
  let to = out;
  let left = pending;
  let n = pendingCount;
  for (; token < unwrittenEnd; token += TOKEN) {
    if (runOf(token)) {
      continueOutput(to, left, n);
      writeRun(token);
      to = out;
      left = pending;
      n = pendingCount;
      continue;
    }
    let codes = literalCodes(token);
    left |= (codes >>> SIZE_BITS) << n;
    n += <u32>codes & SIZE_MASK;
    store<u64>(to, left);
    to += n >>> 3;
    left >>>= n & 56;
    n &= 7;
    codes = matchCodes(token);
    left |= (codes >>> SIZE_BITS) << n;
    n += <u32>codes & SIZE_MASK;
    store<u64>(to, left);
    to += n >>> 3;
    left >>>= n & 56;
    n &= 7;
  }
  continueOutput(to, left, n);
  unwrittenEnd = 0;
}

/** Writes the literals of a token that has many. */
export function writeRun(token: usize): void {
  let to = out;
  let left = pending;
  let n = pendingCount;
  let literals = load<usize>(token);
  for (const end = literals + runOf(token); literals < end; literals++) {
    const place = <usize>load<u8>(literals) << 2;
    left |= codeOf(place) << n;
    n += sizeOf(place);
    store<u64>(to, left);
    to += n >>> 3;
    left >>>= n & 56;
    n &= 7;
  }
  continueOutput(to, left, n);
}

// @ts-ignore: decorator
@inline
export function runOf(token: usize): u32 {
  return load<u16>(token, 14);
}

/** The codes of a token's literals: how many bits in the lowest six bits, then these. */
// @ts-ignore: decorator
@inline
export function literalCodes(token: usize): u64 {
  const a: usize = load<u16>(token);
  const b: usize = load<u16>(token, 2);
  const c: usize = load<u16>(token, 4);
  const d: usize = load<u16>(token, 6);
  const aBits = sizeOf(a);
  const cBits = sizeOf(c);
  const ab = aBits + sizeOf(b);
  const codes = codeOf(a) | (codeOf(b) << aBits) | ((codeOf(c) | (codeOf(d) << cBits)) << ab);
  return (codes << SIZE_BITS) | <u64>(ab + cBits + sizeOf(d));
}

/** The codes and the extra bits of a token's match, in the same form. */
// @ts-ignore: decorator
@inline
export function matchCodes(token: usize): u64 {
  const length = load<u32>(<usize>load<u16>(token, 8), LENGTH_CODES);
  const symbol: usize = load<u16>(token, 12);
  const distance = (<u32>load<u16>(token, 10) << <u32>load<u8>(symbol, DISTANCE_CODES + 4)) ^ load<u32>(symbol, DISTANCE_CODES);
  const size = length >>> 24;
  const codes = <u64>(length & 0xffffff) | (<u64>distance << size);
  return (codes << SIZE_BITS) | <u64>(size + <u32>load<u8>(symbol, DISTANCE_CODES + 6));
}

// @ts-ignore: decorator
@inline
function codeOf(place: usize): u64 {
  return <u64>load<u16>(place, CODES);
}

// @ts-ignore: decorator
@inline
function sizeOf(place: usize): u32 {
  return <u32>load<u8>(place, CODES + 2);
}
