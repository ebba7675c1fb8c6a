import { DISTANCE, ENTRIES, EXTRA, increment, LENGTH_SORT, LENGTH_TALLY, PRECODE, word } from "./memory";
import { DISTANCES, END_OF_BLOCK, FIRST_LENGTH } from "./tables";

// An entry of a decoding table has, from its lowest bit on
//   6 bits   how many bits to take: of the code, and extra ones
//   1 bit    a link to the table below, if it is special
//   1 bit    special: no literal, no length and no distance, but a link, the end of the block, or no code at all
//   5 bits   how many of the bits to take are the code's, and 2; in a link, how many tell the entries of the table below apart
// and a literal or a length
//   2 bits   how many literals there are
//   8 bits   the first literal
//   8 bits   the base of the length, less 3, or the second literal; a single one is twice there
//   1 bit    whether there is no length
// or a distance
//   3 bits   0
//   16 bits  its base
// or another
//   2 bits   0, no literal
//   1 bit    the end of the block
//   16 bits  in a link, the place of the table below

/** Bits that each table is looked up by; longer codes go on in a table below. */
export const LITERAL_TABLE_BITS: u32 = 11;
export const DISTANCE_TABLE_BITS: u32 = 8;
export const PRECODE_TABLE_BITS: u32 = 7;

/** Marks entries that are neither a literal nor a length or distance. */
export const SPECIAL: u32 = 0x80;
/** Marks links, together with SPECIAL. */
export const LINK: u32 = 0x40;
/** Marks the end of a block, together with SPECIAL. */
export const END: u32 = 0x8000;
const NO_LENGTH: u32 = 0x80000000;
/** One literal more. */
const LITERAL: u32 = 0x2000;

/** Builds what the entries of each symbol have in common (RFC 1951, section 3.2.5). */
export function buildEntries(): void {
  for (let symbol: u32 = 0; symbol < PRECODE; symbol++) {
    store<u32>(
      ENTRIES + (symbol << 2),
      symbol < 256 ? NO_LENGTH | LITERAL | (symbol << 15) | (symbol << 23) : symbol == END_OF_BLOCK ? SPECIAL | END : SPECIAL,
    );
  }
  buildBases(FIRST_LENGTH, 28, 0, 23);
  store<u32>(ENTRIES + ((FIRST_LENGTH + 28) << 2), 255 << 23);
  buildBases(DISTANCE, DISTANCES, 1, 16);
}

function buildBases(first: u32, symbols: u32, base: u32, shift: u32): void {
  for (let symbol = first; symbol < first + symbols; symbol++) {
    const extra: u32 = load<u8>(EXTRA + symbol);
    store<u32>(ENTRIES + (symbol << 2), (base << shift) | extra);
    base += 1 << extra;
  }
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
        store<u32>(table + (linked << 2), SPECIAL | LINK | (below << 16) | (belowBits << 8) | tableBits);
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
  return (entries ? load<u32>(entries + (symbol << 2)) : symbol << 16) + (length | ((length + 2) << 8));
}

/** The code after another, both with their first bit lowest: the last bits that are 1 become 0, and the 0 before them 1. */
// @ts-ignore: decorator
@inline
function nextCode(code: u32, length: u32): u32 {
  const bit: u32 = 0x80000000 >>> clz(code ^ ((1 << length) - 1));
  return (code & (bit - 1)) | bit;
}

/** Joins entries whose codes fit the table together: two literals, or a literal and a length. */
export function joinEntries(table: usize, tableBits: u32): void {
  // No two codes fit where the shortest one, the first, takes more than half.
  if (((load<u32>(table) >>> 8) & 31) - 2 > tableBits >>> 1) return;
  // From the last one down, since the entry of the second is nearer to the beginning, and has to be single.
  for (let i = <i32>(1 << tableBits) - 1; i >= 0; i--) {
    const place = table + (<usize>i << 2);
    const first = load<u32>(place);
    const second = load<u32>(table + ((i >>> (first & 63)) << 2));
    const both = (first & 0x007fffff) + (second & 0xff807fff) - (2 << 8);
    const joins = (first >>> 31) & ((second & SPECIAL) == 0 ? 1 : 0) & (((both >>> 8) & 31) <= tableBits + 2 ? 1 : 0);
    store<u32>(place, joins ? both : first);
  }
}
