import { bitsAt, isCutShort, position, take } from "./bit_reader";
import { buildTable, DISTANCE_TABLE_BITS, joinEntries, LITERAL_TABLE_BITS, PRECODE_TABLE_BITS } from "./decode_tables";
import { fail, Failure } from "./failure";
import { CODE_LENGTHS, DISTANCE_ENTRIES, DISTANCE_TABLE, LITERAL_ENTRIES, LITERAL_TABLE, PRECODE_TABLE } from "./memory";
import { END_OF_BLOCK, PRECODES, precodeOrder } from "./tables";

/** Builds the tables of the fixed codes (RFC 1951, section 3.2.6). */
export function fixedTables(): bool {
  memory.fill(CODE_LENGTHS, 8, 288);
  memory.fill(CODE_LENGTHS + 144, 9, 112);
  memory.fill(CODE_LENGTHS + 256, 7, 24);
  memory.fill(CODE_LENGTHS + 288, 5, 32);
  buildTable(CODE_LENGTHS, 288, LITERAL_ENTRIES, LITERAL_TABLE, LITERAL_TABLE_BITS);
  return buildTable(CODE_LENGTHS + 288, 32, DISTANCE_ENTRIES, DISTANCE_TABLE, DISTANCE_TABLE_BITS);
}

/** Reads the code lengths of a block, and builds its tables (RFC 1951, section 3.2.7). */
export function readTables(): bool {
  const literals = take(5) + 257;
  const distances = take(5) + 1;
  const precodes = take(4) + 4;
  if (literals > 286 || distances > 30) return <bool>fail(Failure.CODE_LENGTHS);
  memory.fill(CODE_LENGTHS, 0, PRECODES);
  for (let i: u32 = 0; i < precodes; i++) {
    store<u8>(CODE_LENGTHS + precodeOrder(i), take(3));
  }
  if (!buildTable(CODE_LENGTHS, PRECODES, 0, PRECODE_TABLE, PRECODE_TABLE_BITS)) {
    return <bool>fail(Failure.CODE_LENGTHS);
  }
  const all = literals + distances;
  let i: u32 = 0;
  while (i < all) {
    if (isCutShort()) return <bool>fail(Failure.CUT_SHORT);
    const entry = load<u32>(PRECODE_TABLE + ((<u32>bitsAt(position) & ((1 << PRECODE_TABLE_BITS) - 1)) << 2));
    take(entry & 63);
    const symbol = entry >>> 16;
    if (symbol < 16) {
      store<u8>(CODE_LENGTHS + i++, symbol);
      continue;
    }
    let length: u32 = 0;
    if (symbol == 16) {
      if (!i) return <bool>fail(Failure.CODE_LENGTHS);
      length = load<u8>(CODE_LENGTHS + i - 1);
    }
    const repeat = symbol == 16 ? 3 + take(2) : symbol == 17 ? 3 + take(3) : 11 + take(7);
    memory.fill(CODE_LENGTHS + i, <u8>length, repeat);
    i += repeat;
  }
  if (
    i > all || !load<u8>(CODE_LENGTHS + END_OF_BLOCK) ||
    !buildTable(CODE_LENGTHS, literals, LITERAL_ENTRIES, LITERAL_TABLE, LITERAL_TABLE_BITS) ||
    !buildTable(CODE_LENGTHS + literals, distances, DISTANCE_ENTRIES, DISTANCE_TABLE, DISTANCE_TABLE_BITS)
  ) return <bool>fail(Failure.CODE_LENGTHS);
  joinEntries(LITERAL_TABLE, LITERAL_TABLE_BITS);
  return true;
}
