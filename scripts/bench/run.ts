// What bench.ts runs in Deno or Node: run.ts PLAN, as plan.ts has it. Prints one JSON value a line.
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import process from "node:process";
import { availableParallelism } from "node:os";
import { JsEngine } from "../../lib/codec/js_engine.ts";
import { freshWasm } from "../../tests/helpers/codec_engines.ts";
import { disciplines } from "./codec.ts";
import { pipelines } from "./pipeline.ts";
import type { BenchPlan, BenchReport } from "./plan.ts";
import { corpora, type Corpus } from "./corpora.ts";
import { type Discipline, race } from "./race.ts";
import { nativeCodecs } from "../shared/native_codecs.ts";

const plan: BenchPlan = JSON.parse(process.argv[2] ?? "");
const size = plan.mib * 2 ** 20;
const runtime = "Deno" in globalThis ? `Deno ${process.versions["deno"]}` : `Node ${process.versions.node}`;
const leftOut: string[] = [];
const natives = nativeCodecs((name, cause) => leftOut.push(`\nWithout ${name}: ${String(cause).split("\n")[0]}`));
report({
  about: `${runtime}, ${availableParallelism()} cores, ${plan.mib} MiB a corpus, medians of ${plan.rounds} rounds.
The first row is MB/s of the text; the others MB/s, times the first row's speed in the same round, and times its size.${
    leftOut.join("")
  }`,
});

const engines = { wasm: freshWasm(), js: new JsEngine() };
const texts = plan.files.length > 0 ? plan.files.length : 6;
let done = 0;
for await (const { name, text } of corpusTexts()) {
  // No lines, no pipeline.
  const jobs = name === "noise" ? [] : pipelines(name, text, engines.wasm, plan);
  const all = [...disciplines(text, engines, natives), ...jobs].filter(isWanted);
  const longest = (plan.seconds ?? Infinity) * 1000 / texts / all.length;
  for (const [i, { name: discipline, bytes, contenders, end }] of all.entries()) {
    const standings = await race(contenders, plan.rounds, () => performance.now(), longest);
    end?.();
    report({ measured: { runtime, discipline, corpus: name, bytes, standings } });
    report({ done: done * all.length + i + 1, steps: texts * all.length });
  }
  done++;
}

function isWanted({ name }: Discipline): boolean {
  return plan.only?.some((part) => name.startsWith(part)) ?? true;
}

async function* corpusTexts(): AsyncGenerator<Corpus> {
  if (plan.files.length === 0) yield* corpora(size);
  for (const file of plan.files) {
    yield { name: basename(file).replace(/\.txt$/, ""), text: new Uint8Array(await readFile(file)).subarray(0, size) };
  }
}

function report(value: BenchReport): void {
  console.log(JSON.stringify(value));
}
