import { REPEATS } from "./memory";

/** The longest match that one step copies; only these are joined with their distance. */
export const SHORT: u32 = 32;
/** The shortest distance that is copied in steps of 16 bytes. */
export const NEAR: u32 = 16;

/** Builds, for each distance below {@link NEAR}, the 16 indices that repeat as many bytes, and in place of those for 0 how many bytes repeat whole. */
export function buildRepeats(): void {
  for (let distance: u32 = 1; distance < NEAR; distance++) {
    store<u8>(REPEATS + distance, 16 - 16 % distance);
    for (let i: u32 = 0; i < 16; i++) store<u8>(REPEATS + (distance << 4) + i, i % distance);
  }
}

/** Copies {@link SHORT} bytes, past the end of a match that is not longer, from {@link NEAR} bytes before or more. */
// @ts-ignore: decorator
@inline
export function copyShort(out: usize, distance: u32): void {
  const from = out - distance;
  v128.store(out, v128.load(from));
  v128.store(out, v128.load(from, 16), 16);
}

/** Copies in steps of up to 16 bytes from nearer, past the end of the match. */
// @ts-ignore: decorator
@inline
export function copyNear(out: usize, distance: u32, length: u32): void {
  const bytes = i8x16.swizzle(v128.load(out - distance), v128.load(REPEATS + (distance << 4)));
  const step: u32 = load<u8>(distance, REPEATS);
  const end = out + length;
  for (; out < end; out += step) v128.store(out, bytes);
}

/** Copies in steps, past the end of the match. */
// @ts-ignore: decorator
@inline
export function copyMatch(out: usize, distance: u32, length: u32): void {
  if (distance >= NEAR) {
    copyShort(out, distance);
    if (length > SHORT) copyOn(out, distance, length);
  } else copyNear(out, distance, length);
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
