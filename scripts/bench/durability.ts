// Measures what durability costs: the embedded DDFS on disk, on disk without a single fsync, and in memory, in turns.
//   deno run -A --config deno.tools.json scripts/bench/durability.ts [ROUNDS] [FOLDER]     (default: 5, the system's folder for such)
import * as fs from "node:fs/promises";
import { type Embedded, embedded } from "../../lib/embedded/mod.ts";
import { openDiskStore } from "../../lib/embedded/stores/disk/disk.ts";
import { volumeStore } from "../../lib/embedded/stores/volume_tags.ts";

const MASTER = "http://localhost:8989";
const STORES = ["memory", "disk without fsync", "disk"] as const;
type Kind = typeof STORES[number];

/** Files that say that they are durable, and are not. */
const hasty = {
  ...fs,
  async open(...args: Parameters<typeof fs.open>) {
    const file = await fs.open(...args);
    return Object.assign(file, { sync: () => Promise.resolve() });
  },
} as unknown as typeof fs;

/** A task: its name, what it counts, and what is done once. */
const TASKS: readonly [
  name: string,
  writers: number,
  times: number,
  once: (ddfs: Embedded, i: number) => Promise<Response>,
][] = [
  ["appends to one tag a second, 1 writer", 1, 100, (ddfs, i) => append(ddfs, "one", i)],
  ["appends to one tag a second, 10 writers", 10, 300, (ddfs, i) => append(ddfs, "one", i)],
  ["appends to one tag a second, 50 writers", 50, 1000, (ddfs, i) => append(ddfs, "one", i)],
  ["appends to tags of their own a second, 50 writers", 50, 300, (ddfs, i) => append(ddfs, `tag:${i}`, i)],
  ["blobs of 64 KiB a second, 1 writer", 1, 100, (ddfs, i) => put(ddfs, i, SMALL)],
  ["blobs of 64 KiB a second, 10 writers", 10, 300, (ddfs, i) => put(ddfs, i, SMALL)],
  ["blobs of 16 MiB a second, 1 writer", 1, 10, (ddfs, i) => put(ddfs, i, LARGE)],
];
const SMALL = new Uint8Array(64 << 10).fill(7);
const LARGE = new Uint8Array(16 << 20).fill(7);

const rounds = Number(Deno.args[0] ?? 5);
const folder = Deno.args[1];
if (!Number.isSafeInteger(rounds) || rounds < 1) {
  console.error("durability.ts [ROUNDS] [FOLDER]: ROUNDS is a whole number");
  Deno.exit(2);
}
const rates = new Map<string, number[]>();
for (let round = 0; round < rounds; round++) {
  for (const [name, writers, times, once] of TASKS) {
    for (const kind of STORES) {
      const rate = await measure(kind, writers, times, once);
      const key = `${name} ${kind}`;
      rates.set(key, [...rates.get(key) ?? [], rate]);
    }
  }
}
console.log(`| | ${STORES.join(" | ")} |\n|---|${STORES.map(() => "---:|").join("")}`);
for (const [name] of TASKS) {
  console.log(`| ${name} | ${STORES.map((kind) => median(rates.get(`${name} ${kind}`) ?? [])).join(" | ")} |`);
}

async function measure(
  kind: Kind,
  writers: number,
  times: number,
  once: (ddfs: Embedded, i: number) => Promise<Response>,
) {
  const root = await Deno.makeTempDir({ prefix: "ddfs-durability-", ...(folder === undefined ? {} : { dir: folder }) });
  const ddfs = kind === "memory" ? embedded() : kind === "disk" ? embedded({ root }) : embedded({
    store: async (setup) => await volumeStore(await openDiskStore(root, setup.nodes, { fs: hasty }), setup),
  });
  await ddfs.ready();
  let next = 0;
  const start = performance.now();
  await Promise.all(Array.from({ length: writers }, async () => {
    while (next < times) {
      const { ok, body } = await once(ddfs, next++);
      if (!ok) throw new Error("a write failed");
      await body?.cancel();
    }
  }));
  const seconds = (performance.now() - start) / 1000;
  await ddfs.close();
  await Deno.remove(root, { recursive: true });
  return times / seconds;
}

function append(ddfs: Embedded, tag: string, i: number): Promise<Response> {
  const body = JSON.stringify([[`disco://host/ddfs/vol0/blob/00/blob${i}$703-51719-${i.toString(16)}`]]);
  return ddfs.fetch(`${MASTER}/ddfs/tag/${tag}`, { method: "POST", body });
}

function put(ddfs: Embedded, i: number, body: Uint8Array<ArrayBuffer>): Promise<Response> {
  return ddfs.fetch(`${MASTER}/ddfs/blob$703-51719-${i.toString(16)}`, { method: "PUT", body });
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Number((sorted[Math.floor(sorted.length / 2)] ?? 0).toPrecision(2));
}
