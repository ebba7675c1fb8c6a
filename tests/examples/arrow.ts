// Reads the lines of a tag as a table of Apache Arrow, a batch a hunk; their bytes and offsets are Arrow's as they come, without a copy.
//   deno add jsr:@ddfs/client npm:apache-arrow
//   deno run --allow-net --allow-env arrow.ts TAG      (DISCO_MASTER names the cluster)
import { type ByteColumns, DDFS } from "@ddfs/client";
import { makeData, RecordBatch, Table, Utf8 } from "apache-arrow";

/** Makes a batch with one column, "line", of the records of a hunk. */
export function batchOf({ bytes, offsets }: ByteColumns): RecordBatch<{ line: Utf8 }> {
  const length = offsets.length - 1;
  // Binary in place of Utf8 is for records that are no text.
  const line = makeData({ type: new Utf8(), length, nullCount: 0, valueOffsets: offsets, data: bytes });
  return new RecordBatch({ line });
}

/** Reads a whole tag. */
export async function tableOf(ddfs: DDFS, tag: string): Promise<Table<{ line: Utf8 }>> {
  const batches: RecordBatch<{ line: Utf8 }>[] = [];
  for await (const columns of ddfs.recordColumns(tag)) {
    if (columns.kind === "values") throw new TypeError(`${tag} has records that are not lines`);
    batches.push(batchOf(columns));
  }
  return new Table(batches);
}

if (import.meta.main) {
  const [tag] = Deno.args;
  if (tag === undefined) {
    console.error("usage: arrow.ts TAG");
    Deno.exit(2);
  }
  const table = await tableOf(new DDFS(), tag);
  console.log(`${table.numRows} rows in ${table.batches.length} batches, the first: ${table.get(0)}`);
}
