import { utf8 } from "../base/utf8.ts";
import { breathe } from "../base/turn.ts";
import { check, FLAG, FUNCTION, type OptionNames, SIGNAL } from "../check.ts";
import type { DecodedHunk } from "../codec/engine.ts";
import { VERSION_1 } from "../codec/hunk.ts";
import type { HunkPool } from "../codec/pool.ts";
import { DataError, DiscoError } from "../errors.ts";
import { type Corrupt, type Hunk, hunks, MAX_HUNK_SIZE } from "./hunk.ts";
import { inOrder } from "../base/in_order.ts";
import type { ByteReader } from "../base/byte_reader.ts";
import { wakeCollector } from "../runtime/memory.ts";
import type { Value } from "./pickle/value.ts";

/** Options of `records()` and `recordBatches()`. */
export interface ChunkRecordsOptions {
  /**
   * Reads records that are byte strings as text in UTF-8; bytes that are not become U+FFFD. Byte strings inside of tuples, lists
   * and dicts stay as they are.
   *
   * @default {false}
   */
  text?: boolean | undefined;
  /**
   * Leaves out a hunk that cannot be read. If not even its end is known, the records end there.
   *
   * @default {false}
   */
  ignoreCorrupt?: boolean | undefined;
  /** Called with the error of each hunk that is left out. */
  onCorrupt?: ((error: DataError) => void) | undefined;
  /**
   * The name of the resource, for errors.
   *
   * @default {"chunk"}
   */
  url?: string | undefined;
  /**
   * The byte of the resource at which the source begins: to go on with a chunk, the end of a hunk.
   *
   * @default {0}
   */
  start?: number | undefined;
  /**
   * The most bytes that a hunk may have, stored or uncompressed; its records may take four times as many in memory, by an estimate. More is refused
   * before memory is taken.
   *
   * @default {67108864}
   */
  maxHunkSize?: number | undefined;
  /** The number of worker threads that decompress, 0 for none; by default one for each core, at most 4. */
  workers?: number | undefined;
  /** Ends the work and the source when it is aborted; its reason is thrown. */
  signal?: AbortSignal | undefined;
}

/** Their names. */
export const CHUNK_RECORDS_OPTIONS: OptionNames<ChunkRecordsOptions> = {
  text: FLAG,
  ignoreCorrupt: FLAG,
  onCorrupt: FUNCTION,
  url: true,
  start: true,
  maxHunkSize: true,
  workers: true,
  signal: SIGNAL,
};

/** The records of a hunk, and where it is. */
export interface Batch<Records = Value[]> {
  /** The records. */
  readonly records: Records;
  /** The bytes at which the hunk begins and ends in the resource; reading can go on at its end. */
  readonly range: readonly [start: number, end: number];
}

/** The form in which records are given. */
export interface RecordForm<Records> {
  /** Gives those of a hunk that has byte strings only; without it, they are made values first. */
  readonly ofHunk?: (hunk: DecodedHunk) => Records;
  /** Gives values; byte strings are views of the hunk's memory. */
  readonly ofValues: (values: Value[]) => Records;
  /** Tells how many there are. */
  readonly count: (records: Records) => number;
  /** The memory that records leave to the collector; `nothing` if who takes them gives it back. */
  readonly leaves: "views" | "buffers" | "nothing";
}

/** Records as a list of values. */
export const AS_VALUES: RecordForm<Value[]> = {
  ofValues: (values) => values,
  count: ({ length }) => length,
  leaves: "views",
};

/** Bytes that a record takes in memory, at least. */
const VIEW = 64;
/** The bytes from which on a hunk is large, and is not read beside others. */
const LARGE = 1 << 24;
/** Records after which it is seen whether other work should get its turn. */
const SOME = 1 << 14;
/** Opcodes of a pickle after which the same is seen. */
const MANY = 1 << 16;

/**
 * Reads the records of a chunk, a batch a hunk, and says where in the resource they are.
 *
 * @param source The chunk, which is ended.
 * @param options How to read.
 * @param pool What decompresses, and stays open.
 * @param form The form in which the records are given.
 * @param onEmpty Called for each hunk without a batch that comes before one that has one.
 * @returns The batches, without empty ones.
 */
export async function* batches<Records>(
  source: ByteReader,
  options: Omit<ChunkRecordsOptions, "start" | "workers">,
  pool: HunkPool,
  form: RecordForm<Records>,
  onEmpty?: () => void,
): AsyncGenerator<Batch<Records>, void, undefined> {
  const { maxHunkSize: maxSize = MAX_HUNK_SIZE, signal, url = "chunk" } = options;
  check("maxHunkSize", maxSize, (size) => typeof size === "number" && size >= 0, "it must be a number of bytes");
  const corrupt: Corrupt = (problem, range, cause) => {
    const message = `Corrupt hunk at bytes ${range[0]} to ${range[1]} of ${url}: ${problem}`;
    return new DataError(message, { code: "corrupt-hunk", url, range, ...(cause === undefined ? {} : { cause }) });
  };
  const decode = async ({ compressed, crc32, data, range }: Hunk) => {
    try {
      return { range, hunk: await pool.decode(data, { compressed, crc32, maxSize }) };
    } catch (error) {
      // It is of this hunk only: it does not end the others.
      return { range, error };
    }
  };
  try {
    const [first = VERSION_1] = await source.peek() ?? [];
    if (first < 128 && !(first >= 48 && first < 58)) {
      throw corrupt(noChunk(first), [source.position, source.position + 1]);
    }
    if (first < 128) {
      const { netstrings } = await import("./netstring.ts");
      const { position } = source;
      // Many a log begins with a digit, too: with a date, or an address.
      const corruptPair: Corrupt = (problem, range, cause) =>
        corrupt(range[0] === position ? `${problem}; if it is no chunk: ${READ_BY}` : problem, range, cause);
      for await (const { records, range } of netstrings(source, maxSize, corruptPair)) {
        yield { records: form.ofValues(records), range };
      }
      return;
    }
    const stop = () => source.cancel();
    // Hunks are small: a few at a time when the first ones were, and one after the other when they are not.
    let width = Math.min(2, pool.inFlight);
    const decoded = inOrder(hunks(source, maxSize, corrupt), decode, { width: () => width, stop });
    let end = source.position;
    // A source without a byte is no chunk, and has no records.
    let isClosed = true;
    let empty = 0;
    for await (const { range, hunk, error } of decoded) {
      signal?.throwIfAborted();
      end = range[1];
      width = sizeOf(hunk) > LARGE ? 1 : Math.min(width + 1, pool.inFlight);
      let records: Records | undefined;
      try {
        if (hunk === undefined) throw error;
        if (sizeOf(hunk) > 0 || hunk.offsets.length > 1) {
          records = form.ofHunk !== undefined && hunk.rest.length === 0
            ? form.ofHunk(hunk)
            : form.ofValues(await valuesOf(hunk, 4 * maxSize, options));
        }
      } catch (error) {
        const isOfHunk = error instanceof DiscoError && ["corrupt-hunk", "invalid-pickle"].includes(error.code);
        leaveOut(isOfHunk ? corrupt(problemOf(error), range, error) : error, options);
      }
      // What was left out may have been the closing one.
      isClosed = records === undefined;
      if (records === undefined) empty++;
      else {
        for (; empty > 0; empty--) onEmpty?.();
        yield { records, range };
        if (form.leaves !== "nothing") wakeCollector(sizeOf(hunk), form.leaves);
      }
    }
    if (!isClosed) throw corrupt("the chunk ends without its empty last hunk: it is cut short", [end, end]);
  } catch (error) {
    leaveOut(error, options);
  } finally {
    source.cancel();
  }
}

function sizeOf(hunk: DecodedHunk | undefined): number {
  return hunk === undefined ? 0 : hunk.bytes.length + hunk.rest.length;
}

/** Gives the records of a hunk one by one. */
async function valuesOf(hunk: DecodedHunk, mostMemory: number, options: ChunkRecordsOptions): Promise<Value[]> {
  const { signal, text = false } = options;
  const records = await byteStrings(hunk, mostMemory, options);
  if (hunk.rest.length === 0) return records;
  const { Unpickler } = await import("./pickle/unpickler.ts");
  const unpickler = new Unpickler(hunk.rest, mostMemory);
  while (unpickler.offset < hunk.rest.length) {
    const value = unpickler.advance(MANY);
    if (value !== undefined) records.push(asRecord(value, text));
    if (value === undefined || records.length % SOME === 0) await breathe(signal);
  }
  return records;
}

/** Gives the leading records of a hunk, which are byte strings. */
async function byteStrings(
  hunk: DecodedHunk,
  mostMemory: number,
  { signal, text = false }: ChunkRecordsOptions,
): Promise<Value[]> {
  const count = hunk.offsets.length - 1;
  if (count * VIEW > mostMemory) {
    const problem =
      `its ${count} records take more than ${mostMemory} bytes of memory: raise maxHunkSize if they are real`;
    throw new DiscoError(problem, { code: "corrupt-hunk" });
  }
  const records: Value[] = new Array(count);
  const read = text ? (await import("./text_records.ts")).readTexts : view;
  for (let at = 0; at < count; at += SOME) {
    if (at > 0) await breathe(signal);
    read(hunk, at, Math.min(count, at + SOME), records);
  }
  return records;
}

/** Makes some of the records of a hunk, as views of its memory. */
function view({ bytes, offsets }: DecodedHunk, from: number, to: number, records: Value[]): void {
  const { buffer, byteOffset } = bytes;
  for (let i = from; i < to; i++) {
    const start = offsets[i] as number;
    records[i] = new Uint8Array(buffer, byteOffset + start, (offsets[i + 1] as number) - start);
  }
}

const READ_BY = "a text, or a blob of push(), is read with a reader, or by pull() and lines()";

/** Says what to do with what is no chunk; a source without a byte has no records. */
function noChunk(first: number): string {
  const found = `it begins with 0x${first.toString(16).padStart(2, "0")}, and is no chunk`;
  if (first === 0x1f) return `${found}: it may be gzipped, which the client reads with decompress: true`;
  return `${found}: ${READ_BY}`;
}

function problemOf({ message }: DiscoError): string {
  return message.replace(/^Corrupt hunk: /, "").replace(
    /(that are|is) accepted$/,
    "$&: raise maxHunkSize if they are real",
  );
}

/** Gives a record as it is, or as text if it is a byte string and text is wanted. */
export function asRecord(value: Value, isText: boolean): Value {
  return isText && value instanceof Uint8Array ? utf8.decode(value) : value;
}

/** Passes over a hunk where that is wanted, or throws its error. */
function leaveOut(error: unknown, { ignoreCorrupt, onCorrupt }: ChunkRecordsOptions): void {
  if (!ignoreCorrupt || !(error instanceof DataError) || error.code !== "corrupt-hunk") throw error;
  onCorrupt?.(error);
}
