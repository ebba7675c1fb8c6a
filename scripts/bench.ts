// Measures the codec beside native zlib and others, on the corpora.
//   deno task bench [--mib N] [--rounds N] [--workers N] [--only NAME,…] [--node] [FILE …]
//   (default: 8 MiB of each corpus, 7 rounds; --node runs it under Node, which has to be installed)
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { freshWasm } from "../tests/codec_engines.ts";
import { JsEngine } from "../lib/codec/js_engine.ts";
import { type Discipline, disciplines } from "./bench_codec.ts";
import { corpora, type Corpus } from "./corpora.ts";
import { race, type Standing } from "./race.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    mib: { type: "string", default: "8" },
    rounds: { type: "string", default: "7" },
    workers: { type: "string", default: String(Math.min(4, availableParallelism())) },
    only: { type: "string" },
    node: { type: "boolean", default: false },
  },
});
const rounds = Number(values.rounds);
const workers = Number(values.workers);
const size = Number(values.mib) * 2 ** 20;
const only = values.only?.split(",");

if (values.node) runInNode();
else await bench();

async function bench(): Promise<void> {
  const runtime = "Deno" in globalThis ? `Deno ${process.versions["deno"]}` : `Node ${process.versions.node}`;
  console.log(`${runtime}, ${availableParallelism()} cores, ${values.mib} MiB a corpus, medians of ${rounds} rounds`);
  const engines = { wasm: freshWasm(), js: new JsEngine(), workers };
  const tables = new Map<string, Map<string, Standing[]>>();
  const bytes = new Map<string, number>();
  for await (const { name, text } of texts()) {
    bytes.set(name, text.length);
    process.stderr.write(`${name} …\n`);
    for (const discipline of chosen(disciplines(text, engines))) {
      const table = tables.get(discipline.name) ?? new Map<string, Standing[]>();
      table.set(name, await race(discipline.contenders, rounds));
      tables.set(discipline.name, table);
    }
  }
  for (const [name, table] of tables) console.log(`\n${tableOf(name, table, bytes)}`);
}

function chosen(all: readonly Discipline[]): readonly Discipline[] {
  return only === undefined ? all : all.filter(({ name }) => only.some((part) => name.startsWith(part)));
}

async function* texts(): AsyncGenerator<Corpus> {
  if (positionals.length === 0) yield* corpora(size);
  for (const file of positionals) {
    yield { name: basename(file).replace(/\.txt$/, ""), text: new Uint8Array(await readFile(file)).subarray(0, size) };
  }
}

/** MB/s of the text, and times the speed and the size of the first contender. */
function tableOf(name: string, table: ReadonlyMap<string, Standing[]>, bytes: ReadonlyMap<string, number>): string {
  const corpusNames = [...table.keys()];
  const rows = [[name, ...corpusNames], ["---", ...corpusNames.map(() => "---")]];
  const [names = []] = table.values();
  for (const [i, { name }] of names.entries()) {
    rows.push([
      name,
      ...corpusNames.map((corpus) => {
        const standings = table.get(corpus) ?? [];
        const [first, own] = [standings[0], standings[i]];
        if (first === undefined || own === undefined) return "";
        const speed = ((bytes.get(corpus) ?? 0) / own.milliseconds / 1000).toFixed(0);
        if (i === 0) return speed;
        const times = `${(first.milliseconds / own.milliseconds).toFixed(2)}x`;
        return own.size === first.size
          ? `${speed} ${times}`
          : `${speed} ${times} ${(own.size / first.size).toFixed(3)}`;
      }),
    ]);
  }
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) => `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`).join("\n");
}

/** Runs this script under Node, as one bundle made by Deno. */
function runInNode(): void {
  const script = new URL(import.meta.url).pathname;
  const { stdout } = spawnSync(process.execPath, ["bundle", "--quiet", script], { maxBuffer: 1 << 26 });
  const args = process.argv.slice(2).filter((argument) => argument !== "--node");
  const { status } = spawnSync("node", ["--input-type=module", "-", ...args], {
    input: stdout,
    stdio: ["pipe", "inherit", "inherit"],
  });
  process.exitCode = status ?? 1;
}
