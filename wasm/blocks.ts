import { beginOutput, fillByte, put } from "./bit_writer";
import { buildPrecode, writeLengths } from "./code_lengths";
import { buildLengths } from "./huffman";
import {
  COUNTS,
  COUNTS_END,
  DISTANCE,
  EXTRA,
  FIXED_LENGTHS,
  increment,
  LENGTH_COUNTS,
  LENGTH_SYMBOL,
  LENGTHS,
  PRECODE,
  SYMBOLS,
  word,
} from "./memory";
import { DISTANCES, END_OF_BLOCK, FIRST_LENGTH, LITERALS, PRECODES, precodeOrder } from "./tables";
import { beginTokens, forgetTokens, LONGEST_DISTANCE_CODE, LONGEST_LITERAL_CODE, tokensEnd } from "./tokens";

const LARGEST_STORED: usize = 65535;
/** Bits before stored bytes, at least. */
const STORED_HEADER: u32 = 35;

/** Makes ready for counting the symbols of a block. */
export function clearCounts(): void {
  memory.fill(COUNTS, 0, COUNTS_END - COUNTS);
}

/**
 * Writes a block (RFC 1951, section 3.2.3) in the form that is the shortest: stored, with the fixed codes, or with its own.
 *
 * @param data The input that the block stands for; its tokens and the counts of literals, match lengths and distance symbols are in place.
 * @returns The bits that a literal takes on average, times 8.
 */
export function writeBlock(data: usize, size: usize, final: bool): u32 {
  countLengths();
  buildLengths(0, LITERALS, LONGEST_LITERAL_CODE);
  buildLengths(DISTANCE, DISTANCES, LONGEST_DISTANCE_CODE);
  const average = averageLiteral();
  const literals = lastUsed(0, LITERALS, FIRST_LENGTH);
  const distances = lastUsed(DISTANCE, DISTANCES, 1);
  // Before the precode has its counts.
  const fixed: u32 = cost(FIXED_LENGTHS, PRECODE) + cost(EXTRA, PRECODE);
  const items = buildPrecode(literals, distances);
  let precodes = PRECODES;
  while (precodes > 4 && !load<u8>(LENGTHS + PRECODE + precodeOrder(precodes - 1))) precodes--;

  const own: u32 = 14 + 3 * precodes + cost(LENGTHS, SYMBOLS) + cost(EXTRA, SYMBOLS);
  const shortest: u32 = min(own, fixed);
  // To store is many times quicker, to write as to read: it may cost a hundredth more.
  if (shortest + (shortest >>> 7) >= <u32>(size << 3) + STORED_HEADER) {
    writeStored(data, size, final);
    forgetTokens(tokensEnd);
    return average;
  }
  const isOwn = own < fixed;
  put((final ? 1 : 0) | (isOwn ? 2 << 1 : 1 << 1), 3);
  if (isOwn) writeLengths(literals, distances, precodes, items);
  else memory.copy(LENGTHS, FIXED_LENGTHS, PRECODE);
  beginTokens(tokensEnd);
  return average;
}

/** Counts length symbols by the counts of lengths, and the symbol that ends the block. */
function countLengths(): void {
  for (let length: u32 = 3; length <= 258; length++) {
    const counter = COUNTS + ((FIRST_LENGTH + <u32>load<u8>(LENGTH_SYMBOL + length)) << 2);
    store<u32>(counter, load<u32>(counter) + word(LENGTH_COUNTS, length));
  }
  increment(COUNTS + (END_OF_BLOCK << 2));
}

function averageLiteral(): u32 {
  let all: u32 = 1;
  for (let byte: u32 = 0; byte < 256; byte++) all += word(COUNTS, byte);
  return (cost(LENGTHS, 256) << 3) / all;
}

/** How many symbols there are, from one on, up to the last one that has a code. */
function lastUsed(first: u32, symbols: u32, least: u32): u32 {
  while (symbols > least && !load<u8>(LENGTHS + first + symbols - 1)) symbols--;
  return symbols;
}

/** The bits that all of the first symbols take, by what each does. */
function cost(bits: usize, symbols: u32): u32 {
  let sum: u32 = 0;
  for (let symbol: u32 = 0; symbol < symbols; symbol++) sum += word(COUNTS, symbol) * <u32>load<u8>(bits + symbol);
  return sum;
}

function writeStored(data: usize, size: usize, final: bool): void {
  do {
    const part = min(size, LARGEST_STORED);
    size -= part;
    put(final && !size ? 1 : 0, 3);
    const to = fillByte();
    store<u32>(to, part | (~part << 16));
    memory.copy(to + 4, data, part);
    beginOutput(to + 4 + part);
    data += part;
  } while (size);
}
