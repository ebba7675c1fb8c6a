import { bitsAt, continueBits, isCutShort, position, positionEnd, take } from "./bit_reader";
import { buildTable, DISTANCE_TABLE_BITS, LITERAL_TABLE_BITS, PRECODE_TABLE_BITS } from "./decode_tables";
import { fail, Failure } from "./failure";
import { joinEntries } from "./join_codes";
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
    !load<u8>(lengths + END_OF_BLOCK) ||
    !buildTable(lengths + literals, distances, ENTRIES + DISTANCE * 4, DISTANCE_TABLE, DISTANCE_TABLE_BITS) ||
    !buildTable(lengths, literals, ENTRIES, LITERAL_TABLE, LITERAL_TABLE_BITS)
  ) return false;
  joinEntries(LITERAL_TABLE_BITS);
  return true;
}

/** Reads the code lengths of a block (RFC 1951, section 3.2.7). */
function readLengths(precodes: u32, all: u32): bool {
  memory.fill(CODE_LENGTHS, 0, PRECODES);
  for (let i: u32 = 0; i < precodes; i++) store<u8>(CODE_LENGTHS + precodeOrder(i), take(3));
  if (!buildTable(CODE_LENGTHS, PRECODES, 0, PRECODE_TABLE, PRECODE_TABLE_BITS)) return false;
  let place = position;
  let i: u32 = 0;
  while (i < all) {
    if (place > positionEnd) break;
    const b = <u32>bitsAt(place);
    const entry = load<u32>(PRECODE_TABLE + ((b & ((1 << PRECODE_TABLE_BITS) - 1)) << 2));
    const symbol = entry >>> 16;
    place += entry & 31;
    if (symbol < 16) {
      store<u8>(CODE_LENGTHS + i++, symbol);
      continue;
    }
    if (symbol == 16 && !i) break;
    const length: u32 = symbol == 16 ? <u32>load<u8>(CODE_LENGTHS + i - 1) : 0;
    const extra: u32 = load<u8>(EXTRA + PRECODE + symbol);
    const repeat: u32 = (symbol == 18 ? 11 : 3) + ((b >>> (entry & 31)) & ((1 << extra) - 1));
    place += extra;
    const lengths = i8x16.splat(<u8>length);
    for (let at: u32 = 0; at < repeat; at += 16) v128.store(CODE_LENGTHS + i + at, lengths);
    i += repeat;
  }
  continueBits(place);
  return i == all;
}
