import { continueBits, isCutShort, position, positionEnd } from "./bit_reader";
import { copyMatch, copyNear, copyShort, NEAR } from "./copies";
import { CLASS, CODE_BITS, DISTANCE_TABLE_BITS, END, FIRST, LENGTH, LINK, LITERAL_TABLE_BITS, NOWHERE, ONE_LITERAL, placeNowhere, SECOND, SPECIAL } from "./decode_tables";
import { fail, Failure } from "./failure";
import { CLASSES, DISTANCE_TABLE, LITERAL_TABLE } from "./memory";

/** Bytes that four turns of {@link decode} may write: literals, the longest match, and what a copy in steps overruns. */
export const ROUND: u64 = 4 * 260 + 64;

/** Whether {@link decode} came to the end of the block. */
export let blockEnds: bool = false;

/** A class of an entry, as an offset into the classes. */
const CLASS_OFFSET: u32 = CLASS - 3;
const CLASS_MASK: u32 = 63 << 3;
/** The lower half of an entry that is one literal of eight bits. */
const EIGHT_BITS: u32 = (ONE_LITERAL << CLASS) | ((8 + 2) << CODE_BITS) | 8;

/**
 * Decodes symbols up to the end of the block, or until there is not enough input or room for another round. A turn takes up to two
 * literals and a match. Literals alone are a match of no bytes, so that what comes next is not guessed, and nothing is lost by a wrong guess.
 * What a round may read and write past the ends is there, so nothing is checked but once a round, and the distance: memory is in use up to where
 * the output begins, farther than any distance reaches, so the address tells.
 *
 * What has to wait is the next entry: it needs the bits, and they need the entry before. So it is looked up as soon as its bits are
 * there, before a match is copied.
 *
 * @param begin Where the output begins.
 * @param out Where it goes on.
 * @param outputLimit Up to where it may go, and ROUND bytes past it.
 * @returns Where it goes on next.
 */
export function decode(begin: usize, out: usize, outputLimit: usize): usize {
  // Bits are buffered from two before the next one on: cut out, they are an offset into a table of u32 then, without a shift.
  const place = position - 2;
  const limit = <usize>(positionEnd >>> 3) + 8;
  let from = <usize>(place >>> 3) + 7;
  let b = load<u64>(from - 7) >>> (place & 7);
  // How many bits are buffered, in the lowest six bits: what is above them never matters.
  let n = 56 - <u32>(place & 7);
  let entry = literalEntry(b);
  let next: u32 = 0;
  let low: u32 = 0;
  let length: u32 = 0;
  let distance = NOWHERE;
  placeNowhere(out - begin);
  blockEnds = false;
  for (;;) {
    // A round has four turns, written out: what a loop costs by itself, a jump back and values that change their registers, is a tenth.
    while (!(entry & SPECIAL)) {
      if (from > limit) return refuse(Failure.CUT_SHORT, from, n);
      if (out > outputLimit) return end(out, from, n);
      b = filled(b, from, n);
      from += bytesTaken(n);
      n |= 56;
      low = <u32>b;
      b >>>= entry;
      n -= entry;
      next = literalEntry(b);
      store<u16>(out, <u16>(entry >>> FIRST));
      out += literalsOf(entry);
      length = lengthOf(entry);
      distance = distanceOf(entry, low);
      entry = next;
      if (out - distance < begin) return refuse(Failure.DISTANCE, from, n);
      if (distance < NEAR) break;
      copyShort(out, distance);
      out += length;

      if (entry & SPECIAL) break;
      b = filled(b, from, n);
      from += bytesTaken(n);
      n |= 56;
      low = <u32>b;
      b >>>= entry;
      n -= entry;
      next = literalEntry(b);
      store<u16>(out, <u16>(entry >>> FIRST));
      out += literalsOf(entry);
      length = lengthOf(entry);
      distance = distanceOf(entry, low);
      entry = next;
      if (out - distance < begin) return refuse(Failure.DISTANCE, from, n);
      if (distance < NEAR) break;
      copyShort(out, distance);
      out += length;

      if (entry & SPECIAL) break;
      b = filled(b, from, n);
      from += bytesTaken(n);
      n |= 56;
      low = <u32>b;
      b >>>= entry;
      n -= entry;
      next = literalEntry(b);
      store<u16>(out, <u16>(entry >>> FIRST));
      out += literalsOf(entry);
      length = lengthOf(entry);
      distance = distanceOf(entry, low);
      entry = next;
      if (out - distance < begin) return refuse(Failure.DISTANCE, from, n);
      if (distance < NEAR) break;
      copyShort(out, distance);
      out += length;

      if (entry & SPECIAL) break;
      b = filled(b, from, n);
      from += bytesTaken(n);
      n |= 56;
      low = <u32>b;
      b >>>= entry;
      n -= entry;
      next = literalEntry(b);
      store<u16>(out, <u16>(entry >>> FIRST));
      out += literalsOf(entry);
      length = lengthOf(entry);
      distance = distanceOf(entry, low);
      entry = next;
      if (out - distance < begin) return refuse(Failure.DISTANCE, from, n);
      if (distance < NEAR) break;
      copyShort(out, distance);
      out += length;
    }
    // What repeats bytes that the same copy writes is copied here, so that the turns are straight code.
    if (distance < NEAR) {
      copyNear(out, distance, length);
      out += length;
      distance = NOWHERE;
      continue;
    }
    if (from > limit) return refuse(Failure.CUT_SHORT, from, n);
    if (out > outputLimit) return end(out, from, n);
    b = filled(b, from, n);
    from += bytesTaken(n);
    n |= 56;
    if (entry & LINK) {
      b >>>= entry & 31;
      n -= entry & 31;
      entry = linked(LITERAL_TABLE, entry, b);
      b = filled(b, from, n);
      from += bytesTaken(n);
      n |= 56;
      if (!(entry & SPECIAL)) {
        store<u8>(out++, <u8>(entry >>> FIRST));
        b >>>= entry;
        n -= entry;
        entry = literalEntry(b);
        continue;
      }
    }
    const taken = entry & 31;
    if (!(entry & LENGTH)) {
      n -= taken;
      if (!(entry & END)) return refuse(Failure.CODE, from, n);
      blockEnds = true;
      return end(out, from, n);
    }
    length = (entry >>> FIRST) + ((<u32>b & ((4 << taken) - 1)) >>> ((entry >>> CODE_BITS) & 15));
    b >>>= taken;
    n -= taken;
    entry = load<u32>(<u32>b & (((1 << DISTANCE_TABLE_BITS) - 1) << 2), DISTANCE_TABLE);
    if (entry & SPECIAL) {
      if (!(entry & LINK)) return refuse(Failure.CODE, from, n);
      b >>>= entry & 31;
      n -= entry & 31;
      b = filled(b, from, n);
      from += bytesTaken(n);
      n |= 56;
      entry = linked(DISTANCE_TABLE, entry, b);
      if (entry & SPECIAL) return refuse(Failure.CODE, from, n);
    }
    distance = distanceOf(entry, <u32>b);
    if (out - distance < begin) return refuse(Failure.DISTANCE, from, n);
    b >>>= entry;
    n -= entry;
    entry = literalEntry(b);
    copyMatch(out, distance, length);
    out += length;
    distance = NOWHERE;
  }
  return out;
}

/**
 * Decodes literals up to the first other symbol, for blocks that have hardly anything else: where the branch is guessed rightly, literals by
 * themselves take half as long as by {@link decode}.
 */
export function decodeLiterals(out: usize, outputLimit: usize): usize {
  const place = position - 2;
  const limit = <usize>(positionEnd >>> 3) + 8;
  let from = <usize>(place >>> 3) + 7;
  let b = load<u64>(from - 7) >>> (place & 7);
  let n = 56 - <u32>(place & 7);
  let entry = literalEntry(b);
  while (isLiterals(entry)) {
    if (from > limit) break;
    if (out > outputLimit) break;
    b = filled(b, from, n);
    from += bytesTaken(n);
    n |= 56;
    if (<u16>entry == EIGHT_BITS) {
      // Where a code ends is guessed, so that none waits for the one before it.
      const second = literalEntry(b >>> 8) ^ EIGHT_BITS;
      const third = literalEntry(b >>> 16) ^ EIGHT_BITS;
      if (!<u16>(second | third)) {
        store<u32>(out, (entry >>> FIRST) | (second >>> 8) | third);
        out += 3;
        b >>>= 24;
        n -= 24;
        entry = literalEntry(b);
        continue;
      }
    }
    out = putLiterals(out, entry);
    b >>>= entry;
    n -= entry;
    entry = literalEntry(b);
    if (!isLiterals(entry)) break;
    out = putLiterals(out, entry);
    b >>>= entry;
    n -= entry;
    entry = literalEntry(b);
  }
  return end(out, from, n);
}

/** Whether an entry has no match and is not special: both classes of literals have the same highest bits. */
// @ts-ignore: decorator
@inline
function isLiterals(entry: u32): bool {
  return (entry & (ONE_LITERAL << CLASS)) == ONE_LITERAL << CLASS;
}

// @ts-ignore: decorator
@inline
function putLiterals(out: usize, entry: u32): usize {
  store<u16>(out, <u16>(entry >>> FIRST));
  return out + 1 + ((entry >>> CLASS) & 1);
}

/** Keeps the place of the next bit. */
// @ts-ignore: decorator
@inline
function end(out: usize, from: usize, n: u32): usize {
  continueBits((<u64>from << 3) - <u64>(n & 63) + 2);
  return out;
}

/** Says why a stream is refused, unless it is because of what is past its end. */
// @ts-ignore: decorator
@inline
function refuse(reason: u32, from: usize, n: u32): usize {
  end(0, from, n);
  return fail(isCutShort() ? Failure.CUT_SHORT : reason);
}

// @ts-ignore: decorator
@inline
function literalEntry(b: u64): u32 {
  return load<u32>(<u32>b & (((1 << LITERAL_TABLE_BITS) - 1) << 2), LITERAL_TABLE);
}

/** The buffer with more bits, at least 56. */
// @ts-ignore: decorator
@inline
function filled(b: u64, from: usize, n: u32): u64 {
  return b | (load<u64>(from) << <u64>n);
}

/** How many whole bytes of the bits that {@link filled} adds are then in the buffer. */
// @ts-ignore: decorator
@inline
function bytesTaken(n: u32): u32 {
  return (~n >>> 3) & 7;
}

// @ts-ignore: decorator
@inline
function literalsOf(entry: u32): u32 {
  return <u32>load<u8>((entry >>> CLASS_OFFSET) & CLASS_MASK, CLASSES + 4);
}

/** The length of the match, 0 where there is none. */
// @ts-ignore: decorator
@inline
function lengthOf(entry: u32): u32 {
  return (entry >>> SECOND) & <u32>load<u8>((entry >>> CLASS_OFFSET) & CLASS_MASK, CLASSES + 5);
}

/** The distance of the match, by the bits of all of it. */
// @ts-ignore: decorator
@inline
function distanceOf(entry: u32, bits: u32): u32 {
  const kind = (entry >>> CLASS_OFFSET) & CLASS_MASK;
  return <u32>load<u16>(kind, CLASSES) + ((bits >>> ((entry >>> CODE_BITS) & 15)) & <u32>load<u16>(kind, CLASSES + 2));
}

/** The entry in the table below. */
// @ts-ignore: decorator
@inline
function linked(table: usize, link: u32, b: u64): u32 {
  return load<u32>(table + ((link >>> FIRST) << 2) + (<u32>b & ((4 << ((link >>> CODE_BITS) & 15)) - 4)));
}
