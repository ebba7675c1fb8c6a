import { beginOutput, fillByte, put } from "./bit_writer";
import { buildPrecode, writeLengths } from "./code_lengths";
import { buildLengths } from "./huffman";
import { tokensEnd } from "./matches";
import {
  COUNTS_END,
  DISTANCE_COUNTS,
  DISTANCE_LENGTHS,
  increment,
  LENGTH_COUNTS,
  LENGTH_EXTRA,
  LENGTH_SYMBOL,
  LITERAL_COUNTS,
  LITERAL_LENGTHS,
  PRECODE_COUNTS,
  PRECODE_LENGTHS,
  TOKENS,
  word,
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
import { LONGEST_DISTANCE_CODE, LONGEST_LITERAL_CODE, writeTokens } from "./tokens";

const LARGEST_STORED: usize = 65535;
/** Bits before stored bytes, at least. */
const STORED_HEADER: u32 = 35;

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
  const own: u32 = 14 + 3 * precodes + cost(PRECODE_COUNTS, PRECODE_LENGTHS, PRECODES) + 2 * word(PRECODE_COUNTS, 16) +
    3 * word(PRECODE_COUNTS, 17) + 7 * word(PRECODE_COUNTS, 18) + extra +
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
    store<u32>(counter, load<u32>(counter) + word(LENGTH_COUNTS, length));
  }
  increment(LITERAL_COUNTS + (END_OF_BLOCK << 2));
}

function averageLiteral(): u32 {
  let all: u32 = 1;
  for (let byte: u32 = 0; byte < 256; byte++) all += word(LITERAL_COUNTS, byte);
  return (cost(LITERAL_COUNTS, LITERAL_LENGTHS, 256) << 3) / all;
}

/** How many symbols there are up to the last one that has a code. */
function lastUsed(lengths: usize, symbols: u32, least: u32): u32 {
  while (symbols > least && !load<u8>(lengths + symbols - 1)) symbols--;
  return symbols;
}

function cost(counts: usize, lengths: usize, symbols: u32): u32 {
  let sum: u32 = 0;
  for (let symbol: u32 = 0; symbol < symbols; symbol++) sum += word(counts, symbol) * <u32>load<u8>(lengths + symbol);
  return sum;
}

function extraBits(): u32 {
  let sum: u32 = 0;
  for (let symbol: u32 = 0; symbol < 29; symbol++) {
    sum += word(LITERAL_COUNTS, FIRST_LENGTH + symbol) * <u32>load<u8>(LENGTH_EXTRA + symbol);
  }
  for (let symbol: u32 = 0; symbol < DISTANCES; symbol++) sum += word(DISTANCE_COUNTS, symbol) * distanceExtra(symbol);
  return sum;
}

function fixedCost(): u32 {
  let sum: u32 = 0;
  for (let symbol: u32 = 0; symbol < LITERALS; symbol++) sum += word(LITERAL_COUNTS, symbol) * fixedLength(symbol);
  for (let symbol: u32 = 0; symbol < DISTANCES; symbol++) sum += word(DISTANCE_COUNTS, symbol) * 5;
  return sum;
}

function setFixedLengths(): void {
  for (let symbol: u32 = 0; symbol < LITERALS; symbol++) store<u8>(LITERAL_LENGTHS + symbol, fixedLength(symbol));
  memory.fill(DISTANCE_LENGTHS, 5, DISTANCES);
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

// @ts-ignore: decorator
@inline
function fixedLength(symbol: u32): u32 {
  return symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8;
}
