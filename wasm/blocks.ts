import { buildCodes, buildLengths } from "./huffman";
import { tokensEnd } from "./matches";
import {
  COUNTS_END,
  DISTANCE_CODES,
  DISTANCE_COUNTS,
  DISTANCE_LENGTHS,
  increment,
  LENGTH_CODES,
  LENGTH_COUNTS,
  LENGTH_EXTRA,
  LENGTH_SYMBOL,
  LITERAL_CODES,
  LITERAL_COUNTS,
  LITERAL_LENGTHS,
  PRECODE_CODES,
  PRECODE_COUNTS,
  PRECODE_ITEMS,
  PRECODE_LENGTHS,
  TOKENS,
} from "./memory";
import {
  distanceExtra,
  DISTANCES,
  distanceSymbol,
  END_OF_BLOCK,
  FIRST_LENGTH,
  LITERALS,
  PRECODES,
  precodeOrder,
} from "./tables";

// A literal and a match fit into the 57 bits that are free after each store.
const LONGEST_LITERAL_CODE: u32 = 13;
const LONGEST_DISTANCE_CODE: u32 = 12;
const LONGEST_PRECODE: u32 = 7;
const LARGEST_STORED: usize = 65535;
/** Bits before stored bytes, at least. */
const STORED_HEADER: u32 = 35;

// Where the output goes on, and its bits that are not written yet.
let out: usize = 0;
let bits: u64 = 0;
let bitCount: u32 = 0;

/** Begins a stream at `to`. */
export function beginBlocks(to: usize): void {
  out = to;
  bits = 0;
  bitCount = 0;
}

/** Fills up the last byte of the stream, and returns its end. */
export function endBlocks(): usize {
  if (bitCount) store<u8>(out++, <u8>bits);
  bits = 0;
  bitCount = 0;
  return out;
}

/** Makes ready for counting the symbols of a block. */
export function clearCounts(): void {
  memory.fill(LITERAL_COUNTS, 0, COUNTS_END - LITERAL_COUNTS);
}

/**
 * Writes a block (RFC 1951, section 3.2.3) in the form that is the shortest: stored, with the fixed codes, or with its own.
 *
 * @param data The input that the block stands for; its tokens and counts of literals are in place.
 * @returns The bits that a literal takes on average, times 8.
 */
export function writeBlock(data: usize, size: usize, final: bool): u32 {
  countTokens();
  buildLengths(LITERAL_COUNTS, LITERALS, LONGEST_LITERAL_CODE, LITERAL_LENGTHS);
  buildLengths(DISTANCE_COUNTS, DISTANCES, LONGEST_DISTANCE_CODE, DISTANCE_LENGTHS);
  const average = averageLiteral();
  const literals = lastUsed(LITERAL_LENGTHS, LITERALS, FIRST_LENGTH);
  const distances = lastUsed(DISTANCE_LENGTHS, DISTANCES, 1);
  const items = buildPrecode(literals, distances);
  let precodes = PRECODES;
  while (precodes > 4 && !load<u8>(PRECODE_LENGTHS + precodeOrder(precodes - 1))) precodes--;

  const extra: u32 = extraBits();
  const own: u32 = 14 + 3 * precodes + cost(PRECODE_COUNTS, PRECODE_LENGTHS, PRECODES) + 2 * count(PRECODE_COUNTS, 16) +
    3 * count(PRECODE_COUNTS, 17) + 7 * count(PRECODE_COUNTS, 18) + extra +
    cost(LITERAL_COUNTS, LITERAL_LENGTHS, LITERALS) + cost(DISTANCE_COUNTS, DISTANCE_LENGTHS, DISTANCES);
  const fixed: u32 = extra + fixedCost();
  const shortest: u32 = min(own, fixed);
  // To store is many times quicker, to write as to read: it may cost a hundredth more.
  if (shortest + (shortest >>> 7) >= <u32>(size << 3) + STORED_HEADER) {
    writeStored(data, size, final);
    return average;
  }
  if (fixed <= own) {
    put((final ? 1 : 0) | (1 << 1), 3);
    setFixedLengths();
  } else {
    put((final ? 1 : 0) | (2 << 1), 3);
    writeLengths(literals, distances, precodes, items);
  }
  buildCodes(LITERAL_LENGTHS, LITERALS, LITERAL_CODES);
  buildCodes(DISTANCE_LENGTHS, DISTANCES, DISTANCE_CODES);
  buildMatchCodes();
  writeTokens(data, data + size);
  return average;
}

function countTokens(): void {
  for (let token = TOKENS; token < tokensEnd; token += 8) {
    const match = load<u32>(token);
    increment(LENGTH_COUNTS + ((match & 0xffff) << 2));
    increment(DISTANCE_COUNTS + (distanceSymbol(match >>> 16) << 2));
  }
  for (let length: u32 = 3; length <= 258; length++) {
    const counter = LITERAL_COUNTS + ((FIRST_LENGTH + <u32>load<u8>(LENGTH_SYMBOL + length)) << 2);
    store<u32>(counter, load<u32>(counter) + count(LENGTH_COUNTS, length));
  }
  increment(LITERAL_COUNTS + (END_OF_BLOCK << 2));
}

function averageLiteral(): u32 {
  let all: u32 = 1;
  for (let byte: u32 = 0; byte < 256; byte++) all += count(LITERAL_COUNTS, byte);
  return (cost(LITERAL_COUNTS, LITERAL_LENGTHS, 256) << 3) / all;
}

/** How many symbols there are up to the last one that has a code. */
function lastUsed(lengths: usize, symbols: u32, least: u32): u32 {
  while (symbols > least && !load<u8>(lengths + symbols - 1)) symbols--;
  return symbols;
}

function cost(counts: usize, lengths: usize, symbols: u32): u32 {
  let sum: u32 = 0;
  for (let symbol: u32 = 0; symbol < symbols; symbol++) sum += count(counts, symbol) * <u32>load<u8>(lengths + symbol);
  return sum;
}

function extraBits(): u32 {
  let sum: u32 = 0;
  for (let symbol: u32 = 0; symbol < 29; symbol++) {
    sum += count(LITERAL_COUNTS, FIRST_LENGTH + symbol) * <u32>load<u8>(LENGTH_EXTRA + symbol);
  }
  for (let symbol: u32 = 0; symbol < DISTANCES; symbol++) sum += count(DISTANCE_COUNTS, symbol) * distanceExtra(symbol);
  return sum;
}

function fixedCost(): u32 {
  let sum: u32 = 0;
  for (let symbol: u32 = 0; symbol < LITERALS; symbol++) sum += count(LITERAL_COUNTS, symbol) * fixedLength(symbol);
  for (let symbol: u32 = 0; symbol < DISTANCES; symbol++) sum += count(DISTANCE_COUNTS, symbol) * 5;
  return sum;
}

function setFixedLengths(): void {
  for (let symbol: u32 = 0; symbol < LITERALS; symbol++) store<u8>(LITERAL_LENGTHS + symbol, fixedLength(symbol));
  memory.fill(DISTANCE_LENGTHS, 5, DISTANCES);
}

/**
 * Turns the lengths of both codes into the symbols of the precode, runs shortened (RFC 1951, section 3.2.7), and builds it.
 *
 * @returns How many symbols there are; each is a u16: extra bits << 8 | symbol.
 */
function buildPrecode(literals: u32, distances: u32): u32 {
  memory.fill(PRECODE_COUNTS, 0, PRECODES << 2);
  let items: u32 = 0;
  const all = literals + distances;
  for (let i: u32 = 0; i < all;) {
    const length = lengthAt(i, literals);
    let run: u32 = 1;
    while (i + run < all && lengthAt(i + run, literals) == length) run++;
    i += run;
    if (length) {
      items = item(items, length, 0);
      for (run--; run >= 3;) {
        const repeat = min<u32>(run, 6);
        items = item(items, 16, repeat - 3);
        run -= repeat;
      }
    } else {
      while (run >= 11) {
        const repeat = min<u32>(run, 138);
        items = item(items, 18, repeat - 11);
        run -= repeat;
      }
      if (run >= 3) {
        items = item(items, 17, run - 3);
        run = 0;
      }
    }
    for (; run > 0; run--) items = item(items, length, 0);
  }
  buildLengths(PRECODE_COUNTS, PRECODES, LONGEST_PRECODE, PRECODE_LENGTHS);
  return items;
}

function item(items: u32, symbol: u32, extra: u32): u32 {
  store<u16>(PRECODE_ITEMS + (items << 1), (extra << 8) | symbol);
  increment(PRECODE_COUNTS + (symbol << 2));
  return items + 1;
}

function lengthAt(i: u32, literals: u32): u32 {
  return load<u8>(i < literals ? LITERAL_LENGTHS + i : DISTANCE_LENGTHS + i - literals);
}

function writeLengths(literals: u32, distances: u32, precodes: u32, items: u32): void {
  buildCodes(PRECODE_LENGTHS, PRECODES, PRECODE_CODES);
  put((literals - 257) | ((distances - 1) << 5) | ((precodes - 4) << 10), 14);
  for (let i: u32 = 0; i < precodes; i++) put(load<u8>(PRECODE_LENGTHS + precodeOrder(i)), 3);
  for (let i: u32 = 0; i < items; i++) {
    const item = load<u16>(PRECODE_ITEMS + (i << 1));
    const symbol = item & 255;
    const code = count(PRECODE_CODES, symbol);
    put(code & 0xffff, code >>> 16);
    if (symbol >= 16) put(item >>> 8, symbol == 16 ? 2 : symbol == 17 ? 3 : 7);
  }
}

/** Joins the code and the extra bits of each match length: bits, and from bit 24 on their number. Notes those of distances. */
function buildMatchCodes(): void {
  let base: u32 = 3;
  for (let length: u32 = 3; length <= 258; length++) {
    const symbol: u32 = load<u8>(LENGTH_SYMBOL + length);
    if (symbol != <u32>load<u8>(LENGTH_SYMBOL + length - 1)) base = length;
    const code = count(LITERAL_CODES, FIRST_LENGTH + symbol);
    const codeBits = code >>> 16;
    const joined = (code & 0xffff) | ((length - base) << codeBits);
    store<u32>(LENGTH_CODES + (length << 2), joined | ((codeBits + <u32>load<u8>(LENGTH_EXTRA + symbol)) << 24));
  }
  for (let symbol: u32 = 0; symbol < DISTANCES; symbol++) {
    const code = DISTANCE_CODES + (symbol << 2);
    store<u32>(code, load<u32>(code) | (distanceExtra(symbol) << 24));
  }
}

/** Writes the block's symbols. Several are gathered in `pending` before each store, which is never waited for. */
function writeTokens(data: usize, end: usize): void {
  let to = out;
  let pending = bits;
  let n = bitCount;
  for (let token = TOKENS; token < tokensEnd; token += 8) {
    const match = load<u32>(token);
    let run = <i32>load<u32>(token, 4);
    while (run > 1) {
      // Up to four literals at a time, but not the last one.
      run--;
      const four = load<u32>(data);
      const a = count(LITERAL_CODES, four & 255);
      const b = run > 1 ? count(LITERAL_CODES, (four >>> 8) & 255) : 0;
      const c = run > 2 ? count(LITERAL_CODES, (four >>> 16) & 255) : 0;
      const d = run > 3 ? count(LITERAL_CODES, four >>> 24) : 0;
      const ab = (a >>> 16) + (b >>> 16);
      pending |= ((code(a) | (code(b) << (a >>> 16))) << n) | ((code(c) | (code(d) << (c >>> 16))) << (n + ab));
      n += ab + (c >>> 16) + (d >>> 16);
      store<u64>(to, pending);
      to += n >>> 3;
      pending >>>= n & 56;
      n &= 7;
      const written = min(run, 4);
      data += written;
      run -= written - 1;
    }
    const literal = run > 0 ? count(LITERAL_CODES, load<u8>(data)) : 0;
    const length = match & 0xffff;
    const lengthCode = count(LENGTH_CODES, length);
    const distance = match >>> 16;
    const distanceCode = count(DISTANCE_CODES, distanceSymbol(distance));
    data += run + length;
    pending |= code(literal) << n;
    n += literal >>> 16;
    pending |= <u64>(lengthCode & 0xffffff) << n;
    n += lengthCode >>> 24;
    const extra = distanceCode >>> 24;
    const distanceBits = (distanceCode >>> 16) & 255;
    pending |= (code(distanceCode) | (<u64>(distance & ((1 << extra) - 1)) << distanceBits)) << n;
    n += distanceBits + extra;
    store<u64>(to, pending);
    to += n >>> 3;
    pending >>>= n & 56;
    n &= 7;
  }
  out = to;
  bits = pending;
  bitCount = n;
  for (; data < end; data++) putCode(load<u8>(data));
  putCode(END_OF_BLOCK);
}

function writeStored(data: usize, size: usize, final: bool): void {
  do {
    const part = min(size, LARGEST_STORED);
    size -= part;
    put(final && !size ? 1 : 0, 3);
    endBlocks();
    store<u32>(out, part | (~part << 16));
    memory.copy(out + 4, data, part);
    out += 4 + part;
    data += part;
  } while (size);
}

function putCode(symbol: u32): void {
  const code = count(LITERAL_CODES, symbol);
  put(code & 0xffff, code >>> 16);
}

function put(value: u32, size: u32): void {
  bits |= <u64>value << bitCount;
  bitCount += size;
  store<u64>(out, bits);
  out += bitCount >>> 3;
  bits >>>= bitCount & 56;
  bitCount &= 7;
}

// @ts-ignore: decorator
@inline
function code(entry: u32): u64 {
  return <u64>(entry & 0xffff);
}

// @ts-ignore: decorator
@inline
function count(words: usize, i: u32): u32 {
  return load<u32>(words + (i << 2));
}

// @ts-ignore: decorator
@inline
function fixedLength(symbol: u32): u32 {
  return symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8;
}
