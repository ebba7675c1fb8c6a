import { engine } from "../codec/current.ts";
import type { Dialect, Engine } from "../codec/engine.ts";
import { breathe } from "../base/turn.ts";
import { invalid, isObject } from "../check.ts";
import { DataError } from "../errors.ts";
import { GrowingBytes } from "./growing.ts";
import type { ByteReader } from "../base/byte_reader.ts";
import type { Picklable } from "./pickle/value.ts";

/** A hunk is flushed once its pickles are more bytes than this. */
const HUNK_SIZE = 1 << 20;
/** Room for the record that makes a hunk full, in most cases. */
const ROOM = HUNK_SIZE + (1 << 16);
/** The memory that the first hunk begins with: most small sources have one hunk, and it is small. */
const FIRST_ROOM = 1 << 16;

/** Records after which it is seen whether other work should get its turn. */
const SOME = 256;

const NEWLINE = 10;

/** Turns bytes into records, instead of splitting them at newlines. */
export type RecordReader<Item = Picklable> = (
  stream: ReadableStream<Uint8Array>,
) => AsyncIterable<Item> | Iterable<Item>;

/** The pickles of a hunk. */
export interface PickledHunk {
  /** The pickles, in memory of their own. */
  readonly pickled: Uint8Array<ArrayBuffer>;
  /** The number of records. */
  readonly records: number;
  /** The bytes of the text up to the end of the last line in it; `undefined` if a reader makes the records. */
  readonly end: number | undefined;
}

/** Options for pickling records. */
export interface PickleOptions {
  readonly dialect: Dialect;
  /** The largest pickle that is written, in bytes. */
  readonly maxRecordSize: number;
  /** The name of the source, for errors. */
  readonly label?: string | undefined;
  /** Ends the work when it is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Gives memory for a hunk that is used no more, where there is some. */
  readonly spare?: () => Uint8Array<ArrayBuffer> | undefined;
}

/**
 * Pickles the lines of a source; lines end at `\n` only, and keep it.
 *
 * @param source The text, as bytes.
 * @param options Dialect and limit.
 * @returns Hunks, each flushed once it exceeds 1 MiB.
 * @throws {DiscoError} If a line is too large (code `record-too-large`), or the source fails.
 * @see {@link https://REPOSITORY/lib/records/FORMAT.md#records FORMAT: Records}
 */
export async function* lineHunks(
  source: ByteReader,
  options: PickleOptions,
): AsyncGenerator<PickledHunk, void, undefined> {
  const codec = await engine();
  const hunk = new HunkBuffer(options);
  // The line that earlier parts began.
  const line = new GrowingBytes(FIRST_ROOM);
  const keep = (bytes: Uint8Array) => {
    line.append(bytes);
    // Its whole size is not worth the memory.
    if (line.length > options.maxRecordSize) throw hunk.tooLarge(line.length, "or more ");
  };
  for (let text = await source.read(); text !== undefined; text = await source.read()) {
    let start = 0;
    if (line.length > 0) {
      const newline = text.indexOf(NEWLINE);
      if (newline < 0) {
        keep(text);
        continue;
      }
      start = newline + 1;
      line.append(text.subarray(0, start));
      yield* hunk.appendLines(codec, line.view(), false);
      line.clear();
    }
    const lines = text.subarray(start);
    keep(lines.subarray(yield* hunk.appendLines(codec, lines, false)));
  }
  yield* hunk.appendLines(codec, line.view(), true);
  if (hunk.records > 0) yield hunk.flush();
}

/**
 * Reads a source by a reader.
 *
 * @throws {DiscoError} If the reader gives nothing that can be iterated (code `invalid-argument`).
 */
export function recordsBy<Item>(reader: RecordReader<Item>, source: ByteReader): AsyncIterable<Item> | Iterable<Item> {
  const items: unknown = reader(source.stream());
  const isIterable = typeof items === "string" ||
    isObject(items) && (Symbol.asyncIterator in items || Symbol.iterator in items);
  if (isIterable) return items as Iterable<Item>;
  throw invalid(
    "result of the reader",
    items,
    "it must give its records as an iterable: write async function* (stream)",
  );
}

/**
 * Pickles the records that a reader finds in a source.
 *
 * @param options Dialect and limit.
 * @returns Hunks, each flushed once it exceeds 1 MiB.
 * @throws {DiscoError} If a record is too large (code `record-too-large`) or cannot be pickled, or the source fails.
 */
export async function* recordHunks(
  source: ByteReader,
  reader: RecordReader,
  options: PickleOptions,
): AsyncGenerator<PickledHunk, void, undefined> {
  const { Pickler } = await import("./pickle/pickler.ts");
  const hunk = new HunkBuffer(options);
  const pickler = new Pickler(options.dialect);
  for await (const record of recordsBy(reader, source)) {
    hunk.appendRecord(pickler.dump(record));
    if (hunk.isFull) yield hunk.flush();
    if (hunk.records % SOME === 0) await breathe(options.signal);
  }
  if (hunk.records > 0) yield hunk.flush();
}

/** Collects the pickles of a hunk. */
class HunkBuffer {
  /** The number of records in the hunk. */
  records = 0;
  /** Bytes of text that were appended, to this hunk and to those before it. */
  #textBytes: number | undefined;
  readonly #options: PickleOptions;
  readonly #pickled: GrowingBytes;
  #recordsBefore = 0;

  constructor(options: PickleOptions) {
    this.#options = options;
    this.#pickled = new GrowingBytes(FIRST_ROOM, options.spare);
  }

  get isFull(): boolean {
    return this.#pickled.length > HUNK_SIZE;
  }

  /** Appends the lines of a text; returns how many of its bytes were used. */
  *appendLines(codec: Engine, text: Uint8Array, last: boolean): Generator<PickledHunk, number, undefined> {
    let at = 0;
    while (at < text.length) {
      const lines = codec.pickleLines(text, at, {
        ...this.#options,
        limit: HUNK_SIZE - this.#pickled.length,
        last,
      });
      this.#pickled.append(lines.pickled);
      this.records += lines.records;
      at += lines.consumed;
      this.#textBytes = (this.#textBytes ?? 0) + lines.consumed;
      if (lines.tooLarge > 0) throw this.tooLarge(lines.tooLarge);
      if (!this.isFull) break;
      yield this.flush();
    }
    return at;
  }

  appendRecord(pickled: Uint8Array): void {
    if (pickled.length > this.#options.maxRecordSize) throw this.tooLarge(pickled.length);
    this.#pickled.append(pickled);
    this.records++;
  }

  /** Ends the hunk. */
  flush(): PickledHunk {
    const { records } = this;
    this.#recordsBefore += records;
    this.records = 0;
    return { pickled: this.#pickled.take(ROOM), records, end: this.#textBytes };
  }

  /** Makes the error for the next record. */
  tooLarge(size: number, orMore: "" | "or more " = ""): DataError {
    const { label = "the source", maxRecordSize } = this.#options;
    return new DataError(
      `Record of size ${size} ${orMore}is larger than maxRecordSize: ${maxRecordSize} ` +
        `(record ${this.#recordsBefore + this.records} of ${label}, counted from 0): ` +
        "raise maxRecordSize, or give a reader that makes smaller records",
      { code: "record-too-large", url: label },
    );
  }
}
