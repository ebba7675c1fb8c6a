import { put } from "./bit_writer";
import { buildCodes, buildLengths } from "./huffman";
import { CODES, COUNTS, DISTANCE, increment, LENGTHS, PRECODE, PRECODE_ITEMS, word } from "./memory";
import { PRECODES, precodeOrder } from "./tables";

const LONGEST_PRECODE: u32 = 7;

/**
 * Turns the lengths of both codes into the symbols of the precode, runs shortened (RFC 1951, section 3.2.7), and builds it.
 *
 * @returns How many symbols there are; each is a u16: extra bits << 8 | symbol.
 */
export function buildPrecode(literals: u32, distances: u32): u32 {
  let items: u32 = 0;
  const all = literals + distances;
  for (let i: u32 = 0; i < all;) {
    const length = lengthAt(i, literals);
    let run: u32 = 1;
    while (i + run < all && lengthAt(i + run, literals) == length) run++;
    i += run;
    if (length) {
      items = addItem(items, length, 0);
      run--;
    }
    while (run >= 3) {
      const long = !length && run >= 11;
      const repeat = min<u32>(run, length ? 6 : long ? 138 : 10);
      items = addItem(items, length ? 16 : long ? 18 : 17, repeat - (long ? 11 : 3));
      run -= repeat;
    }
    for (; run > 0; run--) items = addItem(items, length, 0);
  }
  buildLengths(PRECODE, PRECODES, LONGEST_PRECODE);
  return items;
}

/** Adds a symbol of the precode. */
function addItem(items: u32, symbol: u32, extra: u32): u32 {
  store<u16>(PRECODE_ITEMS + (items << 1), (extra << 8) | symbol);
  increment(COUNTS + ((PRECODE + symbol) << 2));
  return items + 1;
}

function lengthAt(i: u32, literals: u32): u32 {
  return load<u8>(LENGTHS + i + (i < literals ? 0 : DISTANCE - literals));
}

/** Writes the code lengths of a block, all that comes before its symbols. */
export function writeLengths(literals: u32, distances: u32, precodes: u32, items: u32): void {
  buildCodes(PRECODE, PRECODES);
  put((literals - 257) | ((distances - 1) << 5) | ((precodes - 4) << 10), 14);
  for (let i: u32 = 0; i < precodes; i++) put(load<u8>(LENGTHS + PRECODE + precodeOrder(i)), 3);
  for (let i: u32 = 0; i < items; i++) {
    const item: u32 = load<u16>(PRECODE_ITEMS + (i << 1));
    const code = word(CODES, PRECODE + (item & 255));
    const size = (code >>> 16) & 255;
    put((code & 0xffff) | ((item >>> 8) << size), size + (code >>> 24));
  }
}
