import type { Cluster } from "./cluster.ts";
import { DataError } from "./errors.ts";
import { type Input, inputsOf, type Source } from "./inputs.ts";
import type { ProgressOptions, ReadOptions } from "./options.ts";
import type { RecordsOptions as ChunkRecordsOptions, Value } from "./records/mod.ts";
import { placedBatches } from "./records/reader.ts";
import { labelled } from "./sources.ts";

/** A function that reads records from bytes, for data that is not in chunks. */
export type RecordReader = (bytes: ReadableStream<Uint8Array>) => AsyncIterable<Value> | Iterable<Value>;

/** Options of {@linkcode DDFS.records} and {@linkcode DDFS.recordBatches}. */
export interface RecordsOptions
  extends
    ReadOptions,
    ProgressOptions,
    Pick<ChunkRecordsOptions, "text" | "ignoreCorrupt" | "onCorrupt" | "workers" | "maxHunkSize"> {
  /** Reads the records of data that is not in chunks; without one, everything is read as chunks. */
  reader?: RecordReader | undefined;
}

const BATCH = 1000;

/** The records of a source, a batch a hunk; a corrupt hunk is read from another replica where there is one. */
export async function* batchesOf(
  cluster: Cluster,
  source: Source,
  options: RecordsOptions,
): AsyncIterableIterator<Value[]> {
  const inputs = await inputsOf(cluster, source, options);
  const { reader, onProgress, onCorrupt, text } = options;
  let [bytesIn, bytesOut, records, blobs] = [0, 0, 0, 0];
  for (const input of inputs) {
    const report = () =>
      onProgress?.({ bytesIn, bytesOut, records, blobs, name: input.label, replicas: [], total: undefined });
    const onBytes = (size: number) => {
      bytesIn += size;
      report();
    };
    const batches = reader === undefined
      ? hunksOf(cluster, input, onBytes, options, onCorrupt)
      : grouped(reader(labelled((await input.open(0)).stream, input.label, { onBytes })));
    for await (const batch of batches) {
      records += batch.length;
      for (const record of batch) if (record instanceof Uint8Array) bytesOut += record.length;
      yield batch;
    }
    blobs++;
    report();
  }
}

/** One record at a time. */
export async function* valuesOf(batches: AsyncIterable<Value[]>): AsyncIterableIterator<Value> {
  for await (const batch of batches) yield* batch;
}
