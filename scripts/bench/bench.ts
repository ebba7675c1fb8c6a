// Measures the codec beside native zlib and others, its threads, and chunk() and records() end to end.
//   deno task bench [--node] [--mib N] [--rounds N] [--seconds N] [--workers N] [--only NAME,…] [--svg FILE] [--write] [--master URL] [FOLDER | FILE …]
//   (default: 8 MiB of each corpus, 7 rounds, in Deno; --node: in Node, which has to be installed; FOLDER: one with .txt files, as
//   scripts/bench/corpora.ts makes it; --svg: also draws the chart of the README; --write: measures what the README's tables have, in ten minutes, keeps it in speeds.json, and makes the tables; --seconds: the time for all, of which each discipline
//   has a part, and one round at least; --master: a cluster in place of an embedded DDFS in another process)
import { spawn } from "node:child_process";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import process from "node:process";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { importCosts } from "./import.ts";
import type { BenchPlan, BenchReport } from "./plan.ts";
import { type Measured, tableOf } from "./table.ts";
import { ServerProcess } from "./server.ts";
import { DISCIPLINES, summaryOf } from "./summary.ts";
import { keepPart } from "../shared/made_part.ts";
import { measuredOn } from "../shared/measured_on.ts";
import { output } from "../shared/processes.ts";
import { type ProgressBar, progressBar } from "../shared/progress_bar.ts";
import { tidily } from "../shared/tidily.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    mib: { type: "string", default: "8" },
    rounds: { type: "string", default: "7" },
    seconds: { type: "string" },
    workers: { type: "string", default: String(Math.min(4, availableParallelism())) },
    only: { type: "string" },
    node: { type: "boolean", default: false },
    svg: { type: "string" },
    write: { type: "boolean", default: false },
    master: { type: "string" },
  },
});
const runtime = values.node ? "Node" : "Deno";
/** The results that the README shows. */
const SPEEDS = new URL("speeds.json", import.meta.url);

const server = values.master === undefined ? await ServerProcess.start() : undefined;
try {
  const plan: BenchPlan = {
    files: await filesOf(positionals),
    mib: wholeNumber("mib", 1),
    rounds: wholeNumber("rounds", 1),
    seconds: values.seconds !== undefined ? wholeNumber("seconds", 1) : values.write ? 600 : undefined,
    workers: wholeNumber("workers", 0),
    only: values.only?.split(",") ?? (values.write ? DISCIPLINES : undefined),
    master: values.master ?? server?.master ?? "",
  };
  const measured = await measure(plan);
  for (const discipline of new Set(measured.map(({ discipline }) => discipline))) {
    console.log(`\n${tableOf(measured.filter((one) => one.discipline === discipline))}`);
  }
  if (plan.only === undefined) console.log(`\n${await importCosts(runtime, plan.rounds)}`);
  if (values.svg !== undefined) {
    const { chartOf } = await import("./chart.ts");
    await Deno.writeTextFile(values.svg, chartOf(measured, runtime));
    console.log(`\n${values.svg}`);
  }
  if (values.write) await write(measured);
} finally {
  await server?.stop();
}

/** Keeps these results beside those of the other runtime and of what was not measured now, and makes the tables of the README of all. */
async function write(measured: readonly Measured[]): Promise<void> {
  const kept: Measured[] = JSON.parse(await Deno.readTextFile(SPEEDS).catch(() => "[]"));
  const isNew = (one: Measured) =>
    one.runtime.startsWith(runtime) && measured.some(({ discipline }) => discipline === one.discipline);
  const both = [...kept.filter((one) => !isNew(one)), ...measured];
  await Deno.writeTextFile(SPEEDS, JSON.stringify(both));
  await output(Deno.execPath(), ["fmt", "--quiet", SPEEDS.pathname]);
  await keepPart(
    { path: "scripts/bench/README.md", name: "speeds", command: "deno task bench" },
    `${summaryOf(both)}\n\n${measuredOn([...new Set(both.map((one) => one.runtime))])}`,
    true,
  );
}

/** Has everything measured in a process of its own, and draws how far it is. */
async function measure(plan: BenchPlan): Promise<Measured[]> {
  const scriptOf = (name: string) => new URL(`${name}.ts`, import.meta.url).pathname;
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const folder = await Deno.makeTempDir({ prefix: "ddfs-bench-" });
  let bar: ProgressBar | undefined;
  let child: ReturnType<typeof spawn> | undefined;
  return await tidily(run, async () => {
    bar?.stop();
    child?.kill();
    await server?.stop().catch(() => {});
    await Deno.remove(folder, { recursive: true });
  });

  async function run(): Promise<Measured[]> {
    for (const name of values.node ? ["run", "lone_thread"] : []) {
      const bundle = `--output=${folder}/${name}.mjs`;
      await output(Deno.execPath(), ["bundle", "--quiet", `--config=${config}`, bundle, scriptOf(name)]);
    }
    const [command, args] = values.node
      ? ["node", [`${folder}/run.mjs`]]
      : [Deno.execPath(), ["run", "--quiet", "-A", "--no-check", `--config=${config}`, scriptOf("run")]];
    const running = spawn(command, [...args, JSON.stringify(plan)], { stdio: ["ignore", "pipe", "inherit"] });
    child = running;
    const ended = once(running, "close");
    const measured: Measured[] = [];
    for await (const line of createInterface({ input: running.stdout })) {
      const report: BenchReport = JSON.parse(line);
      if ("about" in report) console.log(report.about);
      else if ("measured" in report) measured.push(report.measured);
      else {
        bar ??= progressBar("Measuring", report.steps, "steps");
        bar.update(report.done);
      }
    }
    const [code] = await ended;
    if (code !== 0) throw new Error(`the measuring process ended with code ${code} under ${runtime}`);
    return measured;
  }
}

/** The files themselves, and the texts of folders. */
async function filesOf(paths: readonly string[]): Promise<string[]> {
  const files = await Promise.all(paths.map(async (path) => {
    if (!(await stat(path)).isDirectory()) return [path];
    const texts = Array.from(Deno.readDirSync(path), ({ name }) => name).filter((name) => name.endsWith(".txt")).sort();
    if (texts.length === 0) {
      usage(`${path} has no .txt files: make some with deno run -A scripts/bench/corpora.ts ${path}`);
    }
    return texts.map((name) => `${path}/${name}`);
  }));
  return files.flat();
}

function wholeNumber(option: "mib" | "rounds" | "seconds" | "workers", least: number): number {
  const value = Number(values[option]);
  if (Number.isSafeInteger(value) && value >= least) return value;
  return usage(`--${option} ${values[option]}: it must be a whole number of at least ${least}`);
}

function usage(problem: string): never {
  console.error(problem);
  process.exit(1);
}
