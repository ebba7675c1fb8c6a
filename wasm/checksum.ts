import { CRC_FOLDS, CRC_TABLES, CRC_TAIL } from "./memory";

const POLYNOMIAL: u32 = 0xedb88320;

// x^4018 + x^2091 + x^1837 + 1 is a multiple of the CRC-32 polynomial, and so is what its eighth power makes of it. So a byte
// can be taken out of a message, and added (xor) to those 1927, 2181 and 4018 bytes later, without a change of the CRC: no
// table, no carry-less multiply, 16 bytes a step. The idea is Kadatch and Jenkins' (2007) and Russell's ("Chorba", 2024).
const NEAR: usize = 1927;
const MIDDLE: usize = 2181;
const FAR: usize = 4018;
/** Bytes of the past that are kept, a multiple of 16. */
const PAST: usize = 4032;
/** Bytes that are folded before the past is moved down. */
const RUN: usize = 16384;

/** Builds eight tables of 256: entry `i` of table `k` is the CRC-32 of byte `i` followed by `k` zero bytes. */
export function buildCrcTables(): void {
  for (let i: u32 = 0; i < 256; i++) {
    let crc = i;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
    store<u32>(CRC_TABLES + (i << 2), crc);
  }
  for (let i: u32 = 256; i < 8 * 256; i++) {
    const before = load<u32>(CRC_TABLES + ((i - 256) << 2));
    store<u32>(CRC_TABLES + (i << 2), (before >>> 8) ^ load<u32>(CRC_TABLES + ((before & 255) << 2)));
  }
}

/** CRC-32 of `size` bytes at `data`, continuing from `seed` (RFC 1952, section 8). */
export function crc32(data: usize, size: usize, seed: u32): u32 {
  if (size < 2 * PAST) return ~sliced(data, size, ~seed);
  memory.fill(CRC_FOLDS, 0, PAST);
  // Where only its farthest addition reaches the message: on the first four bytes.
  store<u32>(CRC_FOLDS + PAST - FAR, ~seed);
  const folded = (size - FAR) & ~31;
  const end = data + folded;
  while (data < end) {
    const run = min<usize>(end - data, RUN);
    fold(data, run, CRC_FOLDS + PAST);
    memory.copy(CRC_FOLDS, CRC_FOLDS + run, PAST);
    data += run;
  }
  // What is left is less than 32 bytes more than the past reaches: nothing of it is taken out any more.
  const left = size - folded;
  memory.fill(CRC_FOLDS + PAST, 0, PAST);
  fold(data, left, CRC_TAIL);
  return ~sliced(CRC_TAIL, left, 0);
}

/** Adds to `size` bytes, rounded up to a multiple of 32, what was taken out of those before them. */
function fold(data: usize, size: usize, to: usize): void {
  for (let i: usize = 0; i < size; i += 32) {
    const past = CRC_FOLDS + i;
    let bytes = v128.xor(v128.load(data + i), v128.load(past, PAST - NEAR));
    let more = v128.xor(v128.load(data + i, 16), v128.load(past, PAST - NEAR + 16));
    bytes = v128.xor(bytes, v128.load(past, PAST - MIDDLE));
    more = v128.xor(more, v128.load(past, PAST - MIDDLE + 16));
    v128.store(to + i, v128.xor(bytes, v128.load(past, PAST - FAR)));
    v128.store(to + i, v128.xor(more, v128.load(past, PAST - FAR + 16)), 16);
  }
}

/** Eight bytes a step, by tables; neither the seed nor the result is inverted. */
function sliced(data: usize, size: usize, crc: u32): u32 {
  const end = data + size;
  for (; data + 8 <= end; data += 8) {
    const low = crc ^ load<u32>(data);
    const high = load<u32>(data, 4);
    crc = entry(7, low & 255) ^ entry(6, (low >>> 8) & 255) ^ entry(5, (low >>> 16) & 255) ^ entry(4, low >>> 24) ^
      entry(3, high & 255) ^ entry(2, (high >>> 8) & 255) ^ entry(1, (high >>> 16) & 255) ^ entry(0, high >>> 24);
  }
  for (; data < end; data++) crc = (crc >>> 8) ^ entry(0, (crc ^ <u32>load<u8>(data)) & 255);
  return crc;
}

// @ts-ignore: decorator
@inline
function entry(table: usize, byte: u32): u32 {
  return load<u32>(CRC_TABLES + (table << 10) + (byte << 2));
}

const ADLER: u32 = 65521;
/** Bytes that are summed before the sums need a remainder: no lane of 16 bits overflows its sign, and so not RFC 1950's sums either. */
const ADLER_RUN: usize = 32 * 64;

/** The Adler-32 of no bytes. */
export const ADLER_SEED: u32 = 1;

/** Adler-32 of `size` bytes at `data`, continuing from `seed` (RFC 1950, section 8.2). */
export function adler32(data: usize, size: usize, seed: u32): u32 {
  let a = seed & 0xffff;
  let b = seed >>> 16;
  const end = data + size;
  while (data + 32 <= end) {
    const stop = data + min<usize>((end - data) & ~31, ADLER_RUN);
    b += a * <u32>(stop - data);
    // The sum of all bytes so far, those sums before each step of 32, of each pair of places in a step the sum of its bytes, and of the odd places.
    let sums = i32x4.splat(0);
    let earlier = i32x4.splat(0);
    let pairs0 = i16x8.splat(0);
    let pairs16 = i16x8.splat(0);
    let odd = i16x8.splat(0);
    for (; data < stop; data += 32) {
      const low = v128.load(data);
      const high = v128.load(data, 16);
      const lowPairs = i16x8.extadd_pairwise_i8x16_u(low);
      const highPairs = i16x8.extadd_pairwise_i8x16_u(high);
      earlier = i32x4.add(earlier, sums);
      // With signs it is one instruction in place of three.
      sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_s(i16x8.add(lowPairs, highPairs)));
      pairs0 = i16x8.add(pairs0, lowPairs);
      pairs16 = i16x8.add(pairs16, highPairs);
      odd = i16x8.add(odd, i16x8.add(i16x8.shr_u(low, 8), i16x8.shr_u(high, 8)));
    }
    let weights = i16x8(16, 14, 12, 10, 8, 6, 4, 2);
    let weighed = i32x4.sub(i32x4.shl(earlier, 5), i32x4.extadd_pairwise_i16x8_u(odd));
    weighed = i32x4.add(weighed, i32x4.dot_i16x8_s(pairs16, weights));
    weights = i16x8.add(weights, i16x8.splat(16));
    b += total(i32x4.add(weighed, i32x4.dot_i16x8_s(pairs0, weights)));
    a = (a + total(sums)) % ADLER;
    b %= ADLER;
  }
  for (; data < end; data++) {
    a += <u32>load<u8>(data);
    b += a;
  }
  return ((b % ADLER) << 16) | (a % ADLER);
}

// @ts-ignore: decorator
@inline
function total(lanes: v128): u32 {
  return i32x4.extract_lane(lanes, 0) + i32x4.extract_lane(lanes, 1) + i32x4.extract_lane(lanes, 2) +
    i32x4.extract_lane(lanes, 3);
}
