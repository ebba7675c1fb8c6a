import { BUCKETS, CODES, COUNTS, EXTRA, increment, LENGTHS, SORTED, SORTING, word } from "./memory";

/** Bits of a sort key that hold the symbol, below those of its count. */
const SYMBOL_BITS: u32 = 9;

/**
 * Finds the lengths of an optimal prefix code, limited to `longest` bits. At least two symbols get a code: so does zlib, and
 * some readers want it.
 *
 * @param first The first of the symbols. Each occurs less than 2^23 times.
 */
export function buildLengths(first: u32, symbols: u32, longest: u32): void {
  const counts = COUNTS + (first << 2);
  const lengths = LENGTHS + first;
  memory.fill(lengths, 0, symbols);
  let used: u32 = 0;
  let most: u32 = 0;
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const count = load<u32>(counts + (symbol << 2));
    if (!count) continue;
    store<u32>(SORTED + (used << 2), (count << SYMBOL_BITS) | symbol);
    most = max(most, count);
    used++;
  }
  if (used < 2) {
    const only: u32 = used ? symbolAt(SORTED, 0) : 0;
    store<u8>(lengths + only, 1);
    store<u8>(lengths + (only ? 0 : 1), 1);
    return;
  }
  const sorted = sort(used, most);
  const depths = sorted == SORTED ? SORTING : SORTED;
  for (let i: u32 = 0; i < used; i++) put(depths, i, word(sorted, i) >>> SYMBOL_BITS);
  countDepths(depths, used, longest);
  limit(longest);
  let i: u32 = 0;
  for (let length = longest; length > 0; length--) {
    for (let left = word(BUCKETS, length); left > 0; left--) store<u8>(lengths + symbolAt(sorted, i++), length);
  }
}

/** Sorts the symbols, the rarest first, by a byte of the count a pass. */
function sort(used: u32, most: u32): usize {
  let from = SORTED;
  let to = SORTING;
  for (let shift = SYMBOL_BITS; most; shift += 8, most >>>= 8) {
    memory.fill(BUCKETS, 0, 1024);
    for (let i: u32 = 0; i < used; i++) increment(BUCKETS + (((word(from, i) >>> shift) & 255) << 2));
    let place: u32 = 0;
    for (let i: u32 = 0; i < 256; i++) {
      const count = word(BUCKETS, i);
      put(BUCKETS, i, place);
      place += count;
    }
    for (let i: u32 = 0; i < used; i++) {
      const key = word(from, i);
      const bucket = (key >>> shift) & 255;
      const place = word(BUCKETS, bucket);
      put(BUCKETS, bucket, place + 1);
      put(to, place, key);
    }
    const swap = from;
    from = to;
    to = swap;
  }
  return from;
}

/** Turns sorted counts into how many codes there are of each length, in place (Moffat and Katajainen 1995). */
function countDepths(a: usize, used: u32, longest: u32): void {
  // Each inner node, once made, holds its weight; once used, its parent.
  let leaf: u32 = 0;
  let inner: u32 = 0;
  for (let next: u32 = 0; next < used - 1; next++) {
    let weight: u32 = 0;
    for (let child = 0; child < 2; child++) {
      if (leaf >= used || (inner < next && word(a, inner) < word(a, leaf))) {
        weight += word(a, inner);
        put(a, inner++, next);
      } else weight += word(a, leaf++);
    }
    put(a, next, weight);
  }
  put(a, used - 2, 0);
  for (let node = <i32>used - 3; node >= 0; node--) put(a, node, word(a, word(a, node)) + 1);
  memory.fill(BUCKETS, 0, 64);
  let node = <i32>used - 2;
  let depth: u32 = 0;
  for (let open: u32 = 1; open; depth++) {
    let inners: u32 = 0;
    for (; node >= 0 && word(a, node) == depth; node--) inners++;
    const length = min(depth, longest);
    put(BUCKETS, length, word(BUCKETS, length) + open - inners);
    open = 2 * inners;
  }
}

/** Makes room for the codes that were cut to the longest length, by lengthening the nearest shorter ones. */
function limit(longest: u32): void {
  let space: u32 = 0;
  for (let length: u32 = 1; length <= longest; length++) space += word(BUCKETS, length) << (longest - length);
  for (; space > 1 << longest; space--) {
    let length = longest - 1;
    while (!word(BUCKETS, length)) length--;
    put(BUCKETS, length, word(BUCKETS, length) - 1);
    put(BUCKETS, length + 1, word(BUCKETS, length + 1) + 2);
    put(BUCKETS, longest, word(BUCKETS, longest) - 1);
  }
}

/**
 * Assigns the codes to lengths (RFC 1951, section 3.2.2): the code, its first bit lowest, from bit 16 on its length, and from
 * bit 24 on how many extra bits follow it.
 *
 * @param first The first of the symbols.
 */
export function buildCodes(first: u32, symbols: u32): void {
  memory.fill(BUCKETS, 0, 64);
  const end = first + symbols;
  for (let symbol = first; symbol < end; symbol++) increment(BUCKETS + (<u32>load<u8>(LENGTHS + symbol) << 2));
  let code: u32 = 0;
  let shorter: u32 = 0;
  for (let length: u32 = 1; length < 16; length++) {
    code = (code + shorter) << 1;
    shorter = word(BUCKETS, length);
    put(BUCKETS, length, code);
  }
  for (let symbol = first; symbol < end; symbol++) {
    const length: u32 = load<u8>(LENGTHS + symbol);
    let entry: u32 = 0;
    if (length) {
      const next = word(BUCKETS, length);
      put(BUCKETS, length, next + 1);
      entry = reversed(next, length) | (length << 16) | (<u32>load<u8>(EXTRA + symbol) << 24);
    }
    put(CODES, symbol, entry);
  }
}

/** The lowest `length` bits, in reverse. */
function reversed(bits: u32, length: u32): u32 {
  bits = ((bits & 0x5555) << 1) | ((bits >>> 1) & 0x5555);
  bits = ((bits & 0x3333) << 2) | ((bits >>> 2) & 0x3333);
  bits = ((bits & 0x0f0f) << 4) | ((bits >>> 4) & 0x0f0f);
  return (((bits & 0xff) << 8) | (bits >>> 8)) >>> (16 - length);
}

// @ts-ignore: decorator
@inline
function symbolAt(sorted: usize, i: u32): u32 {
  return word(sorted, i) & ((1 << SYMBOL_BITS) - 1);
}

// @ts-ignore: decorator
@inline
function put(words: usize, i: u32, value: u32): void {
  store<u32>(words + (i << 2), value);
}
