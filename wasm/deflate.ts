import { beginOutput, fillByte } from "./bit_writer";
import { clearCounts, writeBlock } from "./blocks";
import { adler32 } from "./checksum";
import { clearMatches, findMatches } from "./matches";
import { COUNTS, increment } from "./memory";

/** Input that the first block stands for: it tells what the shortest match of the next one is. */
const FIRST_BLOCK: usize = 1 << 15;
/** Input that a block stands for, at most, less a match: of the shortest ones, so much has as many as there is room for. */
const BLOCK: usize = 1 << 18;
/** Bytes at the end that are not searched, so that the search sees no byte after them. */
const TAIL: usize = 18;
const SHORTEST_MATCH: u32 = 5;
const LONGEST_SHORTEST_MATCH: u32 = 12;
/** What a match has to save to be taken, in eighths of a bit: about what one of medium distance takes. */
const WORTH: u32 = 176;

/** Bytes that a stream may take, and where the writer may run ahead of its end. */
export function deflateBound(size: usize): usize {
  return size + (size >>> 11) + 256;
}

/**
 * Compresses into a zlib stream (RFC 1950), at about the effort of zlib's level 2.
 *
 * @param data The input, at HEAP, with SLACK bytes of zeros after it.
 * @param to Where the stream goes, {@link deflateBound} bytes.
 * @returns The size of the stream.
 */
export function deflate(data: usize, size: usize, to: usize): usize {
  store<u16>(to, 0x5e78); // window of 32 KiB, as fast as level 2 to 5
  beginOutput(to + 2);
  clearMatches();
  const end = data + size;
  const searchEnd = size > TAIL ? end - TAIL : data;
  let shortest = SHORTEST_MATCH;
  let p = data;
  do {
    clearCounts();
    const begin = p;
    if (p == data && size) increment(COUNTS + (<u32>load<u8>(p++) << 2));
    const block = begin == data ? FIRST_BLOCK : BLOCK;
    p = findMatches(begin, p, min(begin + block, searchEnd), end, shortest);
    if (p >= searchEnd) for (; p < end; p++) increment(COUNTS + (<u32>load<u8>(p) << 2));
    const literalBits = writeBlock(begin, p - begin, p == end);
    shortest = min(max(WORTH / max<u32>(literalBits, 1) + 1, SHORTEST_MATCH), LONGEST_SHORTEST_MATCH);
  } while (p < end);
  const streamEnd = fillByte();
  store<u32>(streamEnd, bswap(adler32(data, size)));
  return streamEnd + 4 - to;
}
