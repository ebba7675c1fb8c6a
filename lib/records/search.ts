import { check } from "../check.ts";
import type { Engine } from "../codec/engine.ts";
import { type ByteColumns, countOf, type ValueColumns } from "./columns.ts";
import { areLines, type RecordTest, recordTest } from "./record_test.ts";
import { isPlain, requiredTexts } from "./required_text.ts";
import { endOfPiece, textPiece } from "./text_pieces.ts";
import type { Value } from "./value.ts";

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

/** Characters that bytes become which are not UTF-8, and parts of characters: they do not say which bytes they are. */
const OF_OTHER_BYTES = /\ufffd|\p{Surrogate}/u;
/** To test a record takes as long as an expression needs for so many bytes of text. */
const BYTES_A_TEST = 128;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Finds the records that a pattern fits. Each is searched as text, without its line end. */
export class Search {
  readonly #test: RecordTest;
  /** Texts one of which is in each record that fits, as bytes; none where records with other bytes may fit. */
  readonly #required: readonly Uint8Array[];
  /** True if a record that has one of them needs no test: it is all that is looked for, and no part of it may be a line end. */
  readonly #isEnough: boolean;
  readonly #fitsAll: boolean;
  readonly #engine: Pick<Engine, "findText">;
  readonly #options: SearchOptions;

  /**
   * Prepares a search.
   *
   * @param pattern A text, or a regular expression, which stays as it is.
   * @param engine Looks for text in bytes.
   */
  constructor(pattern: string | RegExp, options: SearchOptions, engine: Pick<Engine, "findText">) {
    this.#options = options;
    this.#engine = engine;
    this.#test = recordTest(pattern);
    this.#fitsAll = pattern === "";
    const isText = typeof pattern === "string";
    this.#isEnough = isText ? !/[\r\n]/.test(pattern) : isPlain(pattern);
    const required = isText ? [pattern] : requiredTexts(pattern);
    const saysBytes = required.every((text) => text !== "" && !OF_OTHER_BYTES.test(text));
    this.#required = saysBytes ? required.map((text) => encoder.encode(text)) : [];
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
    if (isBytes && !isText) return viewsOf(columns, wanted);
    // Where most records are wanted, Array.from() would take longer than all else.
    const records: Value[] = new Array(wanted.length);
    for (let n = 0; n < wanted.length; n++) {
      const i = wanted[n] as number;
      const value = isBytes ? columns.bytes.subarray(columns.offsets[i], columns.offsets[i + 1]) : columns.values[i];
      records[n] = isText && value instanceof Uint8Array ? decoder.decode(value) : value as Value;
    }
    return records;
  }

  #amongValues(values: readonly Value[]): number[] {
    const { textOf = () => undefined } = this.#options;
    const found: number[] = [];
    for (const [i, value] of values.entries()) {
      const text = typeof value === "string"
        ? value
        : value instanceof Uint8Array
        ? decoder.decode(value)
        : checkedText(textOf(value));
      if (text !== undefined && this.#test.fits(text, 0, text.length)) found.push(i);
    }
    return found;
  }

  #amongBytes(columns: ByteColumns): ArrayLike<number> {
    if (this.#fitsAll) return others([], countOf(columns));
    if (this.#required.length === 0) return this.#amongTexts(columns, areLines(columns));
    const records = { ...columns, offsets: unsigned(columns.offsets) };
    const found = this.#required.map((text) => this.#engine.findText(records, text)).reduce(merged);
    if (this.#isEnough || found.length === 0) return found;
    return found.length * BYTES_A_TEST > columns.bytes.length && this.#test.isForMany && areLines(columns)
      ? this.#amongTexts(columns, true)
      : this.#tested(columns, found);
  }

  /** Searches all records. */
  #amongTexts(columns: ByteColumns, isLines: boolean): number[] {
    const count = countOf(columns);
    const found: number[] = [];
    for (let from = 0; from < count;) {
      const to = endOfPiece(columns.offsets, from);
      this.#test.find(textPiece(columns, from, to), isLines, found);
      from = to;
    }
    return found;
  }

  /** Tests some records, each by itself. */
  #tested(columns: ByteColumns, some: ArrayLike<number>): number[] {
    const { offsets } = columns;
    const found: number[] = [];
    for (let n = 0; n < some.length;) {
      const from = some[n] as number;
      const end = endOfPiece(offsets, from);
      let last = n;
      while (last + 1 < some.length && (some[last + 1] as number) < end) last++;
      const { text, places, base } = textPiece(columns, from, (some[last] as number) + 1);
      for (; n <= last; n++) {
        const i = some[n] as number;
        const place = i - from;
        if (this.#test.fits(text, (places[place] as number) - base, (places[place + 1] as number) - base)) {
          found.push(i);
        }
      }
    }
    return found;
  }
}

/** Makes views of records. */
function viewsOf({ bytes, offsets }: ByteColumns, wanted: ArrayLike<number>): Value[] {
  const records: Value[] = new Array(wanted.length);
  let size = 0;
  for (let n = 0; n < wanted.length; n++) {
    const i = wanted[n] as number;
    size += (offsets[i + 1] as number) - (offsets[i] as number);
  }
  // Few do not keep the memory of all: new memory for the next hunk can take longer than to inflate it.
  const isFew = 2 * size < bytes.length;
  if (isFew) moveToFront({ bytes, offsets }, wanted);
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

/** Puts records one after the other at the beginning of the memory. */
function moveToFront({ bytes, offsets }: Pick<ByteColumns, "bytes" | "offsets">, wanted: ArrayLike<number>): void {
  let at = 0;
  for (let n = 0; n < wanted.length;) {
    const start = offsets[wanted[n] as number] as number;
    let end = start;
    // Those that are neighbours are moved at once.
    for (; n < wanted.length && offsets[wanted[n] as number] === end; n++) {
      end = offsets[(wanted[n] as number) + 1] as number;
    }
    bytes.copyWithin(at, start, end);
    at += end - start;
  }
}

function unsigned({ buffer, byteOffset, length }: Int32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  return new Uint32Array(buffer, byteOffset, length);
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

/** The places that are in one of two lists or in both, which are in order. */
function merged(one: Uint32Array, other: Uint32Array): Uint32Array<ArrayBuffer> {
  const all = new Uint32Array(one.length + other.length);
  let size = 0;
  for (let i = 0, j = 0; i < one.length || j < other.length; size++) {
    const [a, b] = [one[i] ?? Infinity, other[j] ?? Infinity];
    all[size] = Math.min(a, b);
    if (a <= b) i++;
    if (b <= a) j++;
  }
  return all.subarray(0, size);
}
