import { beginOutput, fillByte } from "./bit_writer";
import { clearCounts, writeBlock } from "./blocks";
import { ADLER_SEED, adler32 } from "./checksum";
import { countBytes } from "./counts";
import { clearMatches, findMatches, HASH_BITS } from "./matches";
import { COUNTS, increment, TABLES_END, TOKENS, word } from "./memory";
import { clearRows, findLazily } from "./rows";
import { FIRST_LENGTH, LITERALS } from "./tables";
import { addRun, endTokens, forgetTokens, TOKEN, tokensEnd, writeTokens } from "./tokens";

/** Input that the first block stands for: it tells what the shortest match of the next one is. */
const FIRST_BLOCK: usize = 1 << 15;
/** Input that a block stands for, at most, less a match: there is room for tokens of four bytes each. */
const BLOCK: usize = 96 << 10;
/** The same of a small input, at least. Nothing is searched while the last block is written: so it is a third of the input, but for what a block's codes take. */
const SMALL_BLOCK: usize = 64 << 10;
/** Bytes at the end that are not searched, so that the search sees no byte after them. */
const TAIL: usize = 18;
const SHORTEST_MATCH: u32 = 5;
/** Bytes that are hashed; more of them where characters take two or three, and few words are used. */
const HASHED: u32 = 5;
const HASHED_OF_FEW_WORDS: u32 = 6;
/** Among numbers, where no match of five bytes pays, and to miss one costs little: a table that fits the first cache. */
const HASHED_OF_NUMBERS: u32 = 6;
const BITS_OF_NUMBERS: u32 = 13;
const LONGEST_SHORTEST_MATCH: u32 = 12;
/** What a match has to save to be taken, in eighths of a bit: about what one of medium distance takes. */
const WORTH: u32 = 176;
/** The same where the nearest match is found, and the one after it looked at. */
const WORTH_OF_ROWS: u32 = 160;
const SHORTEST_OF_ROWS: u32 = 3;

/** What a literal takes where bytes are random, in eighths of a bit: there is nothing to find. */
const NOISE: u32 = 56;
/** At level 2 and 6: addresses that are tried. */
const FEW: u32 = 4;
const MANY: u32 = 32;
/** A block of rows: the shorter ones of more kinds pay. */
const ROWS_BLOCK: usize = 1 << 17;

let literalCount: u32 = 0;
let highCount: u32 = 0;
let matchCount: u32 = 0;

/** Bytes that a stream may take, and where the writer may run ahead of its end. */
export function deflateBound(size: usize): usize {
  return size + (size >>> 11) + 256;
}

/**
 * Compresses into a zlib stream (RFC 1950).
 *
 * @param data The input, at HEAP, with SLACK bytes of zeros after it.
 * @param to Where the stream goes, {@link deflateBound} bytes.
 * @param level 1 is the quickest, at about zlib's level 2 in size; 2 is smaller; 6 is about as small as zlib's 6.
 * @returns The size of the stream.
 */
export function deflate(data: usize, size: usize, to: usize, level: u32): usize {
  // A window of 32 KiB, as fast as level 2 to 5, or as level 6.
  store<u16>(to, level < 6 ? 0x5e78 : 0x9c78);
  beginOutput(to + 2);
  let rows = level > 1;
  if (rows) clearRows(false);
  else {
    clearMatches();
    forgetTokens(TABLES_END);
  }
  const end = data + size;
  const searchEnd = size > TAIL ? end - TAIL : data;
  let shortest = rows ? SHORTEST_OF_ROWS : SHORTEST_MATCH;
  let block = FIRST_BLOCK;
  let hashed: u32 = HASHED;
  let bits = HASH_BITS;
  let adler = ADLER_SEED;
  let p = data;
  do {
    clearCounts();
    const begin = p;
    const stop = min(begin + block, searchEnd);
    if (p == data && size > 0) increment(COUNTS + (<u32>load<u8>(p++) << 2));
    if (rows) p = findLazily(begin, p, stop, end, shortest, level < 6 ? FEW : MANY);
    else p = findMatches(begin, p, stop, end, shortest, hashed, bits);
    if (p >= searchEnd) {
      countBytes(p, end);
      endTokens(addRun(tokensEnd, p, end));
      p = end;
    }
    const literalBits = writeBlock(begin, p - begin, p == end);
    if (!rows) {
      countKinds();
      if (begin == data && isHigh() && hasLongMatches(<u32>(p - begin))) hashed = HASHED_OF_FEW_WORDS;
      // What repeats is likely shorter than the quick search finds.
      if (literalBits < NOISE && isHigh() && literalCount << 1 > <u32>(p - begin)) {
        rows = true;
        clearRows(true);
        if (begin == data) {
          p = data;
          beginOutput(to + 2);
          forgetTokens(tokensEnd + TOKEN);
        }
      }
    }
    // While it is in the second cache.
    adler = adler32(begin, p - begin, adler);
    block = rows ? ROWS_BLOCK : min(BLOCK, max((size - FIRST_BLOCK) / 3, SMALL_BLOCK));
    const worth = (rows ? WORTH_OF_ROWS : WORTH) / max<u32>(literalBits, 1) + 1;
    shortest = min(max(worth, rows ? SHORTEST_OF_ROWS : SHORTEST_MATCH), LONGEST_SHORTEST_MATCH);
    if (begin == data && shortest > SHORTEST_MATCH && !isHigh() && hasShortMatches(<u32>(p - begin))) {
      hashed = HASHED_OF_NUMBERS;
      bits = BITS_OF_NUMBERS;
    }
  } while (p < end);
  writeTokens(TOKENS);
  const streamEnd = fillByte();
  store<u32>(streamEnd, bswap(adler));
  return streamEnd + 4 - to;
}

/** Counts the literals of a block, those past ASCII, and the matches. */
function countKinds(): void {
  literalCount = 0;
  highCount = 0;
  matchCount = 0;
  for (let byte: u32 = 0; byte < 256; byte++) {
    const count = word(COUNTS, byte);
    literalCount += count;
    highCount += byte < 128 ? 0 : count;
  }
  for (let symbol = FIRST_LENGTH; symbol < LITERALS; symbol++) matchCount += word(COUNTS, symbol);
}

/** Whether there are few literals, and matches of so many bytes that none is lost when more bytes are hashed. */
function hasLongMatches(size: u32): bool {
  return literalCount << 3 < size && matchCount << 3 < size - literalCount;
}

/** Whether there are many literals, and matches of so few bytes that little is lost with one. Where there is little else, more may match later. */
function hasShortMatches(size: u32): bool {
  return literalCount * 3 > size && literalCount * 3 < 2 * size && matchCount * 10 > size - literalCount;
}

/** Whether most literals are past ASCII, as where a character is of two or three bytes. */
function isHigh(): bool {
  return highCount << 1 > literalCount;
}
