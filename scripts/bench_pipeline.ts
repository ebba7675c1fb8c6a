import { DDFS } from "../mod.ts";
import type { Engine } from "../lib/codec/engine.ts";
import { hunkPool } from "../lib/codec/pool.ts";
import { chunkParts, type ChunksOptions } from "../lib/records/chunker.ts";
import { recordBatches } from "../lib/records/mod.ts";
import { decodeAll, encodeAll, hunksOf } from "./bench_codec.ts";
import type { BenchPlan } from "./bench_run.ts";
import type { Discipline } from "./race.ts";

/** Bytes of text that threads and requests are measured on: a job of a second or so. */
const LONG = 1 << 27;
const OPTIONS: ChunksOptions = { maxRecordSize: 1 << 24 };

/**
 * Names what is measured beyond the codec: its threads, and whole jobs against a DDFS.
 *
 * @param name What the text is called.
 * @param short The text, which is repeated to 128 MiB.
 * @param wasm The engine.
 * @param plan How many threads, and where the DDFS is.
 * @returns The disciplines.
 */
export function pipelines(
  name: string,
  short: Uint8Array<ArrayBuffer>,
  wasm: Engine,
  { workers, master }: Pick<BenchPlan, "workers" | "master">,
): Discipline[] {
  const text = repeated(short, LONG);
  const bytes = text.length;
  const hunks = hunksOf(wasm, text);
  const chunk = new Blob(hunks.map(({ hunk }) => hunk));
  const ddfs = new DDFS(master, { settings: {} });
  const tag = `bench:${name}`;
  let runs = 0;
  const chunked = async () => {
    const { blobs } = await ddfs.chunk(`${tag}:${runs++}`, [text], { ...OPTIONS, workers });
    return Math.sign(blobs.length);
  };
  return [
    {
      name: "threads: lines to hunks",
      bytes,
      contenders: [0, 1, workers].map((n) => ({ name: `${n} workers`, run: () => chunksOf(text, n) })),
    },
    {
      name: "threads: hunks to lines",
      bytes,
      contenders: [0, 1, workers].map((n) => ({ name: `${n} workers`, run: () => recordsOf(chunk.stream(), n) })),
    },
    {
      name: "end to end, in",
      bytes,
      contenders: [
        { name: "the codec alone, 1 thread", run: () => Math.sign(encodeAll(wasm, text)) },
        { name: `chunk(), ${workers} workers, HTTP`, run: chunked },
      ],
    },
    {
      name: "end to end, back",
      bytes,
      contenders: [
        { name: "the codec alone, 1 thread", run: () => decodeAll(wasm, hunks) / 2 },
        {
          name: "recordBatches(), HTTP",
          async run() {
            if (runs === 0) await chunked();
            return await countOf(ddfs.recordBatches(`tag://${tag}:0`));
          },
        },
      ],
    },
  ];
}

function repeated(text: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const long = new Uint8Array(Math.max(1, Math.ceil(size / text.length)) * text.length);
  for (let at = 0; at < long.length; at += text.length) long.set(text, at);
  return long;
}

async function chunksOf(text: Uint8Array, workers: number): Promise<number> {
  const pool = hunkPool(workers, { expected: text.length });
  let size = 0;
  try {
    for await (const chunk of chunkParts(text, OPTIONS, (hunk) => hunk, pool)) size += chunk.size;
  } finally {
    pool.close();
  }
  return size;
}

function recordsOf(chunk: ReadableStream<Uint8Array>, workers: number): Promise<number> {
  return countOf(recordBatches(chunk, { workers }));
}

async function countOf(batches: AsyncIterable<readonly unknown[]>): Promise<number> {
  let records = 0;
  for await (const batch of batches) records += batch.length;
  return records;
}
