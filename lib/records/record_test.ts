import type { ByteColumns } from "./columns.ts";
import type { TextPiece } from "./text_pieces.ts";

/**
 * Parts of expressions that may see beyond a record when many are searched at once: groups that look around or change flags, references to groups, and
 * whatever may fit a line end. Some of it would not; it is taken as if it might.
 */
// deno-lint-ignore no-control-regex
const LOOKS_BEYOND = /\(\?(?!:|<[^=!])|\\[1-9ksWDnPpxucftrv0]|\[\^|\[(?:[^\]\\]|\\.)*\\b|[\x00-\x1f]/;
/** What may fit a place in a text of many records, and not the same place in a record, or a line end that is left out. */
const LOOKS_AT_PLACES = /[\^$]|\\b/i;
const NEWLINE = 10;
const RETURN = 13;

/** Tests records, without their line ends. */
export interface RecordTest {
  /** True if it sees many records at once, where each is a line. */
  readonly isForMany: boolean;
  /** Tests one record, which is a part of a text. */
  fits(text: string, start: number, end: number): boolean;
  /**
   * Finds the records that fit.
   *
   * @param piece The records.
   * @param isLines True if each of them ends with a newline.
   * @param found Where the number of each goes.
   */
  find(piece: TextPiece, isLines: boolean, found: number[]): void;
}

/** Makes the test for a pattern, which stays as it is. */
export function recordTest(pattern: string | RegExp): RecordTest {
  const fits = typeof pattern === "string"
    ? (line: string) => line.includes(pattern)
    : tester(new RegExp(pattern.source, pattern.flags.replace("g", "")));
  const many = typeof pattern === "string" ? undefined : expressionForMany(pattern);
  // What is found is in the record, which then fits, too.
  const isEnough = many !== undefined && !LOOKS_AT_PLACES.test(many.source);
  const test: RecordTest = {
    isForMany: many !== undefined,
    fits: (text, start, end) => fits(text.slice(start, endOfLine(text, start, end))),
    find({ text, places, base, first }, isLines, found) {
      const expression = isLines ? many : undefined;
      const count = places.length - 1;
      for (let i = 0; i < count; i++) {
        if (expression !== undefined) {
          expression.lastIndex = (places[i] as number) - base;
          if (!expression.test(text)) return;
          // It has no newline in it: where it ends is in the same record.
          const end = expression.lastIndex + base;
          while (i < count && (places[i + 1] as number) <= end) i++;
          if (i === count) return;
        }
        if (
          expression !== undefined && isEnough ||
          test.fits(text, (places[i] as number) - base, (places[i + 1] as number) - base)
        ) found.push(first + i);
      }
    },
  };
  return test;
}

function tester(expression: RegExp): (line: string) => boolean {
  return (line) => {
    expression.lastIndex = 0;
    return expression.test(line);
  };
}

/** The expression that finds, in a text of many lines, each line that fits, and perhaps others; nothing where each has to be seen by itself. */
function expressionForMany({ source, flags }: RegExp): RegExp | undefined {
  if (LOOKS_BEYOND.test(source) || /[svy]/.test(flags)) return undefined;
  return new RegExp(source, flags.replace(/[gm]/g, "") + "gm");
}

function endOfLine(text: string, start: number, end: number): number {
  if (end === start || text.charCodeAt(end - 1) !== NEWLINE) return end;
  return end - 1 > start && text.charCodeAt(end - 2) === RETURN ? end - 2 : end - 1;
}

/** Tells whether each record ends with a newline, so that `^` and `$` fit where it begins and ends. */
export function areLines({ bytes, offsets }: ByteColumns): boolean {
  for (let i = 1; i < offsets.length; i++) {
    const end = offsets[i] as number;
    if (end === offsets[i - 1] || bytes[end - 1] !== NEWLINE) return false;
  }
  return true;
}
