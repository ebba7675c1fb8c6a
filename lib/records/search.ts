import { utf8 } from "../base/utf8.ts";
import { check } from "../check.ts";
import type { Engine } from "../codec/engine.ts";
import { asRecord, type RecordForm } from "./batches.ts";
import { AS_BYTES, type ByteColumns, countOf, type ValueColumns } from "./columns.ts";
import type { Fits } from "./line_search.ts";
import { type QuickSearch, quickSearch } from "./quick_search.ts";
import { endOfPiece, searchable, textPiece } from "./text_pieces.ts";
import { readTexts } from "./text_records.ts";
import type { Value } from "./pickle/value.ts";

export { checkColumnSize } from "./columns.ts";

/** Records as they are searched: bytes and offsets, whose memory is given back by who has searched them. */
export const SEARCHED: RecordForm<ByteColumns | ValueColumns> = { ...AS_BYTES, leaves: "nothing" };

/** Options of a search in records. */
export interface SearchOptions {
  /**
   * Finds the records that the pattern does not fit.
   *
   * @default {false}
   */
  invert?: boolean | undefined;
  /**
   * Gives byte strings as text in UTF-8.
   *
   * @default {false}
   */
  text?: boolean | undefined;
  /** Gives the text of a record that is neither bytes nor text; without it, no pattern fits such a record. */
  textOf?: ((record: Value) => string) | undefined;
}

/** To make so many bytes text takes as long as to begin with another text. */
const FAR = 1024;
const NEWLINE = 10;
const RETURN = 13;

/** Finds the records that a pattern fits. Each is searched as text, without its line end. */
export class Search {
  readonly #fits: Fits;
  readonly #quick: QuickSearch;
  readonly #options: SearchOptions;

  /**
   * Prepares a search.
   *
   * @param pattern A text, or a regular expression, which stays as it is.
   * @param engine Looks for text in bytes.
   */
  constructor(pattern: string | RegExp, options: SearchOptions, engine: Pick<Engine, "findText" | "name">) {
    this.#options = options;
    if (typeof pattern === "string") {
      this.#fits = (text, start, end) => lineOf(text, start, end).includes(pattern);
      this.#quick = textSearch(pattern, engine);
    } else {
      this.#fits = tested(new RegExp(pattern.source, pattern.flags.replace("g", "")));
      this.#quick = quickSearch(pattern, this.#fits, engine);
    }
  }

  /**
   * Searches the records of a hunk.
   *
   * @param columns The records. Their memory may be used for other things.
   * @returns Those that are wanted, in order. Byte strings are views of the hunk's memory where they are most of it, else of memory that has them alone.
   */
  in(columns: ByteColumns | ValueColumns): Value[] {
    const isBytes = columns.kind === "bytes";
    const fitting = isBytes ? this.#amongBytes(columns) : this.#amongValues(columns.values);
    const wanted = this.#options.invert === true ? others(fitting, countOf(columns)) : fitting;
    const isText = this.#options.text === true;
    if (!isBytes) return Array.from(wanted, (i) => asRecord(columns.values[i] as Value, isText));
    return isText ? textsOf(columns, wanted) : viewsOf(columns, wanted);
  }

  #amongValues(values: readonly Value[]): number[] {
    const { textOf = () => undefined } = this.#options;
    const found: number[] = [];
    for (const [i, value] of values.entries()) {
      const text = typeof value === "string"
        ? value
        : value instanceof Uint8Array
        ? utf8.decode(value)
        : checkedText(textOf(value));
      if (text !== undefined && this.#fits(text, 0, text.length)) found.push(i);
    }
    return found;
  }

  #amongBytes(columns: ByteColumns): ArrayLike<number> {
    const tests = (some: ArrayLike<number>) => this.#tested(columns, some);
    return this.#quick(columns, tests) ?? tests(others([], countOf(columns)));
  }

  /** Tests some records, each by itself. */
  #tested(columns: ByteColumns, some: ArrayLike<number>): number[] {
    const { offsets } = columns;
    const found: number[] = [];
    for (let n = 0; n < some.length;) {
      const from = some[n] as number;
      const end = endOfPiece(offsets, from);
      let last = n;
      while (last + 1 < some.length) {
        const next = some[last + 1] as number;
        if (next >= end || (offsets[next] as number) - (offsets[(some[last] as number) + 1] as number) > FAR) break;
        last++;
      }
      const { text, places, base } = textPiece(columns, from, (some[last] as number) + 1);
      for (; n <= last; n++) {
        const i = some[n] as number;
        const place = i - from;
        if (this.#fits(text, (places[place] as number) - base, (places[place + 1] as number) - base)) {
          found.push(i);
        }
      }
    }
    return found;
  }
}

/** Makes a search for a text. A record that has it needs no test unless a part of it may be a line end. */
function textSearch(text: string, engine: Pick<Engine, "findText">): QuickSearch {
  const bytes = searchable(text);
  const isEnough = !/[\r\n]/.test(text);
  return (columns, tests) => {
    if (text === "") return others([], countOf(columns));
    const found = bytes && engine.findText(columns, bytes);
    return found && !isEnough ? tests(found) : found;
  };
}

/** Reads records as text. They are put together first, so that one that is kept keeps none that was not wanted. */
function textsOf(columns: ByteColumns, wanted: ArrayLike<number>): Value[] {
  const records: Value[] = new Array(wanted.length);
  readTexts({ bytes: columns.bytes, offsets: movedToFront(columns, wanted) }, 0, wanted.length, records);
  return records;
}

/** Makes views of records. */
function viewsOf(columns: ByteColumns, wanted: ArrayLike<number>): Value[] {
  const { bytes, offsets } = columns;
  const records: Value[] = new Array(wanted.length);
  let size = 0;
  for (let n = 0; n < wanted.length; n++) {
    const i = wanted[n] as number;
    size += (offsets[i + 1] as number) - (offsets[i] as number);
  }
  // Few do not keep the memory of all: new memory for the next hunk can take longer than to inflate it.
  const isFew = 2 * size < bytes.length;
  if (isFew) movedToFront(columns, wanted);
  const { buffer, byteOffset } = isFew ? bytes.slice(0, size) : bytes;
  for (let n = 0, at = byteOffset; n < wanted.length; n++) {
    const i = wanted[n] as number;
    const start = offsets[i] as number;
    const length = (offsets[i + 1] as number) - start;
    records[n] = new Uint8Array(buffer, isFew ? at : byteOffset + start, length);
    at += length;
  }
  return records;
}

/**
 * Puts records one after the other at the beginning of the memory.
 *
 * @returns Their offsets there.
 */
function movedToFront({ bytes, offsets }: ByteColumns, wanted: ArrayLike<number>): Int32Array {
  const moved = new Int32Array(wanted.length + 1);
  for (let n = 0, at = 0; n < wanted.length;) {
    const start = offsets[wanted[n] as number] as number;
    let end = start;
    // Those that are neighbours are moved at once.
    while (n < wanted.length && offsets[wanted[n] as number] === end) {
      end = offsets[(wanted[n] as number) + 1] as number;
      moved[++n] = at + end - start;
    }
    bytes.copyWithin(at, start, end);
    at += end - start;
  }
  return moved;
}

/** A test by an expression. */
function tested(expression: RegExp): Fits {
  return (text, start, end) => {
    expression.lastIndex = 0;
    return expression.test(lineOf(text, start, end));
  };
}

/** A record without its line end. */
function lineOf(text: string, start: number, end: number): string {
  if (end === start || text.charCodeAt(end - 1) !== NEWLINE) return text.slice(start, end);
  return text.slice(start, end - 1 > start && text.charCodeAt(end - 2) === RETURN ? end - 2 : end - 1);
}

/** The places that are not in a list of such, which is in order. */
function others(places: ArrayLike<number>, count: number): number[] {
  const left: number[] = [];
  for (let i = 0, next = 0; i < count; i++) {
    if (places[next] === i) next++;
    else left.push(i);
  }
  return left;
}

/** Checks what `textOf` gave; it may give nothing for a record that no pattern fits. */
function checkedText(text: string | undefined): string | undefined {
  const rule = "it must be a text, given at once";
  return check("answer of textOf", text ?? undefined, (text: unknown) => typeof text === "string", rule);
}
