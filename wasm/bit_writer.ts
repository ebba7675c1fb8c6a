/** Where the output goes on, after `pending`. */
export let out: usize = 0;
/** Bits that are not written yet, at most seven between two calls. */
export let pending: u64 = 0;
export let pendingCount: u32 = 0;

/** Begins to write bits at `to`. */
export function beginOutput(to: usize): void {
  continueOutput(to, 0, 0);
}

/** Goes on from a state that was kept elsewhere. */
export function continueOutput(to: usize, left: u64, count: u32): void {
  out = to;
  pending = left;
  pendingCount = count;
}

/** Fills up the last byte, and returns the end of the output. */
export function fillByte(): usize {
  if (pendingCount) store<u8>(out, <u8>pending);
  continueOutput(out + (pendingCount ? 1 : 0), 0, 0);
  return out;
}

/** Writes up to 32 bits, the lowest one first. */
export function put(value: u32, size: u32): void {
  pending |= <u64>value << pendingCount;
  pendingCount += size;
  for (; pendingCount >= 8; pendingCount -= 8) {
    store<u8>(out++, <u8>pending);
    pending >>>= 8;
  }
}
