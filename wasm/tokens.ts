import { write } from "./bit_writer";
import { buildCodes } from "./huffman";
import {
  add,
  CODES,
  COUNTS,
  DISTANCE,
  DISTANCE_CODES,
  LENGTH_CODES,
  LENGTH_COUNTS,
  LENGTH_SYMBOL,
  NONES,
  PAIR_FACTORS,
  PAIR_PLACES,
  PAIRS,
  REACH4,
  REACH8,
  SORTED,
  SORTING,
  TOKENS,
  word,
} from "./memory";
import { distanceSymbol, DISTANCES, END_OF_BLOCK, FIRST_LENGTH, LITERALS } from "./tables";

// A token has 16 bytes: the addresses in PAIRS of the codes of its first and its second two literals, a u32 each, and then
//   u16  the address of the code of a match's length
//   u16  its distance less 1
//   u16  the address of the code of its distance
//   u16  nothing
// What is not there has a code of no bits, so that nothing is guessed. Four literals fit into the 56 bits that are free after each store, and so does a match.
// Addresses are whole, and a u64 is loaded in place of four u16: Deno's V8 checks each access, by two or three instructions.

/** Bits of the longest literal or length code. */
export const LONGEST_LITERAL_CODE: u32 = 13;
/** Bits of the longest distance code. */
export const LONGEST_DISTANCE_CODE: u32 = 12;
/** A literal that there is not. */
const NONE: u32 = 256;
/** Pairs in PAIRS from a literal to the next one as the second. */
const ROW: u32 = NONE + 1;
const PAIR_OF_NONE: u32 = PAIRS + ((NONE * ROW + NONE) << 2);
export const TOKEN: usize = 16;
/** Where the number of bits comes before the bits. */
const SIZE_BITS: u32 = 6;
const SIZE_MASK: u32 = (1 << SIZE_BITS) - 1;

/** Bits that can be written at once, at least. */
const FREE: u32 = 56;

/** Where the tokens of a block end; they begin at TOKENS. */
export let tokensEnd: usize = TOKENS;
/** Where the tokens of the block before end that are not written yet. */
export let unwrittenEnd: usize = 0;

/** Notes where the tokens of a block end. */
export function endTokens(token: usize): void {
  tokensEnd = token;
}

/**
 * Lets go of all tokens, so that where there is none of the block before nothing is written.
 *
 * @param end What is after it is zeros: where a call ends, all tokens are written, and what is written becomes zeros.
 */
export function forgetTokens(end: usize): void {
  memory.fill(TOKENS, 0, end - TOKENS);
  unwrittenEnd = 0;
}

/** Builds a row of literals that there are not, and what the place of a pair is computed by: V8 makes a vector of numbers anew each time. */
export function buildPlaces(): void {
  store<u64>(NONES, <u64>NONE * 0x0001000100010001, 8);
  store<u64>(PAIR_FACTORS, <u64>((ROW << 18) | 4) * 0x100000001);
  store<u64>(PAIR_PLACES, <u64>(PAIRS - REACH4) * 0x100000001);
}

/** Begins a token by up to four literals. */
// @ts-ignore: decorator
@inline
export function addLiterals(token: usize, literals: usize, run: u32): void {
  const four = i16x8.max_u(v128.load_ext<u8>(literals), v128.load64_zero(NONES + 8 - (run << 1)));
  v128.store_lane<u64>(token, placesOf(four), 0);
}

/** Makes a token of four literals. */
// @ts-ignore: decorator
@inline
export function addFour(token: usize, literals: usize): void {
  v128.store(token, placesOf(i16x8.extend_low_i8x16_u(v128.load32_zero(literals))));
}

/** The addresses of the codes of two pairs. */
// @ts-ignore: decorator
@inline
function placesOf(four: v128): v128 {
  return i32x4.add(i32x4.dot_i16x8_s(four, v128.load(PAIR_FACTORS)), v128.load(PAIR_PLACES));
}

/** Ends a token without a match. */
// @ts-ignore: decorator
@inline
export function addNoMatch(token: usize): void {
  store<u64>(token, 0, 8);
}

/** Ends a token by a match, of a distance less 1, and counts it. */
// @ts-ignore: decorator
@inline
export function addMatch(token: usize, length: u32, distance: u32): void {
  const symbol = distanceSymbol(distance);
  store<u64>(token, <u64>((LENGTH_CODES - REACH4 + (length << 2)) | (distance << 16)) | (<u64>(DISTANCE_CODES - REACH8 + (symbol << 3)) << 32), 8);
  add(LENGTH_COUNTS - REACH4 + (length << 2), 1);
  add(COUNTS + DISTANCE * 4 - REACH4 + (symbol << 2), 1);
}

/** Makes tokens of literals. */
export function addRun(token: usize, literals: usize, end: usize): usize {
  for (; literals < end; literals += 4) {
    addLiterals(token, literals, min<usize>(end - literals, 4));
    addNoMatch(token);
    token += TOKEN;
  }
  return token;
}

/** Joins the code and the extra bits of each match length: the number of bits, and then these. Length 0 ends the block. */
function buildLengthCodes(): void {
  let base: u32 = 3;
  for (let length: u32 = 3; length <= 258; length++) {
    const symbol: u32 = load<u8>(LENGTH_SYMBOL + length);
    if (symbol != <u32>load<u8>(LENGTH_SYMBOL + length - 1)) base = length;
    const code = word(CODES, FIRST_LENGTH + symbol);
    const size = (code >>> 16) & 255;
    store<u32>(LENGTH_CODES + (length << 2), (((code & 0xffff) | ((length - base) << size)) << SIZE_BITS) | (size + (code >>> 24)));
  }
  store<u32>(LENGTH_CODES, codeOf(END_OF_BLOCK));
}

/**
 * Joins the bits of a distance's code and its extra bits; from bit 8 on those of the code alone; and from bit 32 on what the distance less 1, shifted by
 * these, has to be changed in to become both.
 */
function buildDistanceCodes(): void {
  for (let symbol: u32 = 0; symbol < DISTANCES; symbol++) {
    const entry = word(CODES, DISTANCE + symbol);
    const extra = entry >>> 24;
    const bits = (entry >>> 16) & 255;
    const base: u32 = extra ? (2 | (symbol & 1)) << extra : symbol;
    store<u64>(DISTANCE_CODES + (symbol << 3), (<u64>((entry & 0xffff) ^ (base << bits)) << 32) | ((bits << 8) | (bits + extra)));
  }
}

/** Joins the codes of each two literals that occur, and those of one alone. */
function buildPairs(): void {
  let first: u32 = NONE;
  let last: u32 = 0;
  for (let literal: u32 = 0; literal < NONE; literal++) {
    const code = codeOf(literal);
    store<u32>(SORTED + (literal << 2), code);
    store<u32>(SORTING + (literal << 2), 1 << (SIZE_BITS + (code & SIZE_MASK)));
    if (code) {
      first = min(first, literal);
      last = literal;
    }
  }
  for (let second: u32 = first; second <= NONE; second++) {
    const code = second < NONE ? word(SORTED, second) : 0;
    if (!code && second < NONE) continue;
    const bits = i32x4.splat(code >>> SIZE_BITS);
    const size = i32x4.splat(code & SIZE_MASK);
    const row = PAIRS + ((second * ROW) << 2);
    for (let i = first << 2; i <= last << 2; i += 16) {
      const codes = i32x4.add(v128.load(SORTED + i), i32x4.mul(v128.load(SORTING + i), bits));
      v128.store(row + i, i32x4.add(codes, size));
    }
  }
  store<u32>(PAIR_OF_NONE, 0);
}

/**
 * Makes the tokens up to an address ready to be written by the code lengths that are in place; the last symbol of the block is added.
 */
export function beginTokens(end: usize): void {
  buildCodes(0, LITERALS);
  buildCodes(DISTANCE, DISTANCES);
  buildLengthCodes();
  buildDistanceCodes();
  buildPairs();
  // The end of the block is a match of length 0, and of a distance that has no code.
  addLiterals(end, 0, 0);
  store<u64>(end, LENGTH_CODES - REACH4, 8);
  unwrittenEnd = end + TOKEN;
}

/** Writes all tokens from one on that are not written. */
export function writeTokens(token: usize): void {
  for (; token < unwrittenEnd; token += TOKEN) {
    writeToken(token);
    v128.store(token, i64x2.splat(0));
  }
  unwrittenEnd = 0;
}

/** Writes a token. */
// @ts-ignore: decorator
@inline
export function writeToken(token: usize): void {
  const match = load<u64>(token, 8);
  const literals = load<u64>(token);
  const first: u64 = load<u32>(<usize>literals, REACH4);
  const second: u64 = load<u32>(<usize>(literals >>> 32), REACH4);
  const length: u64 = load<u32>(<usize>match & 0xffff, REACH4);
  const distance = load<u64>(<usize>(match >>> 32), REACH8);
  let size = (<u32>first + <u32>second) & SIZE_MASK;
  const matchSize = (<u32>length + <u32>distance) & SIZE_MASK;
  let bits = (first >>> SIZE_BITS) | ((second >>> SIZE_BITS) << first);
  const matchBits = (length >>> SIZE_BITS) | (((((match >>> 16) & 0xffff) << (distance >>> 8)) ^ (distance >>> 32)) << length);
  if (size + matchSize > FREE) {
    write(bits, size);
    bits = 0;
    size = 0;
  }
  write(bits | (matchBits << size), size + matchSize);
}

/** The code of a symbol: how many bits in the lowest six bits, then these. */
function codeOf(symbol: u32): u32 {
  const code = word(CODES, symbol);
  return ((code & 0xffff) << SIZE_BITS) | ((code >>> 16) & 255);
}
