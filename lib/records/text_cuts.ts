import { utf8 } from "../base/utf8.ts";
import { nativeAscii } from "../runtime/host.ts";

/** What stands for bytes that are not UTF-8. */
const REPLACED = "\ufffd";
/** One bit in each of four bytes. */
const LOWEST_BITS = 0x01010101;
const ascii = nativeAscii();

/** Reads bytes as text. */
export function textOf(bytes: Uint8Array): string {
  return ascii?.(bytes) ?? utf8.decode(bytes);
}

/**
 * Finds where records are in the text of all of them.
 *
 * @returns The places, in UTF-16 units; nothing where some of the text may not be what the records are by themselves.
 */
export function cutsOf(
  bytes: Uint8Array,
  text: string,
  offsets: Int32Array<ArrayBuffer>,
): Int32Array<ArrayBuffer> | undefined {
  // Each byte is a character then: all are ASCII, or not valid where they stand.
  if (text.length === bytes.length) return offsets;
  if (text.includes(REPLACED)) return undefined;
  for (const start of offsets) if (((bytes[start] ?? 0) & 0xc0) === 0x80) return undefined;
  return unitsOf(bytes, offsets);
}

/** Turns offsets in valid UTF-8 into offsets in UTF-16: what goes on a character is no unit, and a character of four bytes is two. */
function unitsOf(bytes: Uint8Array, offsets: Int32Array): Int32Array<ArrayBuffer> {
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
