import { FLAG, FUNCTION, type OptionNames, SIGNAL, wholeNumber } from "../check.ts";
import { DIALECT, type Dialect, type Level } from "../codec/engine.ts";
import { levelOf } from "../codec/level.ts";
import type { HunkPool } from "../codec/pool.ts";
import { closingHunk } from "../codec/hunk.ts";
import { inOrder } from "../base/in_order.ts";
import { lineHunks, type PickledHunk, recordHunks, type RecordReader } from "./pickled_hunks.ts";
import type { ByteReader } from "../base/byte_reader.ts";

/** Options of {@linkcode chunks}. */
export interface ChunksOptions {
  /**
   * Close a chunk once its hunks exceed this many bytes.
   *
   * @default {67108864}
   */
  chunkSize?: number | undefined;
  /**
   * The largest record, pickled, in bytes.
   *
   * @default {1048576}
   */
  maxRecordSize?: number | undefined;
  /** Turns the source into records; lines by default. */
  reader?: RecordReader | undefined;
  /**
   * The form in which records are pickled: `py2` is what Disco's workers expect, and `py3` what Python 3 reads back as bytes.
   *
   * @default {"py2"}
   */
  dialect?: Dialect | undefined;
  /**
   * Compresses the hunks; `false` stores them as they are.
   *
   * @default {true}
   */
  compress?: boolean | undefined;
  /**
   * The effort of compression: 1 is the quickest, 2 is smaller, and 6 is about as small as zlib's level 6.
   *
   * @default {1}
   */
  level?: Level | undefined;
  /** The number of worker threads that compress, 0 for none; by default one for each core, at most 4. */
  workers?: number | undefined;
  /** Ends the work and the source when it is aborted; its reason is thrown. */
  signal?: AbortSignal | undefined;
}

/** Their names. */
export const CHUNKS_OPTIONS: OptionNames<ChunksOptions> = {
  chunkSize: true,
  maxRecordSize: true,
  reader: FUNCTION,
  dialect: DIALECT,
  level: true,
  compress: FLAG,
  workers: true,
  signal: SIGNAL,
};

/** A chunk in the pieces it was made in. */
export interface Chunk<Piece> {
  /** The hunks as they are kept, the closing one included. */
  readonly hunks: readonly Piece[];
  /** Bytes of all hunks. */
  readonly size: number;
  /** The number of records in it. */
  readonly records: number;
  /** Bytes of the source up to its end, where the records are lines of it. */
  readonly end: number | undefined;
}

/** Bytes of hunks after which a chunk is closed, by default. */
export const CHUNK_SIZE: number = 1 << 26;
const MAX_RECORD_SIZE = 1 << 20;

/**
 * Makes chunks of a source, and leaves each in its pieces.
 *
 * A few hunks beyond a chunk are under way while it is waited for, no more.
 *
 * A hunk belongs to the next chunk when the hunks before it exceed the chunk's size. That is Python's rule, which looks at what was flushed
 * before each record: between two flushes it does not change, and after one a hunk begins with the next record. So it needs the hunks' sizes
 * only in their order, however many are compressed at a time.
 *
 * @param source The text, as bytes; it is ended.
 * @param options Sizes, reader, dialect.
 * @param keep Gives what is kept of a hunk until its chunk is full, when the hunk is made; it is told how many records are in it.
 * @param pool What compresses, and stays open.
 * @returns The chunks.
 */
export async function* chunkParts<Piece>(
  source: ByteReader,
  options: Omit<ChunksOptions, "workers"> & { readonly label?: string },
  keep: (hunk: Uint8Array<ArrayBuffer>, records: number) => Piece,
  pool: HunkPool,
): AsyncGenerator<Chunk<Piece>, void, undefined> {
  const { reader, signal, compress = true, dialect = "py2" } = options;
  try {
    const chunkSize = wholeNumber(options, "chunkSize", 1) ?? CHUNK_SIZE;
    const maxRecordSize = wholeNumber(options, "maxRecordSize", 1) ?? MAX_RECORD_SIZE;
    const level = levelOf(options);
    const how = { dialect, maxRecordSize, label: options.label, signal, spare: () => pool.spare() };
    const pickled = reader === undefined ? lineHunks(source, how) : recordHunks(source, reader, how);
    const encode = async ({ pickled, records, end }: PickledHunk) => {
      return { hunk: await pool.encode(pickled, compress, level), records, end };
    };
    const encoded = inOrder(pickled, encode, { width: () => pool.inFlight, stop: () => source.cancel() });
    const empty = () => ({ hunks: [] as Piece[], size: 0, records: 0, end: undefined as number | undefined });
    let chunk = empty();
    const add = (hunk: Uint8Array<ArrayBuffer>, records: number, end = chunk.end): Chunk<Piece> => {
      chunk.hunks.push(keep(hunk, records));
      chunk.size += hunk.length;
      chunk.records += records;
      chunk.end = end;
      return chunk;
    };
    for await (const { hunk, records, end } of encoded) {
      signal?.throwIfAborted();
      if (chunk.size > chunkSize) {
        yield add(closingHunk(compress), 0);
        chunk = empty();
      }
      add(hunk, records, end);
    }
    if (chunk.size > 0) yield add(closingHunk(compress), 0);
  } finally {
    source.cancel();
  }
}
