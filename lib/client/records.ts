import { FLAG, FUNCTION, type OptionNames } from "../check.ts";
import { clientPool, readingThreads } from "./client_pool.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { HunkPool } from "../codec/pool.ts";
import { DataError } from "../errors.ts";
import { contentOf } from "../sources/content.ts";
import type { Input } from "../sources/input.ts";
import { SOURCE_OPTIONS } from "../option_names.ts";
import type { DecompressOptions, ProgressOptions, WalkOptions } from "../options.ts";
import { grouped } from "./grouped.ts";
import { counter } from "./progress.ts";
import { readAhead } from "./read_ahead.ts";
import { type RecordReader, recordsBy } from "../records/pickled_hunks.ts";
import { asRecord, batches, type ChunkRecordsOptions, type RecordForm } from "../records/batches.ts";
import { ByteReader } from "../base/byte_reader.ts";
import type { Value } from "../records/pickle/value.ts";

/** Options of {@linkcode DDFS.records} and {@linkcode DDFS.recordBatches}. */
export interface RecordsOptions
  extends
    WalkOptions,
    ProgressOptions,
    DecompressOptions,
    Pick<ChunkRecordsOptions, "text" | "ignoreCorrupt" | "onCorrupt" | "maxHunkSize"> {
  /** The number of worker threads that decompress, 0 for none; by default one less than there are cores, at most 4. */
  workers?: number | undefined;
  /** Reads the records of data that is not in chunks; without one, everything is read as chunks. */
  reader?: RecordReader<Value> | undefined;
  /**
   * The number of blobs that are open at a time: the one whose records come, and the next ones, of which a little is read ahead.
   *
   * @default {3}
   */
  concurrency?: number | undefined;
}

/** Their names. */
export const RECORDS_OPTIONS: OptionNames<RecordsOptions> = {
  ...SOURCE_OPTIONS,
  onProgress: FUNCTION,
  text: FLAG,
  ignoreCorrupt: FLAG,
  onCorrupt: FUNCTION,
  maxHunkSize: true,
  workers: true,
  reader: FUNCTION,
  concurrency: true,
};

const CONCURRENCY = 3;

/** Reads the records of inputs, a batch for each hunk, in some form. A corrupt hunk is read from another replica if there is one. */
export async function* batchesOfInputs<Records>(
  cluster: Cluster,
  inputs: readonly Input[],
  options: RecordsOptions,
  form: RecordForm<Records>,
): AsyncGenerator<Records, void, undefined> {
  const { decompress, reader, signal } = options;
  const count = counter(options);
  const pool = clientPool(cluster, options.workers ?? readingThreads());
  try {
    for (const input of readAhead(inputs, options.concurrency ?? CONCURRENCY)) {
      const { label, size } = input;
      const onPart = ({ length }: Uint8Array) => count(label, { bytesIn: length });
      const open = async (start: number, avoid?: ReadonlySet<string>) => {
        const { bytes, url } = await input.open(start, avoid);
        const source = new ByteReader(bytes, { label, size, start, signal, onPart });
        return { source: start === 0 ? await contentOf(cluster, source, { decompress, label, signal }) : source, url };
      };
      const found = reader === undefined
        ? hunksOf(cluster, input, open, options, pool, form, () => count(label, {}))
        : readBy(reader, (await open(0)).source, options, form);
      for await (const records of found) {
        signal?.throwIfAborted();
        count(label, { records: form.count(records) });
        yield records;
      }
      count(label, { blobs: 1 });
    }
  } finally {
    pool.close();
  }
}

/** Reads the batches of one chunk, and tells of hunks without records. When a hunk is corrupt, reading goes on at its start with the other replicas. */
async function* hunksOf<Records>(
  cluster: Cluster,
  { label, replicas }: Input,
  open: (start: number, avoid: ReadonlySet<string>) => Promise<{ source: ByteReader; url: string }>,
  options: RecordsOptions,
  pool: HunkPool,
  form: RecordForm<Records>,
  onEmpty: () => void,
): AsyncGenerator<Records, void, undefined> {
  const bad = new Set<string>();
  for (let start = 0;;) {
    const { source, url } = await open(start, bad);
    const isLast = bad.size + 1 >= replicas;
    const settings = { ...options, url: label, ignoreCorrupt: isLast && options.ignoreCorrupt === true };
    try {
      for await (const { records, range } of batches(source, settings, pool, form, onEmpty)) {
        start = range[1];
        yield records;
      }
      return;
    } catch (error) {
      if (!(error instanceof DataError) || error.code !== "corrupt-hunk" || isLast) throw error;
      bad.add(url);
      cluster.transport.tell({ type: "failover", about: error, attempt: bad.size });
    }
  }
}

/** The records that a reader finds in a source. */
async function* readBy<Records>(
  reader: RecordReader<Value>,
  source: ByteReader,
  { text = false }: RecordsOptions,
  form: RecordForm<Records>,
): AsyncGenerator<Records, void, undefined> {
  const groups = grouped(recordsBy(reader, source), () => source.cancel());
  // Columns of text are made of bytes.
  const isText = text && form.ofHunk === undefined;
  for await (const values of groups) {
    yield form.ofValues(isText ? values.map((value) => asRecord(value, true)) : values);
  }
}
