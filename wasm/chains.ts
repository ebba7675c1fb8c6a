import { addLiterals, addMatch as add, addNoMatch, addRun, endTokens, TOKEN, writeTokens } from "./tokens";
import {
  CHAIN_HEADS,
  CHAIN_LINKS,
  COUNTS,
  increment,
  SHORT_HEADS,
  TOKENS,
  TOKENS_END,
} from "./memory";

const HEAD_BITS: u32 = 16;
const SHORT_HEAD_BITS: u32 = 12;
const HASH_FACTOR: u32 = 0x9e3779b1;
const WINDOW_MASK: u32 = 0x7fff;
const LONGEST_MATCH: usize = 258;
/** A match of three bytes that is farther costs more than its literals. */
const FARTHEST_SHORT: u32 = 512;
/** Bytes compared at once. */
const STEP: u32 = 16;
/** A match of this length is good: a better one is sought less far. */
const GOOD: u32 = 8;
/** After 2^9 literals in a row a byte is left out, then more. */
const PATIENCE: usize = 9;
const LONGEST_SKIP: usize = 32;

// Where the quick search of matches.ts remembers one address for a hash, this one remembers all: the newest one in a table of heads, and for
// each address in the window the one before it with the same hash. Addresses are taken modulo the window, as there, and times two: that is
// where the link of an address is, so that the next one needs no more than a load.

/** Forgets all matches. */
export function clearChains(): void {
  memory.fill(CHAIN_HEADS, 0, 2 << HEAD_BITS);
  memory.fill(CHAIN_LINKS, 0, 2 * (WINDOW_MASK + 1));
  memory.fill(SHORT_HEADS, 0, 2 << SHORT_HEAD_BITS);
}

/**
 * Splits input into literals and matches as {@link findMatches} does, but follows chains, and takes a match only if there is no longer
 * one at the next byte.
 *
 * @param shortest The shortest match to take, at least 3 bytes.
 * @param depth How many addresses of a chain are tried.
 * @param lazy A match of this length is taken as it is.
 * @param nice With a match of this length the search for a longer one ends.
 */
export function findLazily(begin: usize, p: usize, stop: usize, end: usize, shortest: u32, depth: u32, lazy: u32, nice: u32): usize {
  writeTokens(TOKENS);
  let token = TOKENS;
  // The match at the byte before: length << 16 | distance less 1, or 0.
  let held: u32 = 0;
  while (p < stop && token + ((p - begin) << 2) < TOKENS_END) {
    const heldLength = held >>> 16;
    const found = heldLength < lazy ? longest(p, end, max(heldLength, shortest - 1), heldLength < GOOD ? depth : depth >>> 2, nice) : 0;
    if (found && isBetter(found, held)) {
      if (held) increment(COUNTS + (<u32>load<u8>(p - 1) << 2));
      held = found;
      p++;
    } else if (held) {
      if (heldLength >= lazy) remember(p);
      token = addMatch(token, begin, p - 1 - begin, held);
      begin = p - 1 + heldLength;
      for (p++; p < begin; p++) remember(p);
      p = begin;
      held = 0;
    } else {
      // Where nothing matches for long, bytes are left out, as they are likely not compressible.
      const next = min(p + 1 + min((p - begin) >>> PATIENCE, LONGEST_SKIP), max(stop, p + 1));
      for (; p < next; p++) increment(COUNTS + (<u32>load<u8>(p) << 2));
    }
  }
  if (held) {
    token = addMatch(token, begin, p - 1 - begin, held);
    begin = p - 1 + (held >>> 16);
    for (; p < begin; p++) remember(p);
  }
  endTokens(addRun(token, begin, p));
  return p;
}

/** Whether a match is worth a literal before it: two bits of the distance count as half a byte. */
// @ts-ignore: decorator
@inline
function isBetter(found: u32, held: u32): bool {
  if (!held) return true;
  const longer = <i32>(found >>> 16) - <i32>(held >>> 16);
  return 4 * longer + <i32>clz((found & 0xffff) + 1) - <i32>clz((held & 0xffff) + 1) > 2;
}

function addMatch(token: usize, from: usize, literals: usize, match: u32): usize {
  for (; literals > 4; literals -= 4) {
    addLiterals(token, from, 4);
    addNoMatch(token);
    token += TOKEN;
    from += 4;
  }
  addLiterals(token, from, <u32>literals);
  add(token, match >>> 16, match & 0xffff);
  return token + TOKEN;
}

/** Makes an address the newest one of its hashes. */
export function remember(p: usize): void {
  const bytes = load<u32>(p);
  const head = headOf(bytes);
  store<u16>(linkOf(p), load<u16>(head));
  store<u16>(head, <u16>(p << 1));
  store<u16>(shortHeadOf(bytes), <u16>(p << 1));
}

/**
 * Remembers an address, and finds the longest match for it.
 *
 * @param best What it has to be longer than, at least 2.
 * @returns The length << 16 | the distance less 1; 0 when there is none.
 */
function longest(p: usize, end: usize, best: u32, depth: u32, nice: u32): u32 {
  const bytes = load<u32>(p);
  const shortHead = shortHeadOf(bytes);
  const near = distanceTo(p, load<u16>(shortHead));
  const head = headOf(bytes);
  let seen: u32 = load<u16>(head);
  store<u16>(shortHead, <u16>(p << 1));
  store<u16>(head, <u16>(p << 1));
  store<u16>(linkOf(p), <u16>seen);
  const most = <u32>min(LONGEST_MATCH, end - p);
  if (most <= best) return 0;
  let length = best;
  let found: u32 = 0;
  if (length < 3 && near < FARTHEST_SHORT && !((load<u32>(p - 1 - near) ^ bytes) << 8)) {
    length = 3;
    found = near;
  }
  // What is longer has to match in its last bytes.
  let tail = max<u32>(length, 3) - 3;
  let ending = load<u32>(p + tail);
  const enough = min(nice, most);
  let last: i32 = -1;
  for (; depth > 0; depth--) {
    const distance = distanceTo(p, seen);
    seen = load<u16>(seen, CHAIN_LINKS);
    // The chain goes on among addresses that have left the window.
    if (<i32>distance <= last) break;
    last = distance;
    const at = p - 1 - distance;
    if (load<u32>(at + tail) == ending) {
      const equal = matching(p, at, most);
      if (equal > length) {
        length = equal;
        found = distance;
        if (equal >= enough) break;
        tail = equal - 3;
        ending = load<u32>(p + tail);
      }
    }
  }
  return length > best ? (length << 16) | found : 0;
}

/** How many bytes match, up to `most`. */
// @ts-ignore: decorator
@inline
function matching(p: usize, at: usize, most: u32): u32 {
  let length: u32 = 0;
  for (; length < most; length += STEP) {
    const equal = i8x16.bitmask(i8x16.eq(v128.load(p + length), v128.load(at + length)));
    if (equal != 0xffff) {
      length += ctz(equal + 1);
      break;
    }
  }
  return min(length, most);
}

/** The distance, less 1, to an address that was remembered. */
// @ts-ignore: decorator
@inline
function distanceTo(p: usize, seen: u32): u32 {
  return (<u32>p - 1 - (seen >>> 1)) & WINDOW_MASK;
}

// @ts-ignore: decorator
@inline
function headOf(bytes: u32): usize {
  return CHAIN_HEADS + (((bytes * HASH_FACTOR) >>> (32 - HEAD_BITS)) << 1);
}

// @ts-ignore: decorator
@inline
function shortHeadOf(bytes: u32): usize {
  return SHORT_HEADS + ((((bytes << 8) * HASH_FACTOR) >>> (32 - SHORT_HEAD_BITS)) << 1);
}

// @ts-ignore: decorator
@inline
function linkOf(p: usize): usize {
  return CHAIN_LINKS + ((p & WINDOW_MASK) << 1);
}
