/** One bit in each of four bytes. */
const LOWEST_BITS = 0x01010101;

/** Turns offsets in valid UTF-8 into offsets in UTF-16: what goes on a character is no unit, and a character of four bytes is two. */
export function unitsOf(bytes: Uint8Array, offsets: Int32Array): Int32Array<ArrayBuffer> {
  const units = new Int32Array(offsets.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let [at, count] = [0, 0];
  for (let i = 1; i < offsets.length; i++) {
    const end = offsets[i] as number;
    for (; at + 4 <= end; at += 4) count += 4 + unitsMore(view.getInt32(at));
    for (; at < end; at++) count += 1 + unitsMore(bytes[at] as number);
    units[i] = count;
  }
  return units;
}

/** Tells how many units more than bytes there are in up to four bytes at once; fewer are below zero. */
function unitsMore(bytes: number): number {
  const second = bytes >>> 6;
  const goesOn = (bytes >>> 7) & ~second & LOWEST_BITS;
  const isFour = (bytes >>> 7) & second & (bytes >>> 5) & (bytes >>> 4) & LOWEST_BITS;
  // The product's highest byte is the sum of the four.
  return (Math.imul(isFour, LOWEST_BITS) >>> 24) - (Math.imul(goesOn, LOWEST_BITS) >>> 24);
}
