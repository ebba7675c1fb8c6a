import { check, FLAG, FUNCTION, type OptionNames, wholeNumber } from "../check.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { engine } from "../codec/current.ts";
import type { Columns } from "../records/columns.ts";
import type { SearchOptions } from "../records/search.ts";
import type { Value } from "../records/pickle/value.ts";
import { wakeCollector } from "../runtime/memory.ts";
import { release } from "../runtime/release.ts";
import type { Source } from "../sources/source.ts";
import { RECORDS_OPTIONS, type RecordsOptions } from "./records.ts";
import { batchesOf } from "./source_records.ts";

// What is imported when it is called is not in the bundle of a page that reads no columns.

/** Options of {@linkcode DDFS.grep}. */
export interface GrepOptions extends Omit<RecordsOptions, "text">, SearchOptions {
  /** The same as `workers`, which counts where both are given. */
  threads?: number | undefined;
}

/** Their names. */
export const GREP_OPTIONS: OptionNames<GrepOptions> = {
  ...RECORDS_OPTIONS,
  threads: true,
  invert: FLAG,
  textOf: FUNCTION,
};

/** Reads the records of a source in columns. */
export async function* columnsOf(
  cluster: Cluster,
  source: Source,
  options: RecordsOptions,
): AsyncGenerator<Columns, void, undefined> {
  const { AS_BYTES, AS_TEXT, checkColumnSize } = await import("../records/columns.ts");
  checkColumnSize(options);
  yield* options.text === true
    ? batchesOf(cluster, source, options, AS_TEXT)
    : batchesOf(cluster, source, options, AS_BYTES);
}

/** Finds the records of a source that a pattern fits, a list for each hunk that has some. */
export async function* grepped(
  cluster: Cluster,
  source: Source,
  pattern: string | RegExp,
  { threads, workers = threads, invert, text, textOf, ...options }: GrepOptions,
): AsyncGenerator<Value[], void, undefined> {
  check(
    "pattern",
    pattern,
    (value) => typeof value === "string" || value instanceof RegExp,
    "write a text or a RegExp",
  );
  wholeNumber({ threads }, "threads", 0);
  const { checkColumnSize, Search, SEARCHED } = await import("../records/search.ts");
  checkColumnSize(options);
  const search = new Search(pattern, { invert, text, textOf }, await engine());
  for await (const columns of batchesOf(cluster, source, { ...options, workers }, SEARCHED)) {
    const records = search.in(columns);
    const isSeen = columns.kind === "bytes" && isViewOf(records[0], columns.bytes);
    if (columns.kind === "bytes") {
      release(columns.offsets.buffer);
      if (!isSeen) release(columns.bytes.buffer);
    }
    if (records.length > 0) yield records;
    if (isSeen) wakeCollector(columns.bytes.length, "buffers");
  }
}

/** Tells whether what was found is a view of the hunk. */
function isViewOf(record: Value | undefined, { buffer }: Uint8Array): boolean {
  return record instanceof Uint8Array && record.buffer === buffer;
}
