import { countBytes } from "./counts";
import { add, BACKS, COUNTS, HASH_TABLE, REACH4, TOKENS } from "./memory";
import {
  addFour,
  addLiterals,
  addMatch,
  addRun,
  endTokens,
  TOKEN,
  writeToken,
  writeTokens,
} from "./tokens";

/** Bits of a hash, at most. */
export const HASH_BITS: u32 = 16;
const HASH_FACTOR: u64 = 0x9e3779b185ebca87;
/** What all distances have in common as negative numbers, -1 to -32 KiB. */
const BACK: u32 = 0xffff8000;
const LONGEST_MATCH: usize = 258;
/** Bytes compared at once. */
const STEP: u32 = 16;
/** After this many literals in a row the search begins to skip bytes, as they are likely not compressible. */
const PATIENCE: usize = 128;
const LONGEST_SKIP: usize = 96;

// The hash table has a u16 a bucket: the low 16 bits of the last address whose bytes have that hash. Distances are taken
// modulo the window, so an old address stands for a newer one that may not match: bytes are compared anyway, and nothing has to
// be moved or checked as the window slides. An empty bucket stands for the input's first byte, which therefore has to be at a
// multiple of the window size. No address may be in the table before the search has passed it: it would stand for one before the input.

/** Forgets all matches. */
export function clearMatches(): void {
  memory.fill(HASH_TABLE, 0, 2 << <usize>HASH_BITS);
}

/**
 * Splits input into literals and matches, and counts the symbols of both.
 *
 * Each step looks at four addresses at once and takes the longest match; without a branch but the one between match and
 * literals, as a branch that is guessed wrong costs more than the work for all of them. A step waits most of the time, so
 * it also writes a token of the block before. It takes the place of that token by its own.
 *
 * @param begin Where the block begins.
 * @param p Where to begin; not the first byte of the input, which has nothing before it.
 * @param stop Where to stop, not less than 18 bytes before `end`, and where there is room for a token of each four bytes.
 * @param end The end of the input.
 * @param shortest The shortest match to take, at least 5 bytes.
 * @param hashed How many bytes are hashed: fewer find more matches that are too short to pay.
 * @param bits Bits of a hash: fewer are quicker, as the first cache holds more of the table.
 * @returns The address up to which there are tokens.
 */
export function findMatches(begin: usize, p: usize, stop: usize, end: usize, shortest: u32, hashed: u32, bits: u32): usize {
  // What is not hashed is shifted out, above the bits of the hash.
  const factor = HASH_FACTOR << <u64>(64 - HASH_BITS + bits - 8 * hashed);
  const mask: usize = (2 << bits) - 2;
  let token = addRun(TOKENS, begin, p);
  let lastMatch = begin;
  const least = shortest << 2;
  while (p < stop) {
    const bytes = load<u64>(p);
    const back0 = backTo(p, bytes * factor, mask);
    const back1 = backTo(p + 1, (bytes >>> 8) * factor, mask);
    const back2 = backTo(p + 2, (bytes >>> 16) * factor, mask);
    const back3 = backTo(p + 3, load<u64>(p + 3) * factor, mask);

    const here = v128.load(p);
    const next = v128.load(p, 16);
    const found0 = (matching(here, p + back0) << 2) + 3;
    const found1 = (matching(i8x16.shuffle(here, next, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16), p + 1 + back1) << 2) + 2;
    const found2 = (matching(i8x16.shuffle(here, next, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17), p + 2 + back2) << 2) + 1;
    const found3 = (matching(i8x16.shuffle(here, next, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18), p + 3 + back3) << 2);
    const early = max(found0, found1);
    const late = max(found2, found3);
    const found = max(early, late);

    store<u32>(BACKS, back3);
    store<u32>(BACKS, back2, 4);
    store<u32>(BACKS, back1, 8);
    store<u32>(BACKS, back0, 12);

    writeToken(token);

    if (found < least) {
      countLiterals(<u32>bytes, 1, 1, 1);
      add(COUNTS - REACH4 + ((<u32>bytes >>> 24) << 2), 1);
      addFour(token, p);
      p += 4;
      const run = p - lastMatch;
      if (run >= PATIENCE) {
        const next = min(p + min(run >>> 5, LONGEST_SKIP), max(stop, p));
        countBytes(p, next);
        writeTokens(token + TOKEN);
        token = addRun(token + TOKEN, p, next) - TOKEN;
        p = next;
      }
      token += TOKEN;
      continue;
    }

    const match = p + 3 - (found & 3);
    let length = found >>> 2;
    const run = <i32>(match - p);
    countLiterals(<u32>bytes, <u32>-run >>> 31, <u32>(1 - run) >>> 31, <u32>(2 - run) >>> 31);
    addLiterals(token, p, <u32>(match - p));
    const back = load<u32>(BACKS - REACH4 + ((found & 3) << 2), REACH4);
    let after = match + length;
    if (length == STEP) {
      length = extend(match, back, <u32>min(LONGEST_MATCH, end - match));
      after = match + length;
      remember(match + 6, factor, mask);
      remember(after - 4, factor, mask);
    }
    addMatch(token, length, ~back);
    token += TOKEN;
    // No further: the shortest match ends after the last of these.
    remember(p + 4, factor, mask);
    p = after;
    const last = load<u64>(p - 2);
    store<u16>(bucketOf(last * factor, mask), <u16>(p - 2), HASH_TABLE);
    store<u16>(bucketOf((last >>> 8) * factor, mask), <u16>(p - 1), HASH_TABLE);
    lastMatch = p;
  }
  writeTokens(token);
  endTokens(token);
  return p;
}

// @ts-ignore: decorator
@inline
function bucketOf(hash: u64, mask: usize): usize {
  return <usize>(hash >>> (63 - HASH_BITS)) & mask;
}

// @ts-ignore: decorator
@inline
function remember(p: usize, factor: u64, mask: usize): void {
  store<u16>(bucketOf(load<u64>(p) * factor, mask), <u16>p, HASH_TABLE);
}

/** Gives how far back the address is that was remembered for the bytes at this one, as a negative number, and remembers this one for them. */
// @ts-ignore: decorator
@inline
function backTo(p: usize, hash: u64, mask: usize): u32 {
  const bucket = bucketOf(hash, mask);
  const seen: u32 = load<u16>(bucket, HASH_TABLE);
  store<u16>(bucket, <u16>p, HASH_TABLE);
  return (seen - <u32>p) | BACK;
}

/** How many of 16 bytes are those before. */
// @ts-ignore: decorator
@inline
function matching(bytes: v128, before: usize): u32 {
  // The carry of the addition ends at the first byte that differs.
  return ctz(i8x16.bitmask(i8x16.eq(bytes, v128.load(before))) + 1);
}

/** Counts three literals, those that there are. */
// @ts-ignore: decorator
@inline
function countLiterals(bytes: u32, first: u32, second: u32, third: u32): void {
  add(COUNTS - REACH4 + ((bytes & 255) << 2), first);
  add(COUNTS - REACH4 + (((bytes >>> 8) & 255) << 2), second);
  add(COUNTS - REACH4 + (((bytes >>> 16) & 255) << 2), third);
}

/** The length of a match whose first 16 bytes are known to match. */
// @ts-ignore: decorator
@inline
function extend(match: usize, back: u32, longest: u32): u32 {
  // The next 32 at once: where most end is not guessed.
  const next = match + STEP;
  const before = next + back;
  const low = i8x16.bitmask(i8x16.eq(v128.load(next), v128.load(before)));
  const high = i8x16.bitmask(i8x16.eq(v128.load(next, 16), v128.load(before, 16)));
  let length = STEP + <u32>ctz(<u64><u32>(low | (high << 16)) + 1);
  if (length == 3 * STEP) {
    for (; length < longest; length += STEP) {
      const p = match + length;
      const equal = i8x16.bitmask(i8x16.eq(v128.load(p), v128.load(p + back)));
      if (equal != 0xffff) {
        length += ctz(equal + 1);
        break;
      }
    }
  }
  return min(length, longest);
}
