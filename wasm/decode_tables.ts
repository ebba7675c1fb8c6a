import { CLASSES, DISTANCE, ENTRIES, EXTRA, increment, LENGTH_SORT, LENGTH_TALLY, PRECODE, word } from "./memory";
import { DISTANCES, END_OF_BLOCK, FIRST_LENGTH } from "./tables";

// An entry of a decoding table has, from its lowest bit on
//   5 bits   how many bits to take: of the codes, and extra ones
//   1 bit    special: neither literals nor a match
//   4 bits   how many of the bits to take are codes', and 2
// and one that is not special
//   6 bits   its class: the symbol of the distance, if there is one, and how many literals come before
//   8 bits   the first literal, if there is one
//   8 bits   the length of the match, or the second literal
// or one that is special
//   1 bit    a link to the table below: the 4 bits before tell how many bits tell its entries apart
//   1 bit    the end of the block
//   1 bit    a length without its distance: the codes of both do not fit the table
//   3 bits   0
//   16 bits  the base of the length, or in a link the place of the table below; none of these, and it is no code at all

/** Bits that the table of literals and lengths is looked up by, at most; longer codes go on in a table below. */
export const LITERAL_TABLE_BITS: u32 = 12;
export const DISTANCE_TABLE_BITS: u32 = 8;
export const PRECODE_TABLE_BITS: u32 = 7;

/** Marks entries that are neither literals nor a match. */
export const SPECIAL: u32 = 1 << 5;
export const LINK: u32 = 1 << 10;
export const END: u32 = 1 << 11;
export const LENGTH: u32 = 1 << 12;
/** The place and the mask of the number of bits that are of codes, and 2. */
export const CODE_BITS: u32 = 6;
export const CODE_BITS_MASK: u32 = 15 << CODE_BITS;
/** The place of the class. */
export const CLASS: u32 = 10;
/** The place of the first literal, and of the base of a length. */
export const FIRST: u32 = 16;
/** The place of the second literal, and of the length of a match. */
export const SECOND: u32 = 24;

// Classes: a match after no literal, by the symbol of its distance, then one after a literal.
export const AFTER_LITERAL: u32 = 30;
export const ONE_LITERAL: u32 = 60;
export const TWO_LITERALS: u32 = 61;
/** A distance for copies of no bytes: past what was written just now, for which a copy would have to wait. */
export const NOWHERE: u32 = 64;

/** Builds what the entries of each symbol have in common (RFC 1951, section 3.2.5), and the classes. */
export function buildEntries(): void {
  for (let symbol: u32 = 0; symbol < 256; symbol++) {
    store<u32>(ENTRIES + (symbol << 2), (ONE_LITERAL << CLASS) | (symbol << FIRST));
  }
  for (let symbol: u32 = 256; symbol < PRECODE; symbol++) store<u32>(ENTRIES + (symbol << 2), SPECIAL);
  store<u32>(ENTRIES + (END_OF_BLOCK << 2), SPECIAL | END);
  let base: u32 = 3;
  for (let symbol = FIRST_LENGTH; symbol < FIRST_LENGTH + 29; symbol++) {
    const extra: u32 = load<u8>(EXTRA + symbol);
    if (symbol == FIRST_LENGTH + 28) base = 258;
    store<u32>(ENTRIES + (symbol << 2), SPECIAL | LENGTH | (base << FIRST) | extra);
    base += 1 << extra;
  }
  base = 1;
  for (let symbol: u32 = 0; symbol < DISTANCES; symbol++) {
    const extra: u32 = load<u8>(EXTRA + DISTANCE + symbol);
    store<u32>(ENTRIES + DISTANCE * 4 + (symbol << 2), (symbol << CLASS) | extra);
    buildClass(symbol, base, extra, 0, 255);
    buildClass(symbol + AFTER_LITERAL, base, extra, 1, 255);
    base += 1 << extra;
  }
}

/** Places what literals alone copy, no bytes, within what was written. */
export function placeNowhere(written: usize): void {
  const distance = written < NOWHERE ? 0 : NOWHERE;
  buildClass(ONE_LITERAL, distance, 0, 1, 0);
  buildClass(TWO_LITERALS, distance, 0, 2, 0);
}

function buildClass(number: u32, base: u32, extra: u32, literals: u32, lengthMask: u32): void {
  const place = CLASSES + (number << 3);
  store<u32>(place, base | (((1 << extra) - 1) << 16));
  store<u32>(place, literals | (lengthMask << 8), 4);
}

/**
 * Builds a decoding table.
 *
 * @param lengths The lengths of the codes, a byte a symbol.
 * @param entries The common entries of the symbols; 0 when the symbol itself is wanted.
 * @param tableBits Bits that are looked up at once; longer codes are told apart by tables below.
 * @returns Whether the lengths are valid: neither too many codes nor, but for none or one of a single bit, too few.
 */
export function buildTable(lengths: usize, symbols: u32, entries: usize, table: usize, tableBits: u32): bool {
  memory.fill(LENGTH_TALLY, 0, 64);
  for (let symbol: u32 = 0; symbol < symbols; symbol++) increment(LENGTH_TALLY + (<u32>load<u8>(lengths + symbol) << 2));
  let space: i32 = 1;
  let longest: u32 = 0;
  // Symbols without a code are sorted too, to the beginning: no branch for them.
  let i = word(LENGTH_TALLY, 0);
  let place = i;
  store<u32>(LENGTH_TALLY, 0, 64);
  for (let length: u32 = 1; length < 16; length++) {
    const count = word(LENGTH_TALLY, length);
    space = 2 * space - count;
    if (space < 0) return false;
    if (count) longest = length;
    store<u32>(LENGTH_TALLY + 64 + (length << 2), place);
    place += count;
  }
  if (space > 0) {
    if (longest > 1 || !entries) return false;
    store<u64>(table, (<u64>SPECIAL << 32) | SPECIAL);
  }
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const next = LENGTH_TALLY + 64 + (<u32>load<u8>(lengths + symbol) << 2);
    store<u16>(LENGTH_SORT + (load<u32>(next) << 1), symbol);
    increment(next);
  }

  let code: u32 = 0; // its first bit lowest
  for (let length: u32 = 1; length <= tableBits; length++) {
    for (let left = word(LENGTH_TALLY, length); left > 0; left--) {
      store<u32>(table + (code << 2), entryOf(i++, entries, length));
      code = nextCode(code, length);
    }
    // What is there so far is there twice with a bit more.
    if (length < tableBits) {
      const size: usize = 4 << length;
      for (let at = table; at < table + size; at += 16) v128.store(at + size, v128.load(at));
    }
  }
  const mask: u32 = (1 << tableBits) - 1;
  let linked: u32 = 0xffffffff;
  let below = mask + 1;
  let belowBits: u32 = 0;
  for (let length = tableBits + 1; length <= longest; length++) {
    const rest = length - tableBits;
    for (let left = word(LENGTH_TALLY, length); left > 0; left--) {
      if ((code & mask) != linked) {
        linked = code & mask;
        if (belowBits) below += 1 << belowBits;
        belowBits = rest;
        // As many bits as the codes that are left fill.
        let free: i32 = (1 << belowBits) - left;
        while (free > 0) {
          belowBits++;
          free = 2 * free - word(LENGTH_TALLY, tableBits + belowBits);
        }
        store<u32>(table + (linked << 2), SPECIAL | LINK | (below << FIRST) | (belowBits << CODE_BITS) | tableBits);
      }
      const entry = entryOf(i++, entries, rest);
      for (let at = code >>> tableBits; at < 1 << belowBits; at += 1 << rest) store<u32>(table + ((below + at) << 2), entry);
      code = nextCode(code, length);
    }
  }
  return true;
}

/** The entry of a symbol, by its place among all that are sorted, with the length of its code. */
function entryOf(i: u32, entries: usize, length: u32): u32 {
  const symbol: u32 = load<u16>(LENGTH_SORT + (i << 1));
  return (entries ? load<u32>(entries + (symbol << 2)) : symbol << 16) + (length | ((length + 2) << CODE_BITS));
}

/** The code after another, both with their first bit lowest: the last bits that are 1 become 0, and the 0 before them 1. */
// @ts-ignore: decorator
@inline
export function nextCode(code: u32, length: u32): u32 {
  const bit: u32 = 0x80000000 >>> clz(code ^ ((1 << length) - 1));
  return (code & (bit - 1)) | bit;
}
