import { continueOutput, out, pending, pendingCount } from "./bit_writer";
import { countBytes } from "./counts";
import { COUNTS, HASH_TABLE, increment, NOTHING, TOKENS, TOKENS_END } from "./memory";
import {
  addLiterals,
  addMatch,
  addNoMatch,
  addRun,
  endTokens,
  literalCodes,
  matchCodes,
  runOf,
  SIZE_BITS,
  SIZE_MASK,
  TOKEN,
  unwrittenEnd,
  writeRun,
  writeTokens,
} from "./tokens";

const HASH_BITS: u32 = 16;
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
 * @param stop Where to stop, not less than 18 bytes before `end`.
 * @param end The end of the input.
 * @param shortest The shortest match to take, at least 5 bytes.
 * @param hashed How many bytes are hashed, the same for a whole input: fewer find more matches that are too short to pay.
 * @returns The address up to which there are tokens.
 */
export function findMatches(begin: usize, p: usize, stop: usize, end: usize, shortest: u32, hashed: u32): usize {
  // What is not hashed is shifted out.
  const factor = HASH_FACTOR << <u64>(64 - 8 * hashed);
  let token = addRun(TOKENS, begin, p);
  let lastMatch = begin;
  const oldEnd = unwrittenEnd;
  let to = out;
  let left = pending;
  let n = pendingCount;
  while (p < stop) {
    if (token >= TOKENS_END) {
      // What ends the loop in two ways that are the same is made one condition, which takes longer.
      endTokens(token);
      break;
    }
    const back0 = backTo(p, factor);
    const back1 = backTo(p + 1, factor);
    const back2 = backTo(p + 2, factor);
    const back3 = backTo(p + 3, factor);

    const old = token < oldEnd ? token : NOTHING;
    if (runOf(old)) {
      continueOutput(to, left, n);
      writeRun(old);
      to = out;
      left = pending;
      n = pendingCount;
    } else {
      let codes = literalCodes(old);
      left |= (codes >>> SIZE_BITS) << n;
      n += <u32>codes & SIZE_MASK;
      store<u64>(to, left);
      to += n >>> 3;
      left >>>= n & 56;
      n &= 7;
      codes = matchCodes(old);
      left |= (codes >>> SIZE_BITS) << n;
      n += <u32>codes & SIZE_MASK;
      store<u64>(to, left);
      to += n >>> 3;
      left >>>= n & 56;
      n &= 7;
    }

    // No comparison is used twice: V8 would make a number of its result, which takes longer than to compare again.
    let length = matching(p, back0);
    const length1 = matching(p + 1, back1);
    let match = length1 <= length ? p : p + 1;
    length = length1 > length ? length1 : length;
    const length2 = matching(p + 2, back2);
    match = length2 <= length + 1 ? match : p + 2;
    length = length2 > length + 1 ? length2 : length;
    const length3 = matching(p + 3, back3);
    match = length3 <= length + 2 ? match : p + 3;
    length = length3 > length + 2 ? length3 : length;

    if (length < shortest) {
      countLiterals(p, 1, 1, 1);
      increment(COUNTS + (<u32>load<u8>(p, 3) << 2));
      addLiterals(token, p, 4);
      addNoMatch(token);
      p += 4;
      const run = p - lastMatch;
      if (run >= PATIENCE) {
        const next = min(p + min(run >>> 5, LONGEST_SKIP), max(stop, p));
        countBytes(p, next);
        addRun(token, p - 4, next);
        p = next;
      }
      token += TOKEN;
      continue;
    }

    countLiterals(p, match > p ? 1 : 0, match > p + 1 ? 1 : 0, match > p + 2 ? 1 : 0);
    addLiterals(token, p, <u32>(match - p));
    let back = match == p ? back0 : back1;
    back = match < p + 2 ? back : back2;
    back = match < p + 3 ? back : back3;
    let after = match + length;
    if (length == STEP) {
      length = extend(match, back, <u32>min(LONGEST_MATCH, end - match));
      after = match + length;
      remember(match + 6, factor);
      remember(after - 2, factor);
      remember(after - 4, factor);
    }
    addMatch(token, length, ~back);
    token += TOKEN;
    // No further: the shortest match ends after the last of these.
    remember(p + 4, factor);
    remember(after - 2, factor);
    p = after;
    remember(p - 1, factor);
    lastMatch = p;
  }
  continueOutput(to, left, n);
  writeTokens(token);
  endTokens(token);
  return p;
}

// @ts-ignore: decorator
@inline
function bucketOf(p: usize, factor: u64): usize {
  return <usize>((load<u64>(p) * factor) >> <u64>(64 - HASH_BITS)) << 1;
}

// @ts-ignore: decorator
@inline
function remember(p: usize, factor: u64): void {
  store<u16>(bucketOf(p, factor), <u16>p, HASH_TABLE);
}

/** Gives how far back the address is that was remembered for the bytes at this one, as a negative number, and remembers this one for them. */
// @ts-ignore: decorator
@inline
function backTo(p: usize, factor: u64): u32 {
  const bucket = bucketOf(p, factor);
  const seen: u32 = load<u16>(bucket, HASH_TABLE);
  store<u16>(bucket, <u16>p, HASH_TABLE);
  return (seen - <u32>p) | BACK;
}

/** How many of 16 bytes are those before. */
// @ts-ignore: decorator
@inline
function matching(p: usize, back: u32): u32 {
  // The carry of the addition ends at the first byte that differs.
  return ctz(i8x16.bitmask(i8x16.eq(v128.load(p), v128.load(p + back))) + 1);
}

/** Counts three literals, those that there are. */
// @ts-ignore: decorator
@inline
function countLiterals(p: usize, first: u32, second: u32, third: u32): void {
  const counter = COUNTS + (<u32>load<u8>(p) << 2);
  store<u32>(counter, load<u32>(counter) + first);
  const next = COUNTS + (<u32>load<u8>(p, 1) << 2);
  store<u32>(next, load<u32>(next) + second);
  const last = COUNTS + (<u32>load<u8>(p, 2) << 2);
  store<u32>(last, load<u32>(last) + third);
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
