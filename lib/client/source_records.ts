import { wholeNumber } from "../check.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { inputsOf } from "../sources/inputs.ts";
import type { Source } from "../sources/source.ts";
import type { RecordForm } from "../records/batches.ts";
import { batchesOfInputs, type RecordsOptions } from "./records.ts";

/** Reads the records of a source, a batch for each hunk, in some form. A corrupt hunk is read from another replica if there is one. */
export async function* batchesOf<Records>(
  cluster: Cluster,
  source: Source,
  options: RecordsOptions,
  form: RecordForm<Records>,
): AsyncGenerator<Records, void, undefined> {
  options.signal?.throwIfAborted();
  wholeNumber(options, "concurrency", 1);
  yield* batchesOfInputs(cluster, await inputsOf(cluster, source, options), options, form);
}
