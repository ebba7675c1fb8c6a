// Measures how time and memory grow with size: streams, files, tags of many URLs, trees of tags. Client and server are apart; each cell is a process of its own.
//   deno run -A --config=deno.tools.json scripts/bench/scale.ts [--large] [--rounds N] [--write] [FOLDER]
//   (--large: a stream of 10 GB, too; --rounds: the median of N, 1 by default; --write: makes the tables of the README; FOLDER: where the server keeps blobs, the
//   system's folder for such by default)
import { open, rename } from "node:fs/promises";
import { availableParallelism, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { DDFS } from "../../mod.ts";
import { embedded } from "../../lib/embedded/mod.ts";
import { keepPart } from "../shared/made_part.ts";
import { output } from "../shared/processes.ts";
import { tidily } from "../shared/tidily.ts";
import type { Took } from "./scale_cell.ts";
import { ServerProcess } from "./server.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    large: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    rounds: { type: "string", default: "1" },
  },
});
const rounds = Number(values.rounds);

/** A task, the sizes at which it is measured, and how its cells are shown. */
interface Row {
  readonly task: string;
  readonly sizes: readonly number[];
  readonly shown: (took: Took, size: number) => string;
}

const STREAMS = [1e8, 1e9, ...(values.large ? [1e10] : [])];
const FILES = [100, 1000, 10_000];
const URLS = [1000, 10_000, 100_000, 1_000_000];
const TAGS = [100, 1000, 10_000];
const speed = ({ milliseconds }: Took, size: number) => `${short(size / milliseconds / 1000)} MB/s`;
const perSecond = ({ milliseconds, requests }: Took, size: number) =>
  `${short(size / milliseconds * 1000)} a second, ${short(requests / size)} requests each`;
const each = ({ milliseconds }: Took, size: number) => `${short(milliseconds / size * 1000)} µs a URL`;
/** In the order in which they are measured: some read what the one before has written. */
const ROWS: readonly Row[] = [
  { task: "chunk a stream", sizes: STREAMS, shown: speed },
  { task: "read its records", sizes: STREAMS, shown: speed },
  { task: "push files of 1 kB", sizes: FILES, shown: perSecond },
  { task: "pull them", sizes: FILES, shown: perSecond },
  { task: "chunk files of 1 kB", sizes: FILES, shown: perSecond },
  { task: "write a tag of URLs", sizes: URLS, shown: each },
  { task: "read it", sizes: URLS, shown: each },
  { task: "append a URL to it", sizes: URLS, shown: ({ milliseconds }) => `${short(milliseconds)} ms` },
  {
    task: "walk a tree of tags",
    sizes: TAGS,
    shown: ({ milliseconds }, size) => `${short(milliseconds / size)} ms a tag`,
  },
];
/** Blobs that are sent where the disk is measured bare, too. */
const BLOBS = 1000;

const folder = await Deno.makeTempDir({
  prefix: "ddfs-scale-",
  ...positionals[0] !== undefined && { dir: positionals[0] },
});
let running: ServerProcess | undefined;
await tidily(measureAll, async () => {
  await running?.stop().catch(() => {});
  await Deno.remove(folder, { recursive: true });
});

/** Measures all, and prints the tables. */
async function measureAll(): Promise<void> {
  const cells = new Map<string, { took: Took; server: number }[]>();
  for (let round = 0; round < rounds; round++) {
    await Deno.mkdir(`${folder}/${round}`);
    for (const group of groupsOf(ROWS)) await measureGroup(group, `${folder}/${round}`, cells);
    await Deno.remove(`${folder}/${round}`, { recursive: true });
  }
  const load = loadavg()[1];
  const table = [tableOf(cells), await smallBlobs(`${folder}/small`), loadText(load)].join("\n\n");
  console.log(table);
  const part = { path: "scripts/bench/README.md", name: "scale", command: "deno run -A scripts/bench/scale.ts" };
  if (values.write) await keepPart(part, table, true);
}

/** Rows one after the other that share a server: those of the same sizes. */
function groupsOf(rows: readonly Row[]): Row[][] {
  const groups: Row[][] = [];
  for (const row of rows) {
    const last = groups.at(-1);
    if (last?.[0]?.sizes === row.sizes) last.push(row);
    else groups.push([row]);
  }
  return groups;
}

/** Measures rows at each size, with a new server on disk for each, whose memory is looked at, too. */
async function measureGroup(
  rows: readonly Row[],
  folder: string,
  cells: Map<string, { took: Took; server: number }[]>,
): Promise<void> {
  for (const size of rows[0]?.sizes ?? []) {
    const root = await Deno.makeTempDir({ prefix: "volume-", dir: folder });
    const server = running = await ServerProcess.start(root);
    try {
      for (const { task } of rows) {
        const script = new URL("scale_cell.ts", import.meta.url).pathname;
        const config = new URL("../../deno.tools.json", import.meta.url).pathname;
        const args = ["run", "--quiet", "-A", "--no-check", `--config=${config}`, script];
        const took: Took = JSON.parse(
          await output(Deno.execPath(), [...args, task, String(size), server.master, folder]),
        );
        const key = `${task} ${size}`;
        cells.set(key, [...cells.get(key) ?? [], { took, server: await server.memory() }]);
        console.error(key, `${short(took.milliseconds)} ms, ${megabytes(took.memory)} MB`);
      }
    } finally {
      running = undefined;
      await server.stop();
      await Deno.remove(root, { recursive: true });
    }
  }
}

function tableOf(cells: ReadonlyMap<string, readonly { took: Took; server: number }[]>): string {
  const width = Math.max(...ROWS.map(({ sizes }) => sizes.length));
  const line = (items: readonly string[]) => `| ${items.join(" | ")} |`;
  return [
    line(["", ...Array.from({ length: width }, (_, i) => i === 0 ? "the least" : `${10 ** i} times as much`)]),
    line(Array.from({ length: width + 1 }, () => "---")),
    ...ROWS.map(({ task, sizes, shown }) => {
      const items = sizes.map((size) => {
        const measured = cells.get(`${task} ${size}`) ?? [];
        const [one] = measured.toSorted((a, b) => a.took.milliseconds - b.took.milliseconds)
          .slice(measured.length >> 1);
        if (one === undefined) return "–";
        return `${shown(one.took, size)}; ${megabytes(one.took.memory)} and ${megabytes(one.server)} MB`;
      });
      const unit = sizes === STREAMS ? "0.1 GB" : sizes === URLS ? "1,000 URLs" : sizes === TAGS ? "100 tags" : "100";
      return line([`${task}: ${unit}`, ...items, ...Array.from({ length: width - sizes.length }, () => "–")]);
    }),
  ].join("\n");
}

/** Small blobs into an embedded DDFS in this process, in memory and on disk, beside what the disk does bare. */
async function smallBlobs(folder: string): Promise<string> {
  await Deno.mkdir(folder);
  const content = new Uint8Array(1000).fill(65);
  const blobs = Array.from({ length: BLOBS }, (_, i): [Blob, string] => [new Blob([content]), `blob-${i}`]);
  const memory = embedded();
  const disk = embedded({ root: `${folder}/volume` });
  await disk.ready();
  await Deno.mkdir(`${folder}/bare`);
  const rates = new Map<string, number[]>();
  for (let round = 0; round < 5; round++) {
    const tasks: [string, () => Promise<unknown>][] = [
      ["in memory", () => clientOf(memory).push(`small:${round}`, blobs)],
      ["on disk", () => clientOf(disk).push(`small:${round}`, blobs)],
      ["bare disk", () => bareWrites(`${folder}/bare`, round, content)],
    ];
    for (const [name, run] of tasks) {
      const began = performance.now();
      await run();
      rates.set(name, [...rates.get(name) ?? [], BLOBS / (performance.now() - began) * 1000]);
    }
  }
  await Promise.all([memory.close(), disk.close()]);
  const rate = (name: string) => short(rates.get(name)?.toSorted((a, b) => a - b)[2] ?? NaN);
  return `\`push()\` of ${
    BLOBS.toLocaleString("en")
  } blobs of 1 kB into an embedded DDFS in the same process, medians of 5 rounds in turns: ${
    rate("in memory")
  } a second in memory, ${
    rate("on disk")
  } on disk; there write, fsync, rename and fsync of the folder, five files at a time, reach ${rate("bare disk")}.`;
}

function clientOf({ master, fetch }: ReturnType<typeof embedded>): DDFS {
  return new DDFS(master, { settings: {}, fetch });
}

/** What a durable blob costs at least: its bytes and its name are on the disk. Five at a time, as push() sends them. */
async function bareWrites(folder: string, round: number, content: Uint8Array): Promise<void> {
  let next = 0;
  const parent = await open(folder, "r");
  await Promise.all(Array.from({ length: 5 }, async () => {
    while (next < BLOBS) {
      const path = `${folder}/${round}-${next++}`;
      const file = await open(`${path}.partial`, "wx");
      await file.write(content);
      await file.sync();
      await file.close();
      await rename(`${path}.partial`, path);
      await parent.sync();
    }
  }));
  await parent.close();
}

/** Tells what else the machine had to do. */
function loadText(load = NaN): string {
  return `Measured with a load of ${load.toFixed(1)} on ${availableParallelism()} cores.`;
}

function short(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(2)));
}

function megabytes(bytes: number): string {
  return Math.round(bytes / 1e6).toLocaleString("en");
}
