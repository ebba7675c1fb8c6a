import { AS_VALUES } from "../records/batches.ts";
import type { Value } from "../records/pickle/value.ts";
import { replicasInput } from "../sources/replicas.ts";
import { READ_OPTIONS } from "../option_names.ts";
import type { ReadOptions, Replicas } from "../options.ts";
import { batchesOfInputs } from "./records.ts";
import { iterateWithin } from "./operation.ts";
import type { DDFSReader } from "./reader.ts";

/** Reads the records of a blob, as `recordBatches()` does: with a client that only reads, and without what `DDFS` writes with. */
export function replicaRecords(
  client: DDFSReader,
  replicas: Replicas,
  options: ReadOptions,
): AsyncIterableIterator<Value[]> {
  const called = { name: "recordBatches", takes: READ_OPTIONS };
  return iterateWithin(
    client,
    called,
    options,
    (cluster, options) => batchesOfInputs(cluster, [replicasInput(cluster, replicas, options)], options, AS_VALUES),
  );
}
