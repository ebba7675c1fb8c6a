import { COUNTS, DISTANCE, HASH_TABLE, increment, LENGTH_COUNTS, TOKENS } from "./memory";
import { distanceSymbol } from "./tables";

const HASH_BITS: u32 = 15;
const HASH_FACTOR: u64 = 0x9e3779b185ebca87;
/** The window, as a mask for distances less 1. */
const WINDOW_MASK: u32 = 0x7fff;
const LONGEST_MATCH: usize = 258;
/** Bytes compared at once. */
const STEP: u32 = 16;
/** After this many literals in a row the search begins to skip bytes, as they are likely not compressible. */
const PATIENCE: u32 = 128;
const LONGEST_SKIP: u32 = 64;

/**
 * Where the tokens of the last block end. Each is two u32: distance less 1 << 16 | length, and the run of literals before it << 5 | the distance's symbol.
 */
export let tokensEnd: usize = TOKENS;

// The hash table has a u32 a bucket: the low 16 bits of the last two addresses whose five bytes have that hash. Distances are
// taken modulo the window, so an old address stands for a newer one that may not match: bytes are compared anyway, and nothing
// has to be moved or checked as the window slides. An empty bucket stands for the input's first byte, which therefore has to be
// at a multiple of the window size.

/** Where the literals begin that come after the last token. */
export let lastLiterals: usize = 0;

/** Forgets all matches. */
export function clearMatches(): void {
  memory.fill(HASH_TABLE, 0, 4 << <usize>HASH_BITS);
}

/**
 * Splits input into literals and matches. Counts the symbols of matches, and the literals up to the last match.
 *
 * Each step looks at two addresses at once and takes the longer match; without a branch but the one between match and literals,
 * as a branch that is guessed wrong costs more than the work for both.
 *
 * @param begin Where the literals begin that no token has yet.
 * @param p Where to begin; not the first byte of the input, which has nothing before it.
 * @param stop Where to stop, not less than 18 bytes before `end`, and not more than 128 KiB after `begin`.
 * @param end The end of the input.
 * @param shortest The shortest match to take.
 * @returns The address up to which literals are counted.
 */
export function findMatches(begin: usize, p: usize, stop: usize, end: usize, shortest: u32): usize {
  let token = TOKENS;
  while (p < stop) {
    const here = load<u64>(p);
    const bucket = bucketOf(here);
    const seen = load<u32>(bucket);
    store<u32>(bucket, (seen << 16) | (p & 0xffff));
    const next = load<u64>(p, 1);
    const nextBucket = bucketOf(next);
    const nextSeen = load<u32>(nextBucket);
    store<u32>(nextBucket, (nextSeen << 16) | ((p + 1) & 0xffff));

    const before = p - 1;
    const bytes = v128.load(p);
    let distance: u32 = (before - seen) & WINDOW_MASK;
    let length = matching(bytes, before - distance);
    const older: u32 = (before - (seen >>> 16)) & WINDOW_MASK;
    const olderLength = matching(bytes, before - older);
    distance = olderLength > length ? older : distance;
    length = olderLength > length ? olderLength : length;
    const nextDistance: u32 = (p - nextSeen) & WINDOW_MASK;
    const nextLength = matching(v128.load(p, 1), p - nextDistance);
    const late: u32 = nextLength > length ? 1 : 0;
    distance = late ? nextDistance : distance;
    length = late ? nextLength : length;

    if (length < shortest) {
      increment(COUNTS + ((<u32>here & 255) << 2));
      increment(COUNTS + ((<u32>next & 255) << 2));
      p += 2;
      const run = <u32>(p - begin);
      if (run >= PATIENCE) {
        const skipEnd = min(p + min(run >>> 6, LONGEST_SKIP), max(stop, p));
        for (; p < skipEnd; p++) increment(COUNTS + (<u32>load<u8>(p) << 2));
      }
      continue;
    }

    const skipped = COUNTS + ((<u32>here & 255) << 2);
    store<u32>(skipped, load<u32>(skipped) + late);
    const match = p + late;
    if (length == STEP) length = extend(match, distance, <u32>min(LONGEST_MATCH, end - match));
    const symbol = distanceSymbol(distance);
    store<u32>(token, (distance << 16) | length);
    store<u32>(token, ((match - begin) << 5) | symbol, 4);
    increment(LENGTH_COUNTS + (length << 2));
    increment(COUNTS + DISTANCE * 4 + (symbol << 2));
    token += 8;
    remember(p + 2);
    p = match + length;
    remember(p - 1);
    begin = p;
  }
  tokensEnd = token;
  lastLiterals = begin;
  return p;
}

// @ts-ignore: decorator
@inline
function bucketOf(bytes: u64): usize {
  // Five bytes: four find more matches that are too short to pay.
  return HASH_TABLE + (<usize>(((bytes << 24) * HASH_FACTOR) >> <u64>(64 - HASH_BITS)) << 2);
}

// @ts-ignore: decorator
@inline
function remember(p: usize): void {
  const bucket = bucketOf(load<u64>(p));
  store<u32>(bucket, (load<u32>(bucket) << 16) | (p & 0xffff));
}

/** How many of 16 bytes are those before an address. */
// @ts-ignore: decorator
@inline
function matching(bytes: v128, at: usize): u32 {
  // The carry of the addition ends at the first byte that differs.
  return ctz(i8x16.bitmask(i8x16.eq(bytes, v128.load(at))) + 1);
}

/** The length of a match whose first 16 bytes are known to match. */
// @ts-ignore: decorator
@inline
function extend(match: usize, distance: u32, longest: u32): u32 {
  let length = STEP;
  for (; length < longest; length += STEP) {
    const p = match + length;
    const equal = i8x16.bitmask(i8x16.eq(v128.load(p), v128.load(p - 1 - distance)));
    if (equal != 0xffff) {
      length += ctz(equal + 1);
      break;
    }
  }
  return min(length, longest);
}
