import { REPEATS } from "./memory";

/** Builds, for each distance below 16, the 16 indices that repeat as many bytes. */
export function buildRepeats(): void {
  for (let distance: u32 = 1; distance < 16; distance++) {
    for (let i: u32 = 0; i < 16; i++) store<u8>(REPEATS + (distance << 4) + i, i % distance);
  }
}

/** Copies in steps of 16 bytes, past the end of the match. */
// @ts-ignore: decorator
@inline
export function copyMatch(out: usize, distance: u32, length: u32): void {
  const from = out - distance;
  if (distance >= 16) {
    v128.store(out, v128.load(from));
    v128.store(out, v128.load(from, 16), 16);
    if (length > 32) copyOn(out, distance, length);
  } else {
    const repeats = v128.load(REPEATS + (distance << 4));
    const bytes = i8x16.swizzle(v128.load(from), repeats);
    const step = 16 - 16 % distance;
    const end = out + length;
    for (; out < end; out += step) v128.store(out, bytes);
  }
}

// @ts-ignore: decorator
@inline
function copyOn(out: usize, distance: u32, length: u32): void {
  const end = out + length;
  do {
    out += 32;
    v128.store(out, v128.load(out - distance));
    v128.store(out, v128.load(out - distance, 16), 16);
  } while (out + 32 < end);
}
