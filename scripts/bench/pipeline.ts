import { DDFS } from "../../mod.ts";
import type { Engine } from "../../lib/codec/engine.ts";
import { type HunkPool, hunkPool } from "../../lib/codec/pool.ts";
import { release } from "../../lib/runtime/release.ts";
import { CHUNK_SIZE, chunkParts, type ChunksOptions } from "../../lib/records/chunker.ts";
import { AS_VALUES, batches } from "../../lib/records/batches.ts";
import { type Columns, countOf } from "../../lib/records/columns.ts";
import { recordBatches, recordColumns } from "../../lib/records/mod.ts";
import { ByteReader } from "../../lib/base/byte_reader.ts";
import { type BenchHunk, decodeAll, encodeAll, hunksOf, inflateAll } from "./codec.ts";
import { loneThreads } from "./lone_threads.ts";
import type { BenchPlan } from "./plan.ts";
import type { Discipline } from "./race.ts";

/** Bytes of text that threads and requests are measured on: a job of a second or so. */
const LONG = 1 << 26;
/** What is searched for: all but one is seldom or never found. */
const PATTERNS: Record<string, string | RegExp> = {
  "grep(), a text": "zebra",
  "grep(), many hits": "an",
  "grep(), an expression with a text": /zebra \d+/,
  "grep(), an expression without one": /[qx]z[jk]/,
};
const OPTIONS: ChunksOptions = { maxRecordSize: 1 << 24 };

/**
 * Names what is measured beyond the codec: its threads, and whole jobs against a DDFS.
 *
 * @param name What the text is called.
 * @param short The text, which is repeated to 64 MiB.
 * @param plan How many threads, and where the DDFS is.
 * @returns The disciplines.
 */
export function pipelines(
  name: string,
  short: Uint8Array<ArrayBuffer>,
  wasm: Engine,
  { workers, master }: Pick<BenchPlan, "workers" | "master">,
): Discipline[] {
  const copies = Math.ceil(LONG / Math.max(1, short.length));
  const bytes = copies * short.length;
  const { text, hunks, chunk } = longInputs(short, copies, wasm);
  const ddfs = new DDFS(master, { settings: {} });
  const tag = `bench:${name}`;
  let runs = 0;
  const chunked = async () => {
    const { blobs } = await ddfs.chunk(`${tag}:${runs++}`, [text()], { ...OPTIONS, workers });
    return Math.sign(blobs.length);
  };
  const running = threads("threads that run: lines to hunks", bytes, workers, (pool) => chunksOf(text(), pool));
  const lone = loneThreads(workers, { text: short, isBack: false }, copies);
  const loneBack = loneThreads(workers, { text: short, isBack: true }, copies);
  const columns = async (workers: number, text = false) =>
    await recordsIn(recordColumns(await chunk(), { workers, text }), countAndDrop);
  return [
    {
      ...running,
      contenders: workers === 0 ? running.contenders : [...running.contenders, lone],
      end() {
        running.end?.();
        lone.end();
      },
    },
    threads("threads that run: hunks to lines", bytes, workers, async (pool) => recordsOf(await chunk(), pool)),
    {
      name: "threads that start: lines to hunks",
      bytes,
      contenders: [0, workers].map((n) => ({
        name: workersOf(n),
        async run() {
          const pool = hunkPool(n, { expected: bytes });
          try {
            return await chunksOf(text(), pool);
          } finally {
            pool.close();
          }
        },
      })),
    },
    {
      name: "columns",
      bytes,
      contenders: [
        { name: "inflate alone, 1 thread", run: () => inflateAll(wasm, hunks()) },
        { name: "recordColumns()", run: () => columns(0) },
        { name: "recordColumns(), text", run: () => columns(0, true) },
        {
          name: "recordBatches()",
          run: async () => await recordsIn(recordBatches(await chunk(), { workers: 0 }), ({ length }) => length),
        },
      ],
    },
    {
      name: "columns on threads",
      bytes,
      contenders: [
        loneBack,
        ...[0, 1, workers].map((n) => ({ name: `recordColumns(), ${workersOf(n)}`, run: () => columns(n) })),
      ],
      end: () => loneBack.end(),
    },
    {
      name: "grep()",
      bytes,
      contenders: [
        { name: "recordColumns()", run: () => columns(0) },
        ...Object.entries(PATTERNS).map(([name, pattern]) => ({
          name,
          run: async () => await recordsIn(ddfs.grep(await chunk(), pattern, { workers: 0 }), ({ length }) => length),
        })),
      ],
    },
    {
      name: "end to end: in",
      bytes,
      contenders: [
        { name: "the codec alone, 1 thread", run: () => Math.sign(encodeAll(wasm, text(), CHUNK_SIZE)) },
        { name: `chunk(), ${workers} workers, HTTP`, run: chunked },
      ],
    },
    {
      name: "end to end: back",
      bytes,
      contenders: [
        { name: "the codec alone, 1 thread", run: () => decodeAll(wasm, hunks()) },
        {
          name: "recordBatches(), HTTP",
          async run() {
            if (runs === 0) await chunked();
            return await recordsIn(ddfs.recordBatches(`tag://${tag}:0`), ({ length }) => length);
          },
        },
      ],
    },
  ];
}

/** What is worked on, each made when it is first asked for: so much memory would slow down whatever is measured before. */
function longInputs(short: Uint8Array, copies: number, wasm: Engine): {
  text: () => Uint8Array<ArrayBuffer>;
  hunks: () => BenchHunk[];
  chunk: () => Promise<Uint8Array<ArrayBuffer>>;
} {
  const text = once(() => {
    const long = new Uint8Array(copies * short.length);
    for (let i = 0; i < copies; i++) long.set(short, i * short.length);
    return long;
  });
  const hunks = once(() => hunksOf(wasm, text()));
  return { text, hunks, chunk: once(() => new Blob(hunks().map(({ hunk }) => hunk)).bytes()) };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** The same work by none, one and many threads, which run already. */
function threads(name: string, bytes: number, most: number, run: (pool: HunkPool) => Promise<number>): Discipline {
  const pools = new Map([0, 1, most].map((n) => [n, hunkPool(n, { expected: bytes })]));
  return {
    name,
    bytes,
    contenders: Array.from(pools, ([n, pool]) => ({ name: workersOf(n), run: () => run(pool) })),
    end: () => pools.forEach((pool) => pool.close()),
  };
}

function workersOf(n: number): string {
  return n === 0 ? "this thread alone" : n === 1 ? "1 worker" : `${n} workers`;
}

async function chunksOf(text: Uint8Array<ArrayBuffer>, pool: HunkPool): Promise<number> {
  let size = 0;
  const count = (hunk: Uint8Array<ArrayBuffer>) => {
    size += hunk.length;
    release(hunk.buffer);
  };
  for await (const _ of chunkParts(new ByteReader(text), OPTIONS, count, pool));
  return size;
}

async function recordsOf(chunk: Uint8Array, pool: HunkPool): Promise<number> {
  let records = 0;
  for await (const batch of batches(new ByteReader(chunk), {}, pool, AS_VALUES)) records += batch.records.length;
  return records;
}

/** Counts records, and gives their memory back, as what inflates alone does: else the collector would be measured. */
export function countAndDrop(columns: Columns): number {
  const count = countOf(columns);
  if (columns.kind === "bytes") release(columns.bytes.buffer);
  if (columns.kind !== "values") release(columns.offsets.buffer);
  return count;
}

/** Counts the records of batches. */
export async function recordsIn<Batch>(
  batches: AsyncIterable<Batch>,
  count: (batch: Batch) => number,
): Promise<number> {
  let records = 0;
  for await (const batch of batches) records += count(batch);
  return records;
}
