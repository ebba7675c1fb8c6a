// Kills `ddfs chunk` and `ddfs push` with -9 again and again in the middle of their work, starts them again, and looks whether each byte is there
// once, and whether anything was stored twice but what was under way.
//   deno run -A scripts/stress/command_kills.ts [KILLS] [SEED]     (default: 20 kills of each, a random seed)
import { DDFS } from "../../mod.ts";
import { embedded } from "../../lib/embedded/mod.ts";
import { Random } from "./chaos/random.ts";
import { accessLog } from "../shared/sample_text.ts";

const ROOT = new URL("../..", import.meta.url);
const COMMAND = ["run", "-A", "--no-check", `--config=${ROOT.pathname}deno.json`, `${ROOT.pathname}lib/cli/main.ts`];
/** The most blobs that a push has under way. */
const AT_ONCE = 3;

const kills = Number(Deno.args[0] ?? 20);
const seed = Number(Deno.args[1] ?? Math.floor(Math.random() * 2 ** 31));
if (!Number.isSafeInteger(kills) || kills < 1 || !Number.isSafeInteger(seed)) {
  console.error("deno run -A scripts/stress/command_kills.ts [KILLS] [SEED]: both are whole numbers");
  Deno.exit(2);
}
console.log(`${kills} kills of each, seed ${seed}`);
const random = new Random(seed);
const work = await Deno.makeTempDir({ prefix: "ddfs-command-kills-" });
const store = embedded();
/** The names of blobs that were put whole, of the run that goes on. */
const put: string[] = [];
let onPut = () => {};
const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
  const response = await store.fetch(request, {});
  const [, name] = /^\/ddfs\/([^/]+)\$/.exec(new URL(request.url).pathname) ?? [];
  if (request.method === "PUT" && name !== undefined && response.status === 201) {
    put.push(name);
    onPut();
  }
  return response;
});
const master = `http://127.0.0.1:${server.addr.port}`;
const faults: string[] = [];
try {
  await Deno.mkdir(`${work}/files`);
  const files: string[] = [];
  const texts: Uint8Array<ArrayBuffer>[] = [];
  for (const piece of accessLog(24 << 20)) {
    files.push(`./files/${String(files.length).padStart(2, "0")}.log`);
    texts.push(piece);
    await Deno.writeFile(`${work}/${files.at(-1)}`, piece);
  }
  const all = new Uint8Array(await new Blob(texts).arrayBuffer());
  for (const command of ["chunk", "push"] as const) {
    let [done, sent, again] = [0, 0, 0];
    for (let kill = 1; kill <= kills; kill++) {
      const tag = `kill:${command}:${kill}`;
      const args = [command, ...command === "chunk" ? ["-S", "0.1"] : [], tag, ...files];
      put.length = 0;
      const after = 1 + random.below(command === "chunk" ? 30 : files.length - 6);
      const delay = random.below(20);
      if (!await run(args, after, delay)) {
        console.log(`${tag}: it was done before the kill`);
        continue;
      }
      done++;
      const before = new Set(put);
      const stored = put.length;
      if (!await run(args, Infinity, 0)) faults.push(`${tag}: the second run failed`);
      const twice = put.slice(stored).filter((name) => before.has(name)).length;
      sent += put.length;
      again += twice;
      if (twice > AT_ONCE) faults.push(`${tag}: ${twice} blobs were sent twice`);
      if (!await isWhole(tag, command, all)) faults.push(`${tag}: what is there is not what was stored`);
    }
    console.log(`${command}: ${done} kills, ${sent} blobs were sent, ${again} of them a second time`);
  }
} finally {
  await server.shutdown();
  await store.close();
  await Deno.remove(work, { recursive: true });
}
for (const fault of faults) console.log(fault);
console.log(`${faults.length} faults`);
if (faults.length > 0) Deno.exitCode = 1;

/** Runs the command; kills it some milliseconds after so many blobs. Tells whether that happened, or without a kill, whether it succeeded. */
async function run(args: readonly string[], after: number, delay: number): Promise<boolean> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...COMMAND, ...args],
    cwd: work,
    env: { DISCO_MASTER: master, XDG_STATE_HOME: `${work}/state` },
    stdout: "null",
    stderr: "null",
  }).spawn();
  let count = 0;
  onPut = () => {
    if (++count !== after) return;
    setTimeout(() => {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended meanwhile.
      }
    }, delay);
  };
  const { success, signal } = await child.status;
  onPut = () => {};
  return after === Infinity ? success : signal === "SIGKILL";
}

/** Whether a tag has all bytes once, in order. */
async function isWhole(tag: string, command: "chunk" | "push", wanted: Uint8Array): Promise<boolean> {
  const ddfs = new DDFS(master);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  if (command === "chunk") {
    for await (const records of ddfs.recordBatches(tag)) parts.push(...records as Uint8Array<ArrayBuffer>[]);
  } else for await (const blob of ddfs.pull(tag)) parts.push(await blob.bytes());
  const found = new Uint8Array(await new Blob(parts).arrayBuffer());
  return found.length === wanted.length && found.every((byte, i) => byte === wanted[i]);
}
