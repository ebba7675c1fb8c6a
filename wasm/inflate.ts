import { adler32 } from "./checksum";
import { buildTable, END, KIND, LINK, pairLiterals, SPECIAL } from "./decode_tables";
import {
  CODE_LENGTHS,
  DISTANCE_ENTRIES,
  DISTANCE_TABLE,
  LITERAL_ENTRIES,
  LITERAL_TABLE,
  PRECODE_TABLE,
  REPEATS,
  reserve,
} from "./memory";
import { END_OF_BLOCK, PRECODES, precodeOrder } from "./tables";

/** Why a stream was refused; the host has a sentence for each. */
export namespace Failure {
  export const NONE: u32 = 0;
  export const HEADER: u32 = 1;
  export const CUT_SHORT: u32 = 2;
  export const BLOCK_TYPE: u32 = 3;
  export const STORED_LENGTH: u32 = 4;
  export const CODE_LENGTHS: u32 = 5;
  export const CODE: u32 = 6;
  export const DISTANCE: u32 = 7;
  export const TOO_MUCH: u32 = 8;
  export const MEMORY: u32 = 9;
  export const CHECKSUM: u32 = 10;
  export const MORE_BYTES: u32 = 11;
}

const LITERAL_TABLE_BITS: u32 = 10;
const DISTANCE_TABLE_BITS: u32 = 8;
const PRECODE_TABLE_BITS: u32 = 7;
/** Bytes that one round of {@link decode} may write: literals, the longest match, and what a copy in steps overruns. */
const ROUND: u64 = 320;
/** How far past its end input is looked at, before it is known to be cut short: bits that are not taken yet. */
const OVERREAD: usize = 8;
/** Bits of a distance, extra ones included. */
const LONGEST_DISTANCE: u32 = 28;

/** Why the last stream was refused. */
export let failure: u32 = Failure.NONE;

// The input that is not taken yet begins with the lowest `bitCount` bits of `bits`. Bits above them may be set already, to what
// they will be. It is read up to SLACK bytes past its end; that too much was taken is found out after each round.
let input: usize = 0;
let inputEnd: usize = 0;
let bits: u64 = 0;
let bitCount: u32 = 0;
// The output has room up to `outputEnd`, and for a round more.
let outputBegin: usize = 0;
let outputEnd: usize = 0;
let outputMost: u64 = 0;
let blockEnds: bool = false;

/** Builds, for each distance below 16, the 16 indices that repeat as many bytes. */
export function buildRepeats(): void {
  for (let distance: u32 = 1; distance < 16; distance++) {
    for (let i: u32 = 0; i < 16; i++) store<u8>(REPEATS + (distance << 4) + i, i % distance);
  }
}

/**
 * Decompresses a zlib stream (RFC 1950).
 *
 * @param data The stream, with SLACK bytes of zeros after it.
 * @param to Where the bytes go, at the end of all memory that is in use: more is taken as needed.
 * @param most The most bytes that are accepted.
 * @returns How many bytes there are. Without meaning when there is a {@link failure}.
 */
export function inflate(data: usize, size: usize, to: usize, most: usize): usize {
  failure = Failure.NONE;
  input = data + 2;
  inputEnd = data + size;
  bits = 0;
  bitCount = 0;
  outputBegin = to;
  outputEnd = to;
  outputMost = most;
  const header: u32 = load<u16>(data);
  // Method 8, a window of at most 32 KiB, no dictionary, a multiple of 31 as a big-endian number.
  if (size < 2 || (header & 15) != 8 || (header & 0xff) > 0x7f || header & 0x2000 || bswap<u16>(<u16>header) % 31) {
    return fail(Failure.HEADER);
  }
  if (!makeRoom(<u64>size * 4 + 4096)) return 0;
  let out = to;
  let final: u32 = 0;
  do {
    refill();
    final = take(1);
    const type = take(2);
    if (type == 0) out = copyStored(out);
    else if (type == 3) return fail(Failure.BLOCK_TYPE);
    else if (type == 1 ? fixedTables() : readTables()) out = decodeBlock(out);
    if (failure) return 0;
  } while (!final);
  align();
  if (out - to > most) return fail(Failure.TOO_MUCH);
  if (input + 4 > inputEnd) return fail(Failure.CUT_SHORT);
  if (bswap(load<u32>(input)) != adler32(to, out - to)) return fail(Failure.CHECKSUM);
  if (input + 4 < inputEnd) return fail(Failure.MORE_BYTES);
  return out - to;
}

function fail(reason: u32): u32 {
  failure = reason;
  return 0;
}

/** Makes room for at least so many bytes more, if as many are allowed. */
function grow(more: u64): bool {
  const room = <u64>(outputEnd - outputBegin);
  return room < outputMost ? makeRoom(room + max(room, more)) : <bool>fail(Failure.TOO_MUCH);
}

/** Makes room for so many bytes in all, as far as they are allowed. */
function makeRoom(wanted: u64): bool {
  const room = min(outputMost, wanted);
  outputEnd = outputBegin + <usize>room;
  return reserve(<u64>outputBegin + room + ROUND) || <bool>fail(Failure.MEMORY);
}

/** Makes sure that at least 56 bits can be taken. */
function refill(): void {
  bits |= load<u64>(input) << bitCount;
  input += (63 - bitCount) >>> 3;
  bitCount |= 56;
}

function take(count: u32): u32 {
  const taken = <u32>bits & ((1 << count) - 1);
  bits >>>= count;
  bitCount -= count;
  return taken;
}

/** Goes on at the next whole byte of the input. */
function align(): void {
  input -= bitCount >>> 3;
  bits = 0;
  bitCount = 0;
}

function copyStored(out: usize): usize {
  align();
  if (input + 4 > inputEnd) return fail(Failure.CUT_SHORT);
  const lengths = load<u32>(input);
  const size: usize = lengths & 0xffff;
  if (size != ~lengths >>> 16) return fail(Failure.STORED_LENGTH);
  input += 4;
  if (input + size > inputEnd) return fail(Failure.CUT_SHORT);
  if (out + size > outputEnd && !grow(out + size - outputEnd)) return 0;
  if (out + size > outputEnd) return fail(Failure.TOO_MUCH);
  memory.copy(out, input, size);
  input += size;
  return out + size;
}

function fixedTables(): bool {
  memory.fill(CODE_LENGTHS, 8, 288);
  memory.fill(CODE_LENGTHS + 144, 9, 112);
  memory.fill(CODE_LENGTHS + 256, 7, 24);
  memory.fill(CODE_LENGTHS + 288, 5, 32);
  buildTable(CODE_LENGTHS, 288, LITERAL_ENTRIES, LITERAL_TABLE, LITERAL_TABLE_BITS);
  return buildTable(CODE_LENGTHS + 288, 32, DISTANCE_ENTRIES, DISTANCE_TABLE, DISTANCE_TABLE_BITS);
}

/** Reads the code lengths of a block, and builds its tables (RFC 1951, section 3.2.7). */
function readTables(): bool {
  const literals = take(5) + 257;
  const distances = take(5) + 1;
  const precodes = take(4) + 4;
  if (literals > 286 || distances > 30) return <bool>fail(Failure.CODE_LENGTHS);
  memory.fill(CODE_LENGTHS, 0, PRECODES);
  for (let i: u32 = 0; i < precodes; i++) {
    if (i & 15) refill();
    store<u8>(CODE_LENGTHS + precodeOrder(i), take(3));
  }
  if (!buildTable(CODE_LENGTHS, PRECODES, 0, PRECODE_TABLE, PRECODE_TABLE_BITS)) {
    return <bool>fail(Failure.CODE_LENGTHS);
  }
  const all = literals + distances;
  let i: u32 = 0;
  while (i < all) {
    if (input > inputEnd + OVERREAD) return <bool>fail(Failure.CUT_SHORT);
    refill();
    const entry = load<u32>(PRECODE_TABLE + ((<u32>bits & ((1 << PRECODE_TABLE_BITS) - 1)) << 2));
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
  pairLiterals(CODE_LENGTHS, LITERAL_TABLE, LITERAL_TABLE_BITS);
  return true;
}

function decodeBlock(out: usize): usize {
  for (blockEnds = false; !blockEnds && !failure;) {
    if (input > inputEnd + OVERREAD) return fail(Failure.CUT_SHORT);
    if (out > outputEnd && !grow(1)) return 0;
    out = decode(out);
  }
  return out;
}

/**
 * Decodes symbols up to the end of the block, or until there is not enough input or room for another round. A round takes some
 * literals and a match; what it may read and write past the ends is there, so nothing is checked but once a round, and the
 * distance. The next entry is looked up before a match is copied, to have it when the copy is done.
 *
 * @returns The end of the output.
 */
function decode(out: usize): usize {
  const inputLimit = inputEnd + OVERREAD;
  const outputLimit = outputEnd;
  const begin = outputBegin;
  let p = input;
  let b = bits;
  // Only the lowest six bits count: whole entries are subtracted from it.
  let n = bitCount & 63;
  b |= load<u64>(p) << n;
  p += (63 - n) >>> 3;
  n |= 56;
  let entry = literalEntry(b);
  while (p <= inputLimit && out <= outputLimit) {
    // 56 bits are enough for three entries of literals from the upper table, and one of any kind.
    if (<i32>entry < 0) {
      b >>>= entry;
      n -= entry;
      out = putLiterals(out, entry);
      entry = literalEntry(b);
      if (<i32>entry < 0) {
        b >>>= entry;
        n -= entry;
        out = putLiterals(out, entry);
        entry = literalEntry(b);
        if (<i32>entry < 0) {
          b >>>= entry;
          n -= entry;
          out = putLiterals(out, entry);
          entry = literalEntry(b);
        }
      }
    }
    if ((entry & KIND) == SPECIAL) {
      if (entry & LINK) {
        b >>>= entry;
        n -= entry;
        entry = linked(LITERAL_TABLE, entry, b);
      }
      if ((entry & KIND) == SPECIAL) {
        if (!(entry & END)) return fail(Failure.CODE);
        b >>>= entry;
        n -= entry;
        blockEnds = true;
        break;
      }
    }
    if (<i32>entry < 0) {
      b >>>= entry;
      n = (n - entry) & 63;
      out = putLiterals(out, entry);
      b |= load<u64>(p) << n;
      p += (63 - n) >>> 3;
      n |= 56;
      entry = literalEntry(b);
      continue;
    }
    const length = (entry >>> 16) + ((<u32>b & ((1 << entry) - 1)) >>> (entry >>> 8));
    b >>>= entry;
    n = (n - entry) & 63;
    if (n < LONGEST_DISTANCE) {
      b |= load<u64>(p) << n;
      p += (63 - n) >>> 3;
      n |= 56;
    }
    entry = load<u32>(DISTANCE_TABLE + ((<u32>b & ((1 << DISTANCE_TABLE_BITS) - 1)) << 2));
    if (entry & SPECIAL) {
      if (!(entry & LINK)) return fail(Failure.CODE);
      b >>>= entry;
      n -= entry;
      entry = linked(DISTANCE_TABLE, entry, b);
      if (entry & SPECIAL) return fail(Failure.CODE);
    }
    const distance = (entry >>> 16) + ((<u32>b & ((1 << entry) - 1)) >>> (entry >>> 8));
    if (distance > out - begin) return fail(Failure.DISTANCE);
    b >>>= entry;
    n = (n - entry) & 63;
    b |= load<u64>(p) << n;
    p += (63 - n) >>> 3;
    n |= 56;
    entry = literalEntry(b);
    copyMatch(out, distance, length);
    out += length;
  }
  input = p;
  bits = b;
  bitCount = n & 63;
  return out;
}

// @ts-ignore: decorator
@inline
function literalEntry(b: u64): u32 {
  return load<u32>(LITERAL_TABLE + ((<u32>b & ((1 << LITERAL_TABLE_BITS) - 1)) << 2));
}

/** Writes one or two literals, and returns the place after them. */
// @ts-ignore: decorator
@inline
function putLiterals(out: usize, entry: u32): usize {
  store<u16>(out, <u16>(entry >>> 8));
  return out + ((entry >>> 24) & 3);
}

/** The entry in the table below. */
// @ts-ignore: decorator
@inline
function linked(table: usize, link: u32, b: u64): u32 {
  return load<u32>(table + (((link >>> 16) + (<u32>b & ((1 << (link >>> 8)) - 1))) << 2));
}

/** Copies in steps of 16 bytes, past the end of the match. */
// @ts-ignore: decorator
@inline
function copyMatch(out: usize, distance: u32, length: u32): void {
  const end = out + length;
  if (distance >= 16) {
    let from = out - distance;
    v128.store(out, v128.load(from));
    v128.store(out, v128.load(from, 16), 16);
    while (out + 32 < end) {
      out += 32;
      from += 32;
      v128.store(out, v128.load(from));
      v128.store(out, v128.load(from, 16), 16);
    }
  } else {
    const repeats = v128.load(REPEATS + (distance << 4));
    const bytes = i8x16.swizzle(v128.load(out - distance), repeats);
    const step = 16 - 16 % distance;
    for (; out < end; out += step) v128.store(out, bytes);
  }
}
