import { check } from "../check.ts";
import type { Engine } from "../codec/engine.ts";
import { type ByteColumns, countOf, textColumns, type ValueColumns } from "./columns.ts";
import { requiredText } from "./required_text.ts";
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

/**
 * Parts of expressions that may see beyond a record when many are searched at once: groups that look around or change flags, references to groups, and
 * whatever may fit a line end. Some of it would not; it is taken as if it might.
 */
// deno-lint-ignore no-control-regex
const LOOKS_BEYOND = /\(\?(?!:|<[^=!])|\\[1-9ksWDnPpxucftrv0]|\[\^|[\x00-\x1f]/;
const NEWLINE = 10;
/** Characters that bytes become which are not UTF-8, and parts of characters: they do not say which bytes they are. */
const OF_OTHER_BYTES = /\ufffd|\p{Surrogate}/u;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Finds the records that a pattern fits. Each is searched as text, without its line end. */
export class Search {
  /** Tests one record. */
  readonly #one: RegExp | undefined;
  /** Searches many records at once; nothing for expressions that have to see each record by itself. */
  readonly #many: RegExp | undefined;
  /** Text that is in each record that fits. */
  readonly #required: string;
  /** The same as bytes; nothing where records with other bytes may fit. */
  readonly #requiredBytes: Uint8Array | undefined;
  /** True if a record that has it needs no test: it is all that is looked for, and no part of it may be a line end. */
  readonly #isEnough: boolean;
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
    const isText = typeof pattern === "string";
    const required = isText ? pattern : requiredText(pattern);
    this.#required = required;
    this.#isEnough = isText && !/[\r\n]/.test(pattern);
    if (required !== "" && !OF_OTHER_BYTES.test(required)) this.#requiredBytes = encoder.encode(required);
    if (isText) return;
    const { source, flags } = pattern;
    this.#one = new RegExp(source, flags.replace("g", ""));
    if (!LOOKS_BEYOND.test(source) && !/[svy]/.test(flags)) {
      this.#many = new RegExp(source, flags.replace(/[gm]/g, "") + "gm");
    }
  }

  /**
   * Searches the records of a hunk.
   *
   * @returns Those that are wanted, in order; byte strings are views of the hunk's memory.
   */
  in(columns: ByteColumns | ValueColumns): Value[] {
    const fitting = columns.kind === "values" ? this.#amongValues(columns.values) : this.#amongBytes(columns);
    const wanted = this.#options.invert === true ? others(fitting, countOf(columns)) : fitting;
    // Where most records are wanted, Array.from() would take longer than all else.
    const records: Value[] = new Array(wanted.length);
    const { text } = this.#options;
    for (let n = 0; n < wanted.length; n++) {
      const i = wanted[n] as number;
      const value = columns.kind === "values" ? columns.values[i] as Value : viewOf(columns, i);
      records[n] = text === true && value instanceof Uint8Array ? decoder.decode(value) : value;
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
      if (text !== undefined && this.#fits(text)) found.push(i);
    }
    return found;
  }

  #amongBytes(columns: ByteColumns): ArrayLike<number> {
    const bytes = this.#requiredBytes;
    if (bytes === undefined) return this.#amongTexts(columns);
    const found = this.#engine.findText({ ...columns, offsets: unsigned(columns.offsets) }, bytes);
    if (this.#isEnough || found.length === 0) return found;
    const { text, offsets } = textColumns(columns);
    return found.filter((i) => this.#fits(text.slice(offsets[i], offsets[i + 1])));
  }

  #amongTexts(columns: ByteColumns): number[] {
    const { text, offsets } = textColumns(columns);
    const count = offsets.length - 1;
    const many = areLines(columns) ? this.#many : undefined;
    const found: number[] = [];
    for (let record = 0; record < count; record++) {
      if (many !== undefined) {
        many.lastIndex = offsets[record] as number;
        const place = many.exec(text)?.index ?? Infinity;
        while (record < count && (offsets[record + 1] as number) <= place) record++;
      }
      // What was found may reach into the next record: the record alone decides.
      if (record < count && this.#fits(text.slice(offsets[record], offsets[record + 1]))) found.push(record);
    }
    return found;
  }

  #fits(record: string): boolean {
    const line = withoutEnd(record);
    if (this.#one === undefined) return line.includes(this.#required);
    this.#one.lastIndex = 0;
    return this.#one.test(line);
  }
}

/** Makes a view of a record. */
function viewOf({ bytes: { buffer, byteOffset }, offsets }: ByteColumns, i: number): Uint8Array<ArrayBuffer> {
  const start = offsets[i] as number;
  return new Uint8Array(buffer, byteOffset + start, (offsets[i + 1] as number) - start);
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

function withoutEnd(line: string): string {
  if (!line.endsWith("\n")) return line;
  return line.slice(0, line.endsWith("\r\n") ? -2 : -1);
}

/** Tells whether each record ends with a newline, so that `^` and `$` fit where it begins and ends. */
function areLines({ bytes, offsets }: ByteColumns): boolean {
  for (let i = 1; i < offsets.length; i++) {
    const end = offsets[i] as number;
    if (end === offsets[i - 1] || bytes[end - 1] !== NEWLINE) return false;
  }
  return true;
}
