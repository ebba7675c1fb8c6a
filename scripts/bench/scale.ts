// Measures how time and memory grow with size: streams, files, tags of many URLs, trees of tags. Client and server are apart; each cell is a process of its own.
//   deno run -A --config=deno.tools.json scripts/bench/scale.ts [--large] [--sizes N] [--rounds N] [--write] [FOLDER]
//   (--large: a stream of 10 GB, too; --sizes: the N least sizes of each row only, to try it; --rounds: the median of N, 1 by default; --write: makes the tables of
//   the README; FOLDER: where the server keeps blobs, the system's folder for such by default)
import { type FileHandle, open, rename } from "node:fs/promises";
import { parseArgs } from "node:util";
import { DDFS } from "../../mod.ts";
import { embedded } from "../../lib/embedded/mod.ts";
import { keepPart } from "../shared/made_part.ts";
import { measuredOn } from "../shared/measured_on.ts";
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
    sizes: { type: "string", default: "4" },
  },
});
const rounds = Number(values.rounds);

/** A task, the sizes at which it is measured, and how its cells are shown. */
interface Row {
  readonly task: string;
  readonly sizes: readonly number[];
  readonly shown: (took: Took, size: number) => string;
}

const least = (sizes: readonly number[]) => sizes.slice(0, Number(values.sizes));
const STREAMS = least([1e8, 1e9, ...(values.large ? [1e10] : [])]);
const FILES = least([100, 1000, 10_000]);
const URLS = least([1000, 10_000, 100_000, 1_000_000]);
const TAGS = least([100, 1000, 10_000]);
const speed = ({ milliseconds }: Took, size: number) => `${short(size / milliseconds / 1000)} MB/s`;
const counted = (requests: number) => `${short(requests)} ${short(requests) === "1" ? "request" : "requests"}`;
const perSecond = ({ milliseconds, requests }: Took, size: number) =>
  `${short(size / milliseconds * 1000)} a second, by ${counted(requests / size)}`;
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
/** Files that are written bare at a time. */
const WIDTHS = [15, 60];

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
  const made = measuredOn();
  const table = [tableOf(cells), await smallBlobs(`${folder}/small`), made].join("\n\n");
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

/** Small blobs into an embedded DDFS in this process and in one of its own, in memory and on disk, beside what the disk does bare. */
async function smallBlobs(folder: string): Promise<string> {
  await Deno.mkdir(folder);
  const content = new Uint8Array(1000).fill(65);
  const blobs = Array.from({ length: BLOBS }, (_, i): [Blob, string] => [new Blob([content]), `blob-${i}`]);
  const memory = embedded();
  const disk = embedded({ root: `${folder}/volume` });
  await disk.ready();
  const rates = new Map<string, number[]>();
  const measure = async (name: string, run: () => Promise<unknown>) => {
    const began = performance.now();
    await run();
    rates.set(name, [...rates.get(name) ?? [], BLOBS / (performance.now() - began) * 1000]);
  };
  const apart = async (name: string, round: number, root?: string) => {
    const server = running = await ServerProcess.start(root);
    const ddfs = new DDFS(server.master, { settings: {} });
    await measure(name, () => ddfs.push(`small:${round}`, blobs)).finally(() => server.stop());
    running = undefined;
  };
  for (let round = 0; round < 5; round++) {
    console.error(`small blobs, round ${round + 1} of 5`);
    await measure("in memory", () => clientOf(memory).push(`small:${round}`, blobs));
    await measure("on disk", () => clientOf(disk).push(`small:${round}`, blobs));
    await apart("apart in memory", round);
    await apart("apart on disk", round, `${folder}/apart`);
    for (const folders of [1, 256]) {
      for (const width of WIDTHS) {
        await measure(`bare ${folders} ${width}`, await bareWrites(folder, { folders, width }, content));
      }
    }
  }
  await Promise.all([memory.close(), disk.close()]);
  const rate = (name: string) => short(rates.get(name)?.toSorted((a, b) => a - b)[2] ?? NaN);
  return `\`push()\` of ${
    BLOBS.toLocaleString("en")
  } blobs of 1 kB, medians of 5 rounds in turns, in blobs a second. Into an embedded DDFS in the same process: ${
    rate("in memory")
  } in memory, ${rate("on disk")} on disk; in a process of its own: ${rate("apart in memory")} in memory, ${
    rate("apart on disk")
  } on disk. Bare write, fsync, rename and fsync of the folder there, as push() sends them, fifteen files at a time, or sixty: ${
    rate("bare 1 15")
  } and ${rate("bare 1 60")} in one folder, ${rate("bare 256 15")} and ${
    rate("bare 256 60")
  } in 256 folders, as many as a DDFS has.`;
}

function clientOf({ master, fetch }: ReturnType<typeof embedded>): DDFS {
  return new DDFS(master, { settings: {}, fetch });
}

/** Prepares what a durable blob costs at least: its bytes and its name are on the disk. */
async function bareWrites(
  below: string,
  { folders, width }: { folders: number; width: number },
  content: Uint8Array,
): Promise<() => Promise<void>> {
  const root = await Deno.makeTempDir({ dir: below });
  const parents: [path: string, handle: FileHandle][] = [];
  for (let i = 0; i < folders; i++) {
    await Deno.mkdir(`${root}/${i}`);
    parents.push([`${root}/${i}`, await open(`${root}/${i}`, "r")]);
  }
  const left = Array.from({ length: BLOBS }, (_, i) => i).values();
  return async () => {
    await Promise.all(Array.from({ length: width }, async () => {
      for (const i of left) {
        const [folder, parent] = parents[i % folders] as [string, FileHandle];
        const file = await open(`${folder}/${i}.partial`, "wx");
        await file.write(content);
        await file.sync();
        await file.close();
        await rename(`${folder}/${i}.partial`, `${folder}/${i}`);
        await parent.sync();
      }
    }));
    await Promise.all(parents.map(([, parent]) => parent.close()));
  };
}

function short(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(2)));
}

function megabytes(bytes: number): string {
  return Math.round(bytes / 1e6).toLocaleString("en");
}
