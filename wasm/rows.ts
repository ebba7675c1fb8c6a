import { addLiterals, addMatch, addNoMatch, addRun, endTokens, TOKEN, writeTokens } from "./tokens";
import { COUNTS, HEADS, increment, ROWS, SHORT_HEADS, TOKENS, TOKENS_END } from "./memory";

const ROW_BITS: u32 = 10;
/** Bytes of a row, a power of two: so many tags, as many places of two bytes, and where the newest one is. */
const ROW_SHIFT: u32 = 7;
const ENTRIES: u32 = 32;
const HEAD_BITS: u32 = 16;
const SHORT_HEAD_BITS: u32 = 12;
const FACTOR: u64 = 0x9e3779b185ebca87;
const SHORT_FACTOR: u32 = 0x9e3779b1;
/** What all distances have in common as negative numbers, -1 to -32 KiB. */
const BACK: u32 = 0xffff8000;
const LONGEST_MATCH: usize = 258;
/** A match of three bytes that is farther costs more than its literals. */
const FARTHEST_SHORT: i32 = 256;
/** Bytes compared at once. */
const STEP: u32 = 16;
/** A match of this length is good: a better one is sought among fewer. */
const GOOD: u32 = 8;
/** From a match of this length on a better one is sought at the next byte only. */
const LONG: u32 = 16;
/** A match of this length is taken as it is. */
const LAZY: u32 = 48;
/** From a match of this length on no longer one is sought at the same byte. */
const ENOUGH: u32 = 96;
/** At how many bytes after a match a better one is sought. */
const AHEAD: u32 = 2;
/** After 2^9 literals in a row a byte is left out, then more. */
const PATIENCE: usize = 9;
const LONGEST_SKIP: usize = 32;

// Where the quick search of matches.ts remembers one address for a hash, this one remembers 32, those of a row: five bytes tell the row, six the
// tag of a byte. All tags of a row are compared at once, so that only addresses are looked at that match in six bytes, the newest first.
// Shorter matches are found by tables of the newest address for three bytes, and for four.
// Addresses are taken modulo the window, as there.

/** How far the bytes that are hashed for a row are shifted, and what of the sixth byte is in the tag. */
let rowShift: u64 = 0;
let tagMask: u32 = 0;

/**
 * Forgets all matches.
 *
 * @param short Whether rows are to be found by four bytes and tags not by the sixth: matches of four bytes pay where each is a character and a third.
 */
export function clearRows(short: bool): void {
  rowShift = short ? 32 : 24;
  tagMask = short ? 0 : 255;
  // The heads come after the rows.
  memory.fill(ROWS, 0, HEADS + (2 << HEAD_BITS) - ROWS);
  memory.fill(SHORT_HEADS, 0, 2 << SHORT_HEAD_BITS);
}

/**
 * Splits input into literals and matches as {@link findMatches} does, but looks at more addresses, and takes a match only if none at the next
 * bytes is better.
 *
 * @param shortest The shortest match to take, at least 3 bytes.
 * @param depth How many addresses of a row are tried.
 */
export function findLazily(begin: usize, p: usize, stop: usize, end: usize, shortest: u32, depth: u32): usize {
  writeTokens(TOKENS);
  let token = TOKENS;
  while (p < stop && token + ((p - begin) << 2) < TOKENS_END) {
    let match = longest(p, end, shortest - 1, depth);
    if (!match) {
      // Where nothing matches for long, bytes are left out, as they are likely not compressible.
      const next = min(p + 1 + min((p - begin) >>> PATIENCE, LONGEST_SKIP), stop);
      while (p < next) countLiteral(p++);
      continue;
    }
    let length = match >>> 16;
    let at = p + 1;
    for (let tried: u32 = 1; tried <= AHEAD && length < LAZY && at < stop; tried++) {
      const found = longest(at, end, length, length < GOOD ? depth : depth >>> 2);
      at++;
      if (found && isBetter(found, match, 3 * tried - 1)) {
        while (p < at - 1) countLiteral(p++);
        match = found;
        length = match >>> 16;
        tried = 0;
      } else if (length >= LONG) break;
    }
    let left = p - begin;
    for (; left > 4; left -= 4) {
      addLiterals(token, p - left, 4);
      addNoMatch(token);
      token += TOKEN;
    }
    addLiterals(token, p - left, <u32>left);
    addMatch(token, length, match & 0xffff);
    token += TOKEN;
    begin = p + length;
    for (p = at; p < begin; p++) remember(p);
    p = begin;
  }
  endTokens(addRun(token, begin, p));
  return p;
}

// @ts-ignore: decorator
@inline
function countLiteral(p: usize): void {
  increment(COUNTS + (<u32>load<u8>(p) << 2));
}

/** Whether a match is so much longer, in quarters of a byte: two bits of the distance count as half a byte. */
// @ts-ignore: decorator
@inline
function isBetter(found: u32, held: u32, enough: i32): bool {
  const longer = <i32>(found >>> 16) - <i32>(held >>> 16);
  return 4 * longer + <i32>clz(found & 0xffff) - <i32>clz(held & 0xffff) > enough;
}

/** Makes an address within a match the newest one of its hashes, but of three bytes: these are as common elsewhere. */
function remember(p: usize): void {
  const bytes = load<u64>(p);
  const hash = hashOf(bytes);
  push(rowOf(hash), tagOf(bytes, hash), p);
  store<u16>(headOf(<u32>bytes), <u16>p);
}

/**
 * Remembers an address, and finds the longest match for it.
 *
 * @param best What it has to be longer than, at least 2.
 * @returns The length << 16 | the distance less 1; 0 when there is none.
 */
function longest(p: usize, end: usize, best: u32, depth: u32): u32 {
  const bytes = load<u64>(p);
  const hash = hashOf(bytes);
  const row = rowOf(hash);
  const tag = tagOf(bytes, hash);
  const tags = i8x16.splat(<u8>tag);
  const same = <u32>i8x16.bitmask(i8x16.eq(v128.load(row), tags)) | (<u32>i8x16.bitmask(i8x16.eq(v128.load(row, 16), tags)) << 16);
  const newest: u32 = load<u8>(row, 3 * ENTRIES);
  let left = rotr<u32>(same, newest);
  const shortHead = shortHeadOf(<u32>bytes);
  const near = backTo(p, load<u16>(shortHead));
  const head = headOf(<u32>bytes);
  const back = backTo(p, load<u16>(head));
  store<u16>(shortHead, <u16>p);
  store<u16>(head, <u16>p);
  const most = <u32>min(LONGEST_MATCH, end - p);
  const enough = min(most, ENOUGH);
  let length = best;
  let found: u32 = 0;
  if (best < 5 && best < most) {
    if (best < 3 && <i32>near > -FARTHEST_SHORT && !((load<u32>(p + near) ^ <u32>bytes) << 8)) {
      length = 3;
      found = ~near;
    }
    if (load<u32>(p + back) == <u32>bytes) {
      const equal = matching(p, back, most);
      if (equal > length) {
        length = equal;
        found = ~back;
      }
    }
  }
  // What is longer has to match in its last bytes.
  let last = p + max<u32>(length, 3) - 3;
  for (; left && depth && length < enough; depth--) {
    const back = backTo(p, load<u16>(row + (((newest + <u32>ctz(left)) & (ENTRIES - 1)) << 1), ENTRIES));
    left &= left - 1;
    if (load<u32>(last + back) != load<u32>(last)) continue;
    const equal = matching(p, back, most);
    if (equal > length) {
      length = equal;
      found = ~back;
      last = p + equal - 3;
    }
  }
  push(row, tag, p);
  return length > best ? (length << 16) | (found & 0xffff) : 0;
}

/** How many bytes match, up to `most`. */
// @ts-ignore: decorator
@inline
function matching(p: usize, back: u32, most: u32): u32 {
  let length: u32 = 0;
  for (; length < most; length += STEP) {
    const equal = i8x16.bitmask(i8x16.eq(v128.load(p + length), v128.load(p + back + length)));
    if (equal != 0xffff) {
      length += ctz(equal + 1);
      break;
    }
  }
  return min(length, most);
}

/** How far back an address is that was remembered, as a negative number. */
// @ts-ignore: decorator
@inline
function backTo(p: usize, seen: u32): u32 {
  return (seen - <u32>p) | BACK;
}

// @ts-ignore: decorator
@inline
function push(row: usize, tag: u32, p: usize): void {
  const newest = (<u32>load<u8>(row, 3 * ENTRIES) - 1) & (ENTRIES - 1);
  store<u8>(row + newest, tag);
  store<u16>(row + (newest << 1), <u16>p, ENTRIES);
  store<u8>(row, newest, 3 * ENTRIES);
}

/** A hash of five bytes, or four. */
// @ts-ignore: decorator
@inline
function hashOf(bytes: u64): u32 {
  return <u32>(((bytes << rowShift) * FACTOR) >>> 32);
}

// @ts-ignore: decorator
@inline
function rowOf(hash: u32): usize {
  return ROWS + ((hash >>> (32 - ROW_BITS)) << ROW_SHIFT);
}

/** What of the hash does not tell the row, and the sixth byte. */
// @ts-ignore: decorator
@inline
function tagOf(bytes: u64, hash: u32): u32 {
  return (<u32>(bytes >>> 40) & tagMask) + (hash >>> (24 - ROW_BITS));
}

// @ts-ignore: decorator
@inline
function headOf(bytes: u32): usize {
  return HEADS + (((bytes * SHORT_FACTOR) >>> (32 - HEAD_BITS)) << 1);
}

// @ts-ignore: decorator
@inline
function shortHeadOf(bytes: u32): usize {
  return SHORT_HEADS + ((((bytes << 8) * SHORT_FACTOR) >>> (32 - SHORT_HEAD_BITS)) << 1);
}
