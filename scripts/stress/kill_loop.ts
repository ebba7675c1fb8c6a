// Kills a server on disk again and again while clients write to it, and looks whether all that it acknowledged is there.
//   deno run -A scripts/stress/kill_loop.ts [KILLS] [SEED]     (default: 200 kills, a random seed)
import { DDFS, DiscoError } from "../../mod.ts";
import { ServerProcess } from "../../tests/faults/server.ts";
import { TagModel, Violation } from "./chaos/model.ts";
import { Random } from "./chaos/random.ts";
import { progressBar } from "../shared/progress_bar.ts";
import { ENDING } from "../shared/signals.ts";

const WRITERS = 6;
/** The most milliseconds between the start of the writers and a kill. */
const LONGEST_LIFE = 600;

const kills = Number(Deno.args[0] ?? 200);
const seed = Number(Deno.args[1] ?? Math.floor(Math.random() * 2 ** 31));
if (!Number.isSafeInteger(kills) || kills < 1 || !Number.isSafeInteger(seed)) {
  console.error("deno run -A scripts/stress/kill_loop.ts [KILLS] [SEED]: both are whole numbers");
  Deno.exit(2);
}
console.log(`${kills} kills, seed ${seed}`);
const random = new Random(seed);
const root = await Deno.makeTempDir({ prefix: "ddfs-kill-" });
const server = new ServerProcess(root);
const cleanUp = async () => {
  await server.kill();
  await Deno.remove(root, { recursive: true });
};
for (const signal of ENDING) Deno.addSignalListener(signal, () => void cleanUp().then(() => Deno.exit(130)));

const tags: TagModel[] = [];
const violations: string[] = [];
let [acknowledged, given, written] = [0, 0, 0];
const bar = progressBar("Killing", kills, "kills");
for (let kill = 1; kill <= kills; kill++) {
  await server.start();
  const ddfs = client({ retry: { tries: 1 } });
  const round = Array.from({ length: WRITERS }, (_, i) => new TagModel(`kill:${kill}:${i}`, i % 2 === 1));
  tags.push(...round);
  let isAlive = true;
  const writing = round.map(async (tag) => {
    while (isAlive) await write(ddfs, tag).catch(() => isAlive = false);
  });
  await new Promise((resolve) => setTimeout(resolve, random.below(LONGEST_LIFE)));
  await server.kill();
  isAlive = false;
  await Promise.all(writing);
  await server.start();
  for (const tag of round) await check(tag);
  await server.kill();
  bar.update(kill);
}
bar.stop();

await server.start();
for (const tag of tags) await check(tag);
const torn = await partials(root);
if (torn.length > 0) violations.push(`half-written files are left: ${torn.join(" ")}`);
await cleanUp();
console.log(`${kills} times kill -9; ${written} writes begun, ${acknowledged} acknowledged, ${given} given up`);
for (const violation of violations) console.error(`VIOLATION ${violation}`);
console.log(
  violations.length === 0 ? "No acknowledged write is lost, none is torn." : `${violations.length} violations`,
);
Deno.exit(violations.length === 0 ? 0 : 1);

function client(options: { retry?: { tries: number } } = {}): DDFS {
  return new DDFS(`disco://127.0.0.1:${server.port}`, { settings: {}, timeout: 5000, ...options });
}

async function write(ddfs: DDFS, tag: TagModel): Promise<void> {
  const id = written++;
  const name = tag.isChunked ? `chunk${id}-0` : `blob${id}`;
  const content = `begin ${name}\n${`line of ${id}\n`.repeat(1 + random.below(2000))}`;
  // One node answers at the server's own address; the others have none without proxies.
  const options = { replicas: 1, forceOn: ["127.0.0.1"], retries: 0 };
  try {
    if (tag.isChunked) await ddfs.chunk(tag.name, [[new Blob([content]), `chunk${id}`]], { ...options, workers: 0 });
    else await ddfs.push(tag.name, [[new Blob([content]), name]], options);
    tag.stored(content);
    acknowledged++;
  } catch (error) {
    if (!(error instanceof DiscoError)) violations.push(String(error));
    tag.perhapsStored(content);
    given++;
    throw error;
  }
}

/** Reads a tag back; what is in it is whole, whether its writing was acknowledged or not. */
async function check(tag: TagModel): Promise<void> {
  const ddfs = client();
  try {
    if (tag.size > 0 || await ddfs.exists(tag.name)) await tag.check(ddfs, {});
  } catch (error) {
    violations.push(`${tag.name}: ${error instanceof Violation ? error.message : error}`);
  }
}

async function partials(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) found.push(...await partials(`${folder}/${name}`));
    else if (name.startsWith("!partial")) found.push(name);
  }
  return found;
}
