import type { ByteColumns } from "./columns.ts";
import { endOfPiece, type TextPiece, textPiece } from "./text_pieces.ts";

/**
 * Parts of expressions that may see beyond a record when many are searched at once: groups that look around or change flags, references to groups, and
 * whatever may fit a line end. Some of it would not; it is taken as if it might.
 */
// deno-lint-ignore no-control-regex
const LOOKS_BEYOND = /\(\?(?!:|<[^=!])|\\[1-9ksWDnPpxucftrv0]|\[\^|\[(?:[^\]\\]|\\.)*\\b|[\x00-\x1f]/;
/** Parts of expressions that may fit a place in a text of many records, and not the same place in a record, or a line end that is left out. */
const LOOKS_AT_PLACES = /[\^$]|\\b/i;
const NEWLINE = 10;

/** Tests a record, which is a part of a text, without its line end. */
export type Fits = (text: string, start: number, end: number) => boolean;

/** Searches the records of a hunk; nothing where they are not all lines. */
export type LineSearch = (columns: ByteColumns) => number[] | undefined;

/**
 * Makes an expression search many lines at once, which is faster than to test one after the other.
 *
 * @param fits Tests a record.
 * @returns The search; nothing for expressions that have to see each record by itself.
 */
export function lineSearch({ source, flags }: RegExp, fits: Fits): LineSearch | undefined {
  if (LOOKS_BEYOND.test(source) || /[svy]/.test(flags)) return undefined;
  const expression = new RegExp(source, flags.replace(/[gm]/g, "") + "gm");
  // What is found is in the record, which then fits, too.
  const isEnough = !LOOKS_AT_PLACES.test(source);
  const find = ({ text, places, base, first }: TextPiece, found: number[]) => {
    const count = places.length - 1;
    for (let i = 0; i < count; i++) {
      expression.lastIndex = (places[i] as number) - base;
      if (!expression.test(text)) return;
      // It has no newline in it: where it ends is in the same record.
      const end = expression.lastIndex + base;
      while (i < count && (places[i + 1] as number) <= end) i++;
      if (i === count) return;
      if (isEnough || fits(text, (places[i] as number) - base, (places[i + 1] as number) - base)) found.push(first + i);
    }
  };
  return (columns) => {
    if (!areLines(columns)) return undefined;
    const found: number[] = [];
    for (let from = 0; from + 1 < columns.offsets.length;) {
      const to = endOfPiece(columns.offsets, from);
      find(textPiece(columns, from, to), found);
      from = to;
    }
    return found;
  };
}

/** Tells whether each record ends with a newline, so that `^` and `$` fit where it begins and ends. */
function areLines({ bytes, offsets }: ByteColumns): boolean {
  for (let i = 1; i < offsets.length; i++) {
    const end = offsets[i] as number;
    if (end === offsets[i - 1] || bytes[end - 1] !== NEWLINE) return false;
  }
  return true;
}
