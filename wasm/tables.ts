import { DISTANCE, DISTANCE_SYMBOL, EXTRA, FIXED_LENGTHS, LENGTH_SYMBOL, PRECODE } from "./memory";

/** Literal/length symbols: 256 literals, the end of a block, 29 lengths, and two that only the fixed code has. */
export const LITERALS: u32 = 288;
/** The symbol that ends a block. */
export const END_OF_BLOCK: u32 = 256;
/** The symbol of the shortest match. */
export const FIRST_LENGTH: u32 = 257;
/** Distance symbols. */
export const DISTANCES: u32 = 30;
/** Symbols of the code for code lengths. */
export const PRECODES: u32 = 19;

/** Builds the tables that say which symbol a length and a distance have, what extra bits (RFC 1951, section 3.2.5). */
export function buildSymbolTables(): void {
  let length: u32 = 0;
  for (let symbol: u32 = 0; symbol < DISTANCES; symbol++) {
    const extra: u32 = symbol < 2 ? 0 : (symbol >>> 1) - 1;
    store<u8>(EXTRA + DISTANCE + symbol, extra);
    // Those of a length grow half as fast. Those past 28 come to nothing.
    const lengthExtra: u32 = symbol < 4 ? 0 : (symbol >>> 2) - 1;
    store<u8>(EXTRA + FIRST_LENGTH + symbol, symbol < 28 ? lengthExtra : 0);
    memory.fill(LENGTH_SYMBOL + 3 + length, <u8>symbol, 1 << lengthExtra);
    length += 1 << lengthExtra;
  }
  store<u8>(LENGTH_SYMBOL + 258, 28); // which would be the last one of symbol 27
  for (let i: u32 = 0; i < 256; i++) {
    store<u8>(DISTANCE_SYMBOL + i, distanceSymbolOf(i));
    store<u8>(DISTANCE_SYMBOL + 256 + i, distanceSymbolOf(i << 7));
  }
  store<u16>(EXTRA + PRECODE, 0x0302, 16);
  store<u8>(EXTRA + PRECODE, 7, 18);
  memory.fill(FIXED_LENGTHS, 8, 288);
  memory.fill(FIXED_LENGTHS + 144, 9, 112);
  memory.fill(FIXED_LENGTHS + 256, 7, 24);
  memory.fill(FIXED_LENGTHS + DISTANCE, 5, 32);
}

/** The symbol of a distance, less 1, by its highest two bits. */
function distanceSymbolOf(distance: u32): u32 {
  if (distance < 2) return distance;
  const high = 31 - clz(distance);
  return 2 * high + ((distance >>> (high - 1)) & 1);
}

/** The symbol of a distance, less 1, by a table: from 256 on all of a symbol have their lowest seven bits free. */
// @ts-ignore: decorator
@inline
export function distanceSymbol(distance: u32): u32 {
  return <u32>load<u8>(DISTANCE_SYMBOL + (distance < 256 ? distance : 256 + (distance >>> 7)));
}

/** The code-length symbols in the order in which a block's header has them (RFC 1951, section 3.2.7): 16 17 18 0 8 7 9 6 … */
export function precodeOrder(i: u32): u32 {
  if (i < 3) return 16 + i;
  if (i == 3) return 0;
  return i & 1 ? 8 - ((i - 3) >>> 1) : 8 + ((i - 4) >>> 1);
}
