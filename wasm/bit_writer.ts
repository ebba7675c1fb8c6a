import { POSITION, REACH8 } from "./memory";

// No bits wait: they are in the byte where the output goes on, and what comes after them is zeros. POSITION is that of the next bit, less REACH8 bytes.

/** Begins to write bits at `to`. */
export function beginOutput(to: usize): void {
  store<u8>(to, 0);
  store<u64>(POSITION, <u64>(to - REACH8) << 3);
}

/** Fills up the last byte, and returns the end of the output, where {@link beginOutput} has to begin anew. */
export function fillByte(): usize {
  return <usize>((load<u64>(POSITION) + 7) >>> 3) + REACH8;
}

/** Writes up to 56 bits, the lowest one first. */
// @ts-ignore: decorator
@inline
export function write(bits: u64, size: u32): void {
  const position = load<u64>(POSITION);
  const at = <usize>(position >>> 3);
  store<u64>(at, <u64>load<u8>(at, REACH8) | (bits << (position & 7)), REACH8);
  store<u64>(POSITION, position + size);
}

/** Writes up to 32 bits, the lowest one first. */
export function put(value: u32, size: u32): void {
  write(value, size);
}
