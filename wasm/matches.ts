import { COUNTS, DISTANCE, HASH_TABLE, increment, LENGTH_COUNTS, TOKENS } from "./memory";
import { distanceSymbol } from "./tables";

const HASH_BITS: u32 = 16;
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

// The hash table has a u16 a bucket: the low 16 bits of the last address whose five bytes have that hash. Distances are taken
// modulo the window, so an old address stands for a newer one that may not match: bytes are compared anyway, and nothing has to
// be moved or checked as the window slides. An empty bucket stands for the input's first byte, which therefore has to be at a
// multiple of the window size. No address may be in the table before the search has passed it: it would stand for one before the input.

/** Where the literals begin that come after the last token. */
export let lastLiterals: usize = 0;

/** Forgets all matches. */
export function clearMatches(): void {
  memory.fill(HASH_TABLE, 0, 2 << <usize>HASH_BITS);
}

/**
 * Splits input into literals and matches. Counts the symbols of matches, and the literals up to the last match.
 *
 * Each step looks at three addresses at once and takes the longest match; without a branch but the one between match and
 * literals, as a branch that is guessed wrong costs more than the work for all of them.
 *
 * @param begin Where the literals begin that no token has yet.
 * @param p Where to begin; not the first byte of the input, which has nothing before it.
 * @param stop Where to stop, not less than 18 bytes before `end`, and not more than 256 KiB after `begin`.
 * @param end The end of the input.
 * @param shortest The shortest match to take, at least 5 bytes.
 * @returns The address up to which literals are counted.
 */
export function findMatches(begin: usize, p: usize, stop: usize, end: usize, shortest: u32): usize {
  let token = TOKENS;
  while (p < stop) {
    const distance0 = distanceTo(load<u64>(p), p);
    const distance1 = distanceTo(load<u64>(p, 1), p + 1);
    const distance2 = distanceTo(load<u64>(p, 2), p + 2);

    // No comparison is used twice: V8 would make a number of its result, which takes longer than to compare again.
    let length = matching(v128.load(p), p - 1 - distance0);
    const length1 = matching(v128.load(p, 1), p - distance1);
    let match = length1 <= length ? p : p + 1;
    length = length1 > length ? length1 : length;
    const length2 = matching(v128.load(p, 2), p + 1 - distance2);
    match = length2 <= length + 1 ? match : p + 2;
    length = length2 > length + 1 ? length2 : length;

    if (length < shortest) {
      countLiterals(p, 1, 1);
      increment(COUNTS + (<u32>load<u8>(p, 2) << 2));
      p += 3;
      const run = <u32>(p - begin);
      if (run >= PATIENCE) {
        const skipEnd = min(p + min(run >>> 6, LONGEST_SKIP), max(stop, p));
        for (; p < skipEnd; p++) increment(COUNTS + (<u32>load<u8>(p) << 2));
      }
      continue;
    }

    countLiterals(p, match > p ? 1 : 0, match > p + 1 ? 1 : 0);
    let distance = match == p ? distance0 : distance1;
    distance = match < p + 2 ? distance : distance2;
    let after = match + length;
    if (length == STEP) {
      length = extend(match, distance, <u32>min(LONGEST_MATCH, end - match));
      after = match + length;
      remember(match + 6);
      remember(after - 2);
      remember(after - 4);
    }
    const symbol = distanceSymbol(distance);
    store<u32>(token, (distance << 16) | length);
    store<u32>(token, ((match - begin) << 5) | symbol, 4);
    increment(LENGTH_COUNTS + (length << 2));
    increment(COUNTS + DISTANCE * 4 + (symbol << 2));
    token += 8;
    // No further: the shortest match ends after the last of these.
    remember(p + 3);
    remember(p + 4);
    p = after;
    remember(p - 1);
    begin = p;
  }
  endTokens(token, begin);
  return p;
}

/** Notes where the tokens of a block end, and where the literals after them begin. */
export function endTokens(token: usize, literals: usize): void {
  tokensEnd = token;
  lastLiterals = literals;
}

// @ts-ignore: decorator
@inline
function bucketOf(bytes: u64): usize {
  // Five bytes: four find more matches that are too short to pay.
  return HASH_TABLE + (<usize>(((bytes << 24) * HASH_FACTOR) >> <u64>(64 - HASH_BITS)) << 1);
}

// @ts-ignore: decorator
@inline
function remember(p: usize): void {
  store<u16>(bucketOf(load<u64>(p)), <u16>p);
}

/** Gives the distance, less 1, to the address that was remembered for the bytes at this one, and remembers this one for them. */
// @ts-ignore: decorator
@inline
function distanceTo(bytes: u64, p: usize): u32 {
  const bucket = bucketOf(bytes);
  const seen: u32 = load<u16>(bucket);
  store<u16>(bucket, <u16>p);
  return (p - 1 - seen) & WINDOW_MASK;
}

/** How many of 16 bytes are those at an address. */
// @ts-ignore: decorator
@inline
function matching(bytes: v128, at: usize): u32 {
  // The carry of the addition ends at the first byte that differs.
  return ctz(i8x16.bitmask(i8x16.eq(bytes, v128.load(at))) + 1);
}

/** Counts the literals at an address and after it, where there are some. */
// @ts-ignore: decorator
@inline
function countLiterals(p: usize, first: u32, second: u32): void {
  const counter = COUNTS + (<u32>load<u8>(p) << 2);
  store<u32>(counter, load<u32>(counter) + first);
  const next = COUNTS + (<u32>load<u8>(p, 1) << 2);
  store<u32>(next, load<u32>(next) + second);
}

/** The length of a match whose first 16 bytes are known to match. */
// @ts-ignore: decorator
@inline
function extend(match: usize, distance: u32, longest: u32): u32 {
  // The next 32 at once: where most end is not guessed.
  const next = match + STEP;
  const before = next - 1 - distance;
  const low = i8x16.bitmask(i8x16.eq(v128.load(next), v128.load(before)));
  const high = i8x16.bitmask(i8x16.eq(v128.load(next, 16), v128.load(before, 16)));
  let length = STEP + <u32>ctz(<u64><u32>(low | (high << 16)) + 1);
  if (length == 3 * STEP) {
    for (; length < longest; length += STEP) {
      const p = match + length;
      const equal = i8x16.bitmask(i8x16.eq(v128.load(p), v128.load(p - 1 - distance)));
      if (equal != 0xffff) {
        length += ctz(equal + 1);
        break;
      }
    }
  }
  return min(length, longest);
}
