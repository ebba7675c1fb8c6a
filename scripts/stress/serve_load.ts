// Holds `ddfs serve` under load, and looks whether its memory and its open files grow.
//   deno run -A scripts/stress/serve_load.ts [SECONDS] [RUNTIME ...]     (default: 600, this Deno; else for instance: node npm/package/ddfs.js)
import { DDFS } from "../../mod.ts";

const ROOT = new URL("../..", import.meta.url);
const WRITERS = 4;
/** Seconds between two looks. */
const EVERY = 15;
/** The share by which the last third may be above the middle third. */
const MOST_GROWTH = 0.1;

const [seconds = "600", ...given] = Deno.args;
const runtime = given.length > 0 ? given : [
  Deno.execPath(),
  "run",
  "-A",
  "--no-check",
  `--config=${ROOT.pathname}deno.json`,
  `${ROOT.pathname}lib/cli/main.ts`,
];
const work = await Deno.makeTempDir({ prefix: "ddfs-load-" });
const [command = "", ...args] = runtime;
const server = new Deno.Command(command, {
  args: [...args, "serve", `${work}/volume`, "--port", "0", "--orphan-age", "1s"],
  stdout: "piped",
  stderr: "null",
}).spawn();
const reader = server.stdout.getReader();
const master = /http:\S+/.exec(new TextDecoder().decode((await reader.read()).value))?.[0] ?? "";
let isOver = false;
let [requests, bytes] = [0, 0];
const samples: { readonly memory: number; readonly files: number }[] = [];

/** Writes, reads and deletes, again and again; now and then it leaves a read or breaks off an upload. */
async function worker(id: number): Promise<void> {
  const ddfs = new DDFS(master);
  const blob = new Blob([new Uint8Array(300_000).map((_, i) => i * 31 & 255)]);
  const text = new Blob([`line of ${id}\n`.repeat(50_000)]);
  for (let round = 0; !isOver; round++) {
    const tag = `load:${id}:${round % 10}`;
    await ddfs.push(tag, [[blob, "blob"]]);
    await ddfs.chunk(tag, [[text, "text"]]);
    for await (const found of ddfs.pull(tag)) {
      if (round % 5 === 0) break;
      bytes += (await found.bytes()).length;
    }
    await ddfs.setattr(tag, "round", String(round));
    await ddfs.list("load:");
    requests += 8;
    if (round % 7 === 0) await brokenUpload();
    if (round % 10 === 9) {
      for (let i = 0; i < 10; i++) await ddfs.delete(`load:${id}:${i}`);
      if (id === 0) await ddfs.gc();
    }
    await (await fetch(`${master}/metrics`)).body?.cancel();
  }
}

/** Begins to send a blob and goes away. */
async function brokenUpload(): Promise<void> {
  const { hostname, port } = new URL(master);
  const [target = ""] = await (await fetch(`${master}/ddfs/new_blob/broken`)).json() as string[];
  const connection = await Deno.connect({ hostname, port: Number(port) });
  const head = `PUT ${new URL(target).pathname} HTTP/1.1\r\nHost: ${hostname}\r\nContent-Length: 100000\r\n\r\nhalf`;
  await connection.write(new TextEncoder().encode(head));
  await new Promise((resolve) => setTimeout(resolve, 10));
  connection.close();
}

/** The resident memory, in MB, and the open files of the server. */
function look(): { memory: number; files: number } {
  const status = Deno.readTextFileSync(`/proc/${server.pid}/status`);
  const memory = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1000;
  return { memory, files: [...Deno.readDirSync(`/proc/${server.pid}/fd`)].length };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

try {
  const workers = Array.from({ length: WRITERS }, (_, id) => worker(id));
  const began = performance.now();
  while (performance.now() - began < Number(seconds) * 1000) {
    await Promise.race([new Promise((resolve) => setTimeout(resolve, EVERY * 1000)), ...workers]);
    const sample = look();
    samples.push(sample);
    const time = Math.round((performance.now() - began) / 1000);
    console.log(
      `${time} s: ${sample.memory.toFixed(0)} MB, ${sample.files} files, ${requests} requests, ${
        (bytes / 1e6).toFixed(0)
      } MB read`,
    );
  }
  isOver = true;
  await Promise.all(workers);
} finally {
  server.kill("SIGTERM");
  const { code } = await server.status;
  console.log(`ended with ${code}`);
  await reader.cancel();
  await Deno.remove(work, { recursive: true });
}
const third = Math.floor(samples.length / 3);
for (const key of ["memory", "files"] as const) {
  const [middle, last] = [samples.slice(third, 2 * third), samples.slice(2 * third)].map((part) =>
    mean(part.map((one) => one[key]))
  );
  const growth = (last ?? 0) / (middle ?? 1) - 1;
  console.log(
    `${key}: ${middle?.toFixed(0)} in the middle third, ${last?.toFixed(0)} in the last (${
      (100 * growth).toFixed(1)
    }%)`,
  );
  if (growth > MOST_GROWTH) Deno.exitCode = 1;
}
