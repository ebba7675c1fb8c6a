import { utf8 } from "../base/utf8.ts";
import { nativeAscii } from "../runtime/host.ts";
import { unitsOf } from "./text_units.ts";

/** Stands for bytes that are not UTF-8. */
const REPLACED = "\ufffd";
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
