import { bitsAt, continueBits, position, positionEnd } from "./bit_reader";
import { copyMatch } from "./copies";
import { DISTANCE_TABLE_BITS, END, LINK, LITERAL_TABLE_BITS, SPECIAL } from "./decode_tables";
import { fail, Failure } from "./failure";
import { DISTANCE_TABLE, LITERAL_TABLE } from "./memory";

/** Bytes that one round of {@link decode} may write: literals, the longest match, and what a copy in steps overruns. */
export const ROUND: u64 = 320;

/** Whether {@link decode} came to the end of the block. */
export let blockEnds: bool = false;

/**
 * Decodes symbols up to the end of the block, or until there is not enough input or room for another round. A round takes some
 * literals or a match; what it may read and write past the ends is there, so nothing is checked but once a round, and the distance.
 *
 * What has to wait is the next entry: it needs the bits, and they need the entry before. So it is looked up as soon as its bits are
 * there, while the bits are read anew for what comes after it, and before a match is copied.
 *
 * Bits are read from two before the next one on: cut out, they are an offset into a table of u32 then, without a shift.
 *
 * @param begin Where the output begins.
 * @param out Where it goes on.
 * @param outputLimit Up to where it may go, and ROUND bytes past it.
 * @returns Where it goes on next.
 */
export function decode(begin: usize, out: usize, outputLimit: usize): usize {
  const limit = positionEnd;
  blockEnds = false;
  let place = position - 2;
  let entry = literalEntry(bitsAt(place));
  while (place <= limit && out <= outputLimit) {
    // There are 55 bits: enough for three entries and to look up, or for a length of at most 16 bits, a distance, and to look up.
    let b = bitsAt(place);
    if (<i32>entry < 0) {
      do {
        out = putLiterals(out, entry);
        b >>>= entry;
        place += entry & 255;
        entry = literalEntry(b);
        if (<i32>entry >= 0) break;
        out = putLiterals(out, entry);
        b >>>= entry;
        place += entry & 255;
        entry = literalEntry(b);
        if (<i32>entry >= 0) break;
        // Read anew one literal early, so that none waits for it (noise: 8%): 44 bits, as three entries and a look-up take.
        const later = bitsAt(place) >>> entry;
        out = putLiterals(out, entry);
        b >>>= entry;
        place += entry & 255;
        entry = literalEntry(b);
        b = later;
      } while (<i32>entry < 0 && place <= limit && out <= outputLimit);
      if (<i32>entry < 0) continue;
      b = bitsAt(place);
    }
    if (entry & SPECIAL) {
      if (entry & LINK) {
        b >>>= entry;
        place += entry & 63;
        entry = linked(LITERAL_TABLE, entry, b);
        b = bitsAt(place);
        if (<i32>entry < 0) {
          out = putLiterals(out, entry);
          b >>>= entry;
          place += entry & 255;
          entry = literalEntry(b);
          continue;
        }
      }
      if (entry & SPECIAL) {
        if (!(entry & END)) return fail(Failure.CODE);
        place += entry & 63;
        blockEnds = true;
        break;
      }
    }
    out = putLiterals(out, entry);
    const length = 3 + ((entry >>> 23) + ((<u32>b & ((4 << entry) - 1)) >>> (entry >>> 8)));
    b >>>= entry;
    place += entry & 255;
    entry = load<u32>(<u32>b & (((1 << DISTANCE_TABLE_BITS) - 1) << 2), DISTANCE_TABLE);
    if (entry & SPECIAL) {
      if (!(entry & LINK)) return fail(Failure.CODE);
      b >>>= entry;
      place += entry & 63;
      entry = linked(DISTANCE_TABLE, entry, b);
      if (entry & SPECIAL) return fail(Failure.CODE);
    }
    const distance = (entry >>> 16) + ((<u32>b & ((4 << entry) - 1)) >>> (entry >>> 8));
    if (distance > out - begin) return fail(Failure.DISTANCE);
    b >>>= entry;
    place += entry & 255;
    entry = literalEntry(b);
    copyMatch(out, distance, length);
    out += length;
  }
  continueBits(place + 2);
  return out;
}

// @ts-ignore: decorator
@inline
function literalEntry(b: u64): u32 {
  return load<u32>(<u32>b & (((1 << LITERAL_TABLE_BITS) - 1) << 2), LITERAL_TABLE);
}

/** Writes up to two literals, and returns the place after them. */
// @ts-ignore: decorator
@inline
function putLiterals(out: usize, entry: u32): usize {
  store<u16>(out, <u16>(entry >>> 15));
  return out + ((entry >>> 13) & 3);
}

/** The entry in the table below. */
// @ts-ignore: decorator
@inline
function linked(table: usize, link: u32, b: u64): u32 {
  return load<u32>(table + (link >>> 14) + (<u32>b & ((4 << (link >>> 8)) - 4)));
}
