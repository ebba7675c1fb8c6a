import { COUNTS, increment } from "./memory";

/** Counts literals. */
export function countBytes(data: usize, end: usize): void {
  for (; data < end; data++) increment(COUNTS + (<u32>load<u8>(data) << 2));
}
