// Bits are not kept: where they are is, and they are read anew, unaligned. That is fewer operations than to fill up a buffer.
// Input is read up to SLACK bytes past its end; that too much was taken is found out now and then.

/** The address of the next bit: that of its byte times 8, and its place in it. */
export let position: u64 = 0;
/** The address of the bit after the last one. */
export let positionEnd: u64 = 0;

/** Begins to read bits from `from` on. */
export function beginBits(from: usize, end: usize): void {
  position = <u64>from << 3;
  positionEnd = <u64>end << 3;
}

/** Goes on from a place that was kept elsewhere. */
export function continueBits(from: u64): void {
  position = from;
}

/** At least 57 bits from a place on. */
// @ts-ignore: decorator
@inline
export function bitsAt(place: u64): u64 {
  return load<u64>(<usize>(place >>> 3)) >>> (place & 7);
}

/** Takes up to 31 bits. */
export function take(count: u32): u32 {
  const taken = <u32>bitsAt(position) & ((1 << count) - 1);
  position += count;
  return taken;
}

/** Goes on at a whole byte, and returns its address. */
export function nextByte(): usize {
  position = (position + 7) & ~7;
  return <usize>(position >>> 3);
}

/** Whether more was taken than there is. */
export function isCutShort(): bool {
  return position > positionEnd;
}
