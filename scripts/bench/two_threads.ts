// Measures recordColumns() on two threads beside two threads that share nothing, in turns; prints the ratio of their speeds.
//   deno run -A scripts/bench/two_threads.ts [--node] [CORPUS] [ROUNDS] [MIB]     (default: words, 12 rounds, 64 MiB; --node: in Node)
import { readFile } from "node:fs/promises";
import process from "node:process";
import { parseArgs } from "node:util";
import { recordColumns } from "../../lib/records/mod.ts";
import { freshWasm } from "../../tests/helpers/codec_engines.ts";
import { output } from "../shared/processes.ts";
import { hunksOf } from "./codec.ts";
import { corpora } from "./corpora.ts";
import { loneThreads } from "./lone_threads.ts";
import { countAndDrop, recordsIn } from "./pipeline.ts";
import type { Contender } from "./race.ts";

const THREADS = 2;
const SHORT = 1 << 23;
/** Rounds before the first, which do not count: in two or three of them there was enough to do that threads start. */
const BEFORE = 4;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { node: { type: "boolean", default: false } },
});
if (values.node) await inNode();
else await measure();
// Threads are kept for a while.
process.exit();

async function measure(): Promise<void> {
  const [name = "words", rounds = "12", mib = "64"] = positionals;
  const short = await textOf(name);
  const copies = Math.ceil(Number(mib) * 2 ** 20 / short.length);
  const long = new Uint8Array(copies * short.length);
  for (let i = 0; i < copies; i++) long.set(short, i * short.length);
  const chunk = new Uint8Array(await new Blob(hunksOf(freshWasm(), long).map(({ hunk }) => hunk)).arrayBuffer());
  const lone = loneThreads(THREADS, { text: short, isBack: true }, copies);
  const contenders: Contender[] = [
    lone,
    { name: "recordColumns()", run: () => recordsIn(recordColumns(chunk, { workers: THREADS }), countAndDrop) },
  ];
  const took = await speeds(contenders, Number(rounds), long.length);
  lone.end();
  for (const [i, { name }] of contenders.entries()) {
    const all = took.map((round) => round[i] ?? NaN).sort((a, b) => b - a);
    console.log(`${name}: best ${all[0]?.toFixed(0)} MB/s, median ${all[all.length >> 1]?.toFixed(0)}`);
  }
  const best = (i: number) => Math.max(...took.map((round) => round[i] ?? NaN));
  const ratios = took.map(([lone = NaN, ours = NaN]) => ours / lone).sort((a, b) => a - b);
  console.log(
    `${runtime()}, ${name}: ${(best(1) / best(0)).toFixed(2)} by the best rounds, ${
      ratios[ratios.length >> 1]?.toFixed(2)
    } in the median of the rounds, 0.85 is wanted`,
  );
}

/** MB/s of each contender in each round. */
async function speeds(contenders: readonly Contender[], rounds: number, bytes: number): Promise<number[][]> {
  const took: number[][] = [];
  for (let round = -BEFORE; round < rounds; round++) {
    const speeds: number[] = [];
    for (const i of round % 2 === 0 ? [0, 1] : [1, 0]) {
      const start = performance.now();
      await contenders[i]?.run();
      speeds[i] = bytes / 1000 / (performance.now() - start);
    }
    if (round >= 0) took.push(speeds);
  }
  return took;
}

async function textOf(name: string): Promise<Uint8Array<ArrayBuffer>> {
  if (name.includes("/")) return new Uint8Array(await readFile(name)).subarray(0, SHORT);
  for (const corpus of corpora(SHORT)) if (corpus.name === name) return corpus.text;
  throw new Error(`there is no corpus ${name}`);
}

function runtime(): string {
  return "Deno" in globalThis ? `Deno ${process.versions["deno"]}` : `Node ${process.versions.node}`;
}

/** Has a bundle of this run by Node. */
async function inNode(): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "ddfs-bench-" });
  const config = new URL("../../deno.json", import.meta.url).pathname;
  try {
    for (const name of ["two_threads", "lone_thread"]) {
      const script = new URL(`${name}.ts`, import.meta.url).pathname;
      const bundle = `--output=${folder}/${name}.mjs`;
      await output(Deno.execPath(), ["bundle", "--quiet", `--config=${config}`, bundle, script]);
    }
    const node = new Deno.Command("node", { args: [`${folder}/two_threads.mjs`, ...positionals] });
    await node.spawn().status;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
