import type { DecodedHunk } from "../codec/engine.ts";
import type { HunkPool } from "../codec/pool.ts";
import { DataError, DiscoError } from "../errors.ts";
import { type Corrupt, type Hunk, hunks, MAX_HUNK_SIZE } from "./hunk.ts";
import { inOrder } from "../base/in_order.ts";
import type { ByteReader } from "../base/byte_reader.ts";
import type { Value } from "./value.ts";

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
   * The most bytes that a hunk may have, stored or uncompressed; more is refused before memory is taken.
   *
   * @default {268435456}
   */
  maxHunkSize?: number | undefined;
  /** The number of worker threads that decompress, 0 for none; by default one for each core, at most 4. */
  workers?: number | undefined;
  /** Ends the work and the source when it is aborted; its reason is thrown. */
  signal?: AbortSignal | undefined;
}

/** The records of a hunk, and where it is. */
export interface Batch {
  /** The records; byte strings are views of the hunk's memory. */
  readonly records: Value[];
  /** The bytes at which the hunk begins and ends in the resource; reading can go on at its end. */
  readonly range: readonly [start: number, end: number];
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Reads the records of a chunk, a batch a hunk, and says where in the resource they are.
 *
 * @param source The chunk, which is ended.
 * @param options How to read.
 * @param pool What decompresses, and stays open.
 * @returns The batches, without empty ones.
 */
export async function* batches(
  source: ByteReader,
  options: Omit<ChunkRecordsOptions, "start" | "workers">,
  pool: HunkPool,
): AsyncGenerator<Batch, void, undefined> {
  const { maxHunkSize: maxSize = MAX_HUNK_SIZE, signal, text = false, url = "chunk" } = options;
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
    const [first = 128] = await source.peek() ?? [];
    if (first < 128) return yield* (await import("./netstring.ts")).netstrings(source, maxSize, corrupt);
    const stop = () => source.cancel();
    const decoded = inOrder(hunks(source, maxSize, corrupt), decode, { width: () => pool.inFlight, stop });
    let end = source.position;
    // A source without a byte is no chunk, and has no records.
    let isClosed = true;
    for await (const { range, hunk, error } of decoded) {
      signal?.throwIfAborted();
      end = range[1];
      let records: Value[] = [];
      try {
        if (hunk === undefined) throw error;
        records = byteStrings(hunk, text);
        if (hunk.rest.length > 0) {
          const { Unpickler } = await import("./unpickler.ts");
          const unpickler = new Unpickler(hunk.rest);
          while (unpickler.offset < hunk.rest.length) records.push(asRecord(unpickler.next(), text));
        }
      } catch (error) {
        const isOfHunk = error instanceof DiscoError && ["corrupt-hunk", "invalid-pickle"].includes(error.code);
        leaveOut(isOfHunk ? corrupt(error.message.replace(/^Corrupt hunk: /, ""), range, error) : error, options);
        records = [];
      }
      // What was left out may have been the closing one.
      isClosed = records.length === 0;
      if (!isClosed) yield { records, range };
    }
    if (!isClosed) throw corrupt("the chunk ends without its empty last hunk: it is cut short", [end, end]);
  } catch (error) {
    leaveOut(error, options);
  } finally {
    source.cancel();
  }
}

/** Gives the leading records of a hunk, which are byte strings. */
function byteStrings({ bytes, offsets }: DecodedHunk, isText: boolean): Value[] {
  const { buffer, byteOffset } = bytes;
  const records: Value[] = new Array(offsets.length / 2);
  for (let i = 0; i < records.length; i++) {
    const start = offsets[2 * i] as number;
    records[i] = asRecord(new Uint8Array(buffer, byteOffset + start, (offsets[2 * i + 1] as number) - start), isText);
  }
  return records;
}

function asRecord(value: Value, isText: boolean): Value {
  return isText && value instanceof Uint8Array ? decoder.decode(value) : value;
}

/** Passes over a hunk where that is wanted, or throws its error. */
function leaveOut(error: unknown, { ignoreCorrupt, onCorrupt }: ChunkRecordsOptions): void {
  if (!ignoreCorrupt || !(error instanceof DataError) || error.code !== "corrupt-hunk") throw error;
  onCorrupt?.(error);
}
