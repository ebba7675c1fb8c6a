import { beginBits, continueBits, isCutShort, nextByte, positionEnd, take } from "./bit_reader";
import { prepareTables } from "./block_codes";
import { ADLER_SEED, adler32 } from "./checksum";
import { NOWHERE } from "./decode_tables";
import { blockEnds, decode, decodeLiterals, ROUND } from "./decode";
import { clearFailure, fail, Failure, failure } from "./failure";
import { literalShare } from "./join_codes";
import { reserve } from "./memory";

/** Where so many symbols are literals, in 256ths, what is next is guessed rightly. */
const MOST: u32 = 240;

// The output has room up to `outputEnd`, and for a round more.
let outputBegin: usize = 0;
let outputEnd: usize = 0;
let outputMost: u64 = 0;

/**
 * Decompresses a zlib stream (RFC 1950).
 *
 * @param data The stream, with SLACK bytes of zeros after it.
 * @param to Where the bytes go, at the end of all memory that is in use: more is taken as needed.
 * @param most The most bytes that are accepted.
 * @returns How many bytes there are. Without meaning when there is a {@link failure}.
 */
export function inflate(data: usize, size: usize, to: usize, most: usize): usize {
  clearFailure();
  beginBits(data + 2, data + size);
  outputBegin = to;
  outputEnd = to;
  outputMost = most;
  const header: u32 = load<u16>(data);
  // Method 8, a window of at most 32 KiB, no dictionary, a multiple of 31 as a big-endian number.
  if (size < 2 || (header & 15) != 8 || (header & 0xff) > 0x7f || header & 0x2000 || bswap<u16>(<u16>header) % 31) {
    return fail(Failure.HEADER);
  }
  if (!makeRoom(<u64>size * 4 + 4096)) return 0;
  let out = to;
  let summed = ADLER_SEED;
  let final: u32 = 0;
  do {
    const begin = take(3);
    const from = out;
    final = begin & 1;
    const type = begin >>> 1;
    if (type == 0) out = copyStored(out);
    else if (type == 3) return fail(Failure.BLOCK_TYPE);
    else if (prepareTables(type == 1)) out = decodeBlock(out);
    if (failure) return 0;
    // While the bytes are near.
    summed = adler32(from, out - from, summed);
  } while (!final);
  const checksum = nextByte();
  if (out - to > most) return fail(Failure.TOO_MUCH);
  if (checksum + 4 > data + size) return fail(Failure.CUT_SHORT);
  if (bswap(load<u32>(checksum)) != summed) return fail(Failure.CHECKSUM);
  if (checksum + 4 < data + size) return fail(Failure.MORE_BYTES);
  return out - to;
}

/** Makes sure that the output has room up to an address, if it is allowed to. */
function hasRoom(end: usize): bool {
  if (end <= outputEnd) return true;
  const room = <u64>(outputEnd - outputBegin);
  const wanted = <u64>(end - outputBegin);
  return wanted > outputMost ? <bool>fail(Failure.TOO_MUCH) : makeRoom(max(2 * room, wanted));
}

/** Makes room for so many bytes in all, as far as they are allowed. */
function makeRoom(wanted: u64): bool {
  const room = min(outputMost, wanted);
  outputEnd = outputBegin + <usize>room;
  return reserve(<u64>outputBegin + room + ROUND) || <bool>fail(Failure.MEMORY);
}

function copyStored(out: usize): usize {
  const from = nextByte();
  const end = <usize>(positionEnd >>> 3);
  if (from + 4 > end) return fail(Failure.CUT_SHORT);
  const lengths = load<u32>(from);
  const size: usize = lengths & 0xffff;
  if (size != ~lengths >>> 16) return fail(Failure.STORED_LENGTH);
  if (from + 4 + size > end) return fail(Failure.CUT_SHORT);
  if (!hasRoom(out + size)) return 0;
  memory.copy(out, from + 4, size);
  continueBits(<u64>(from + 4 + size) << 3);
  return out + size;
}

function decodeBlock(out: usize): usize {
  do {
    if (isCutShort()) return fail(Failure.CUT_SHORT);
    if (!hasRoom(out)) return 0;
    // The first bytes by themselves: see placeNowhere.
    const limit = min(outputEnd, out - outputBegin < NOWHERE ? outputBegin + NOWHERE : outputEnd);
    if (literalShare < MOST) out = decode(outputBegin, out, limit);
    else {
      out = decodeLiterals(out, outputEnd);
      // A round of what is no literal.
      out = decode(outputBegin, out, min(out, outputEnd));
    }
  } while (!blockEnds && !failure);
  return out;
}
