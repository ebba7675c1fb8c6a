const POLYNOMIAL = 0xedb88320;

/** Eight tables of 256: entry `i` of table `k` is the CRC-32 of byte `i` followed by `k` zero bytes. */
const TABLES = ((): Int32Array => {
  const tables = new Int32Array(8 * 256);
  for (let i = 0; i < 256; i++) {
    let crc = i;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    tables[i] = crc;
  }
  for (let i = 256; i < tables.length; i++) {
    const before = tables[i - 256] as number;
    tables[i] = (before >>> 8) ^ (tables[before & 255] as number);
  }
  return tables;
})();

/**
 * Computes the CRC-32 of bytes in plain JavaScript, eight bytes a step.
 *
 * @param bytes Any bytes.
 * @param seed The CRC-32 of what came before.
 * @default {0}
 * @returns An unsigned 32-bit number.
 * @see RFC 1952, section 8
 */
export function crc32(bytes: Uint8Array, seed = 0): number {
  const t = TABLES;
  const end = bytes.length;
  const whole = end - (end % 8);
  let crc = ~seed;
  let i = 0;
  for (; i < whole; i += 8) {
    const low = crc ^
      ((bytes[i] as number) | ((bytes[i + 1] as number) << 8) | ((bytes[i + 2] as number) << 16) |
        ((bytes[i + 3] as number) << 24));
    crc = (t[1792 + (low & 255)] as number) ^ (t[1536 + ((low >>> 8) & 255)] as number) ^
      (t[1280 + ((low >>> 16) & 255)] as number) ^ (t[1024 + (low >>> 24)] as number) ^
      (t[768 + (bytes[i + 4] as number)] as number) ^ (t[512 + (bytes[i + 5] as number)] as number) ^
      (t[256 + (bytes[i + 6] as number)] as number) ^ (t[bytes[i + 7] as number] as number);
  }
  for (; i < end; i++) crc = (crc >>> 8) ^ (t[(crc ^ (bytes[i] as number)) & 255] as number);
  return ~crc >>> 0;
}

/** The most bytes that can be summed before the sums need a remainder to stay exact (RFC 1950's NMAX). */
const ADLER_RUN = 5552;

/**
 * Computes the Adler-32 of bytes in plain JavaScript.
 *
 * @param bytes Any bytes.
 * @param seed The Adler-32 of what came before.
 * @default {1}
 * @returns An unsigned 32-bit number.
 * @see RFC 1950, section 8.2
 */
export function adler32(bytes: Uint8Array, seed = 1): number {
  let a = seed & 0xffff;
  let b = seed >>> 16;
  for (let i = 0; i < bytes.length;) {
    const end = Math.min(i + ADLER_RUN, bytes.length);
    for (; i < end; i++) {
      a += bytes[i] as number;
      b += a;
    }
    a %= 65521;
    b %= 65521;
  }
  return ((b << 16) | a) >>> 0;
}
