import { bitsAt, isCutShort, position, take } from "./bit_reader";
import { buildTable, DISTANCE_TABLE_BITS, joinEntries, LITERAL_TABLE_BITS, PRECODE_TABLE_BITS } from "./decode_tables";
import { fail, Failure } from "./failure";
import {
  CODE_LENGTHS,
  DISTANCE,
  DISTANCE_TABLE,
  ENTRIES,
  EXTRA,
  FIXED_LENGTHS,
  LITERAL_TABLE,
  PRECODE,
  PRECODE_TABLE,
} from "./memory";
import { END_OF_BLOCK, PRECODES, precodeOrder } from "./tables";

/** Builds the tables of a block with the fixed codes (RFC 1951, section 3.2.6), or of one with its own. */
export function prepareTables(fixed: bool): bool {
  if (buildTables(fixed)) return true;
  return <bool>fail(isCutShort() ? Failure.CUT_SHORT : Failure.CODE_LENGTHS);
}

function buildTables(fixed: bool): bool {
  let lengths = FIXED_LENGTHS;
  let literals: u32 = 288;
  let distances: u32 = 32;
  if (!fixed) {
    lengths = CODE_LENGTHS;
    const header = take(14);
    literals = (header & 31) + 257;
    distances = ((header >>> 5) & 31) + 1;
    if (literals > 286 || distances > 30 || !readLengths((header >>> 10) + 4, literals + distances)) return false;
  }
  if (
    !load<u8>(lengths + END_OF_BLOCK) || !buildTable(lengths, literals, ENTRIES, LITERAL_TABLE, LITERAL_TABLE_BITS) ||
    !buildTable(lengths + literals, distances, ENTRIES + DISTANCE * 4, DISTANCE_TABLE, DISTANCE_TABLE_BITS)
  ) return false;
  joinEntries(LITERAL_TABLE, LITERAL_TABLE_BITS);
  return true;
}

/** Reads the code lengths of a block (RFC 1951, section 3.2.7). */
function readLengths(precodes: u32, all: u32): bool {
  memory.fill(CODE_LENGTHS, 0, PRECODES);
  for (let i: u32 = 0; i < precodes; i++) store<u8>(CODE_LENGTHS + precodeOrder(i), take(3));
  if (!buildTable(CODE_LENGTHS, PRECODES, 0, PRECODE_TABLE, PRECODE_TABLE_BITS)) return false;
  let i: u32 = 0;
  while (i < all) {
    if (isCutShort()) return false;
    const entry = load<u32>(PRECODE_TABLE + ((<u32>bitsAt(position) & ((1 << PRECODE_TABLE_BITS) - 1)) << 2));
    take(entry & 63);
    const symbol = entry >>> 16;
    if (symbol < 16) {
      store<u8>(CODE_LENGTHS + i++, symbol);
      continue;
    }
    if (symbol == 16 && !i) return false;
    const length: u32 = symbol == 16 ? <u32>load<u8>(CODE_LENGTHS + i - 1) : 0;
    const repeat = (symbol == 18 ? 11 : 3) + take(load<u8>(EXTRA + PRECODE + symbol));
    memory.fill(CODE_LENGTHS + i, <u8>length, repeat);
    i += repeat;
  }
  return i == all;
}
