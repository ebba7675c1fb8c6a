import type { ByteColumns } from "./columns.ts";
import { endOfPiece, type TextPiece, textPiece } from "./text_pieces.ts";

/** Pieces of expressions: escapes, classes, beginnings of groups, characters. */
const PIECES = /\\[^]|\[\^?(?:\\[^]|[^\]\\])*\]|\(\?(?::|<(?![=!]))?|[^]/g;
/** Pieces that may see beyond a record: groups that look around or change flags, references to groups, and what may fit a line end. */
// deno-lint-ignore no-control-regex
const LOOKS_BEYOND = /^\(\?$|^\\[1-9knPpxucr0]|^\[(?!\^).*\\(?:[nrsWDPpxucbk\d]|[tvf]-)|^\[\^-|[\x00-\x1f]/;
/** Classes that line ends are in, and the same without newlines. */
const WITHOUT_NEWLINE = new Map([["\\s", "[^\\S\\n]"], ["\\W", "[^\\w\\n]"], ["\\D", "[^\\d\\n]"]]);
/** Parts of expressions that may fit a place in a text of many records, and not the same place in a record. */
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
  const { made, isWithoutNewlines } = withinLines(source);
  if (made === undefined || /[svy]/.test(flags)) return undefined;
  const expression = new RegExp(made, flags.replace(/[gm]/g, "") + "gm");
  // What is found is in the record, which then fits, too.
  const isEnough = made === source && !LOOKS_AT_PLACES.test(source);
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
      const piece = textPiece(columns, from, to);
      if (isWithoutNewlines && !areSingle(piece)) return undefined;
      find(piece, found);
      from = to;
    }
    return found;
  };
}

/**
 * Takes newlines out of the classes of an expression: else it would look from each place to the end of all lines.
 *
 * @returns The expression, which finds the same in lines; nothing where it may see beyond. And whether it has other classes now.
 */
function withinLines(source: string): { made: string | undefined; isWithoutNewlines: boolean } {
  const pieces = source.match(PIECES) ?? [];
  const made = pieces.map((piece) =>
    WITHOUT_NEWLINE.get(piece) ?? (piece.startsWith("[^") ? `[^\\n${piece.slice(2)}` : piece)
  );
  const isBeyond = pieces.some((piece) => LOOKS_BEYOND.test(piece));
  return {
    made: isBeyond ? undefined : made.join(""),
    isWithoutNewlines: pieces.some((piece, i) => piece !== made[i]),
  };
}

/** Tells whether there are as many newlines as records, so that lines have none but at their ends. */
function areSingle({ text, places }: TextPiece): boolean {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count === places.length - 1;
}

/** Tells whether each record ends with a newline, so that `^` and `$` fit where it begins and ends. */
function areLines({ bytes, offsets }: ByteColumns): boolean {
  for (let i = 1; i < offsets.length; i++) {
    const end = offsets[i] as number;
    if (end === offsets[i - 1] || bytes[end - 1] !== NEWLINE) return false;
  }
  return true;
}
