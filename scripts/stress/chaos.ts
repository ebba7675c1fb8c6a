// Many clients work on three nodes that die, stall, corrupt and come back, while the server is killed and started again; then all is compared.
//   deno task chaos [OPERATIONS] [SEED]     (default: 10,000 operations, a random seed)
import { DDFS, type DDFSEvent, type DDFSOptions, DiscoError } from "../../mod.ts";
import { NODES } from "../../tests/faults/nodes.ts";
import { FaultProxy } from "../../tests/faults/proxy.ts";
import { ServerProcess } from "../../tests/faults/server.ts";
import { systemClock } from "../../lib/base/clock.ts";
import { TagModel, Violation } from "./chaos/model.ts";
import { Random } from "./chaos/random.ts";
import { rot } from "./chaos/rot.ts";
import { tlsFront } from "./chaos/tls.ts";
import { Weather } from "./chaos/weather.ts";
import { progressBar } from "../shared/progress_bar.ts";
import { ENDING } from "../shared/signals.ts";

const CLIENTS = 24;
/** Operations between two changes of the weather, and between two kills of the server. */
const [CHANGE_EVERY, KILL_EVERY] = [25, 400];
const DEADLINE = 15_000;
/** How many stored chunks rot on the disk of a node in the end, to be repaired. */
const ROTTEN = 50;
/** The part of the usual pauses that the clients make: all happens in less time here. */
const PAUSES = 0.3;
/** What an operation may take beyond its deadline, besides what timers are late on a machine that is busy. */
const LEEWAY = 1000;
/** How often it is looked at how late timers are. */
const TICK = 50;

const operations = Number(Deno.args[0] ?? 10_000);
const seed = Number(Deno.args[1] ?? Math.floor(Math.random() * 2 ** 31));
if (!Number.isSafeInteger(operations) || operations < 1 || !Number.isSafeInteger(seed)) {
  console.error("deno task chaos [OPERATIONS] [SEED]: both are whole numbers");
  Deno.exit(2);
}

const random = new Random(seed);
const weather = new Weather(random);
const root = await Deno.makeTempDir({ prefix: "ddfs-chaos-" });
const server = new ServerProcess(root);
await server.start();
for (const signal of ENDING) {
  Deno.addSignalListener(signal, () => void cleanUp().then(() => Deno.exit(130)));
}
const proxy = await FaultProxy.listen(NODES, server.port, weather.decide);
const front = await tlsFront(NODES, proxy.port, root);
let timers = 0;
const events = new Map<string, number>();
const calm: DDFSOptions = {
  settings: {},
  random: () => PAUSES * Math.random(),
  onEvent: ({ type }: DDFSEvent) => events.set(type, (events.get(type) ?? 0) + 1),
  clock: {
    now: systemClock.now,
    after(milliseconds, run) {
      timers++;
      let isSet = true;
      const end = () => {
        if (isSet) timers--;
        isSet = false;
      };
      const cancel = systemClock.after(milliseconds, () => {
        end();
        run();
      });
      return () => {
        end();
        cancel();
      };
    },
  },
};
const settings: DDFSOptions = { ...calm, timeout: 500, hedgeAfter: 100, retry: { tries: 7 }, deadline: DEADLINE };
const ddfs = new DDFS(`disco://127.0.0.1:${proxy.port}`, settings);
/** Compares in the end: what a busy machine answers late is there all the same. */
const patient = new DDFS(`disco://127.0.0.1:${proxy.port}`, calm);
const trusting = Deno.createHttpClient({ caCerts: [front.certificate] });
const secure = new DDFS(`https://127.0.0.1:${front.port}`, {
  ...settings,
  fetch: (request) => fetch(request, { client: trusting }),
});

const collected = { runs: 0, objects: 0 };
let [done, failed, kills, longest, late] = [0, 0, 0, 0, 0];
let ticked = performance.now();
const ticks = setInterval(() => {
  late = Math.max(late, performance.now() - ticked - TICK);
  ticked = performance.now();
}, TICK);
let killing: Promise<void> = Promise.resolve();
const codes = new Map<string, number>();
const violations: string[] = [];
const tags: TagModel[] = [];
const before = await footprint();
const bar = progressBar("Chaos", operations, "operations");
console.log(`${operations.toLocaleString("en")} operations, seed ${seed}, data in ${root}`);
const began = performance.now();

await Promise.all(Array.from({ length: CLIENTS }, (_, i) => client(i, new Random(seed + i + 1))));
await killing;
bar.stop();
const seconds = (performance.now() - began) / 1000;
clearInterval(ticks);

weather.clear();
for (const tag of tags) await guarded(() => tag.check(patient, {}), tag.name);
const rotten = await rot(`${root}/127.0.0.2`, ROTTEN, random);
let [replicas, repaired] = [0, 0];
for (const tag of tags) {
  await guarded(async () => {
    for await (const { state, repaired: anew } of patient.verify(tag.name, { repair: true })) {
      if (state !== "good" && anew !== undefined) repaired++;
    }
    for await (const { state, url } of patient.verify(tag.name)) {
      replicas++;
      if (state !== "good") throw new Violation(`${url} is ${state}`);
    }
    await tag.check(patient, {});
  }, tag.name);
}
front.close();
trusting.close();
await proxy.close();
await new Promise((resolve) => setTimeout(resolve, 1000));
const after = await footprint();
await cleanUp();

const listed = (counts: Map<string, number>) =>
  [...counts].map(([name, count]) => `${count} ${name}`).join(", ") || "none";
console.log(
  `Done       ${done} operations in ${seconds.toFixed(1)} s, ${failed} of them ended in an error: ${listed(codes)}`,
);
console.log(`Weather    ${weather.met} requests met a fault, ${kills} kill -9 of the server`);
console.log(`Events     ${listed(events)}`);
console.log(
  `Longest    ${Math.round(longest)} ms, the deadline is ${DEADLINE} ms; timers were ${Math.round(late)} ms late`,
);
console.log(
  `Compared   ${tags.reduce((sum, tag) => sum + tag.size, 0)} sets in ${tags.length} tags, ${replicas} replicas read`,
);
console.log(`Collected  ${collected.objects} objects in ${collected.runs} collections beside the writers`);
console.log(`Repaired   ${repaired} tagged chunks, after ${rotten} files had rotted on the disk of a node`);
console.log(
  `Left       ${timers} timers, ${after.files - before.files} more open files, ${proxy.connections} connections, ${
    ((after.heap - before.heap) / 1e6).toFixed(1)
  } MB more in use`,
);
if (longest > DEADLINE + LEEWAY + late) violations.push(`an operation took ${Math.round(longest)} ms`);
if (timers > 0 || proxy.connections > 0) violations.push("timers or connections are left");
if (after.files > before.files + 2) violations.push("files or sockets are left open");
if (after.heap > before.heap + 50e6) violations.push("memory is left in use");
for (const violation of violations) console.error(`VIOLATION  ${violation}`);
console.log(
  violations.length === 0 ? "Nothing lost, nothing doubled, nothing hangs." : `${violations.length} violations`,
);
Deno.exit(violations.length === 0 ? 0 : 1);

/** One client, on tags of its own. */
async function client(number: number, random: Random): Promise<void> {
  const own = [0, 1, 2, 3].map((i) => new TagModel(`chaos:${number}:${i}`, i % 2 === 1));
  tags.push(...own);
  while (done < operations) {
    const operation = done++;
    bar.update(done);
    if (operation % CHANGE_EVERY === 0) weather.change();
    if (operation % KILL_EVERY === KILL_EVERY - 1) killing = killing.then(restart);
    const tag = random.pick(own);
    const started = performance.now();
    await guarded(() => one(operation, tag, random), tag.name);
    longest = Math.max(longest, performance.now() - started);
  }
}

async function one(operation: number, tag: TagModel, random: Random): Promise<void> {
  const chance = random.next();
  if (chance < 0.45) return await write(operation, tag, random);
  if (chance < 0.5 && tag.size > 5) {
    await ddfs.delete(tag.name).then(() => tag.deleted(), (error) => {
      tag.perhapsDeleted();
      throw error;
    });
    return;
  }
  if (chance < 0.55) return void await ddfs.setattr(tag.name, "operation", String(operation));
  if (chance < 0.6) return void await ddfs.list(tag.name);
  if (chance < 0.62) return await repair(tag);
  if (chance < 0.63) return await collect();
  if (chance < 0.66 && tag.size > 0 && !tag.isChunked) return await readByTwoPorts(tag);
  // A tag that was never made is missing.
  if (tag.size > 0) await tag.check(ddfs, {});
}

/** Stores something, and notes what became of it; at times somebody else stores another blob of that name in the same moment. */
async function write(operation: number, tag: TagModel, random: Random): Promise<void> {
  const writers = random.next() < 0.2 ? [ddfs, secure] : [random.pick([ddfs, secure])];
  const delayed = random.next() < 0.2;
  const update = writers.length === 1 && random.next() < 0.3;
  const results = await Promise.allSettled(writers.map(async (writer, i) => {
    const name = tag.isChunked ? `chunk${operation}-0` : `blob${operation}`;
    const lines = Array.from(
      { length: 1 + random.below(300) },
      (_, line) => `${operation} line ${line} ${random.below(1e9)}\n`,
    );
    const content = `begin ${name}/${i}\n${lines.join("")}`;
    const blob = new Blob([content]);
    try {
      if (tag.isChunked) await writer.chunk(tag.name, [[blob, `chunk${operation}`]], { delayed, workers: 0 });
      else await writer.push(tag.name, [[blob, name]], { delayed, update });
      tag.stored(content);
    } catch (error) {
      const { unconfirmed = [] } = error as DiscoError;
      if (unconfirmed.length > 0 || !(error instanceof DiscoError)) tag.perhapsStored(content);
      throw error;
    }
  }));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

/** Repairs a tag while others write to it. */
async function repair(tag: TagModel): Promise<void> {
  if (!await ddfs.exists(tag.name)) return;
  for await (const _ of ddfs.verify(tag.name, { repair: true })) if (tag.size === 0) break;
}

/** Reads the blobs of a tag where each host has two ports, as where ports are forwarded. */
async function readByTwoPorts(tag: TagModel): Promise<void> {
  for (const replicas of await ddfs.urls(tag.name)) {
    const urls = replicas.flatMap((url) =>
      [front.port, proxy.port].map((port) => url.replace(/^disco:\/\/([^/]+)/, `http://$1:${port}`))
    );
    // The master's second port speaks TLS.
    const plain = urls.filter((url) => !url.startsWith(`http://127.0.0.1:${front.port}/`));
    tag.checkContent(await (await ddfs.open(plain)).text());
  }
}

/** Collects what no tag holds while others write. */
async function collect(): Promise<void> {
  const { tags, blobs } = await ddfs.gc();
  collected.objects += tags.deleted.objects + blobs.deleted.objects;
  collected.runs++;
}

async function cleanUp(): Promise<void> {
  await server.kill();
  await Deno.remove(root, { recursive: true });
}

async function restart(): Promise<void> {
  kills++;
  await server.kill();
  await server.start();
}

/** Typed errors are allowed; violations and everything else are noted. */
async function guarded(work: () => Promise<void>, what: string): Promise<void> {
  try {
    await work();
  } catch (error) {
    failed++;
    if (!(error instanceof DiscoError)) {
      violations.push(`${what}: ${error instanceof Violation ? error.message : error}`);
    } else if (error.code === "not-found") violations.push(`${what}: ${error.message}`);
    else codes.set(error.code, (codes.get(error.code) ?? 0) + 1);
  }
}

async function footprint(): Promise<{ files: number; heap: number }> {
  (globalThis as { gc?: () => void }).gc?.();
  let files = 0;
  for await (const _ of Deno.readDir("/proc/self/fd")) files++;
  return { files, heap: Deno.memoryUsage().heapUsed };
}
