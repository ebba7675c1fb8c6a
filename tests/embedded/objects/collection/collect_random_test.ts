import { describe, it } from "@std/testing/bdd";
import { type Embedded, embedded, type ObjectEngine } from "@ddfs/client/embedded";
import { folderOf } from "../../../../lib/embedded/stores/object_names.ts";
import { Random } from "../../../../scripts/stress/chaos/random.ts";
import { MASTER } from "../../../helpers/embedded_stores.ts";
import { expect } from "../../../helpers/expect.ts";
import { FakeBucket } from "../../../helpers/objects/fake_bucket.ts";
import { VirtualTime } from "../../../helpers/objects/virtual_time.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TAGS = ["a", "b", "c"];
const OBJECTS = Array.from({ length: 5 }, (_, i) => `old${i}$703-1-${i}`);
const urlOf = (object: string) => `disco://localhost/ddfs/vol0/blob/00/${object}`;

/** The findings of a schedule. */
interface Findings {
  readonly lost: string[];
  deleted: number;
  tagged: number;
}

/**
 * Runs a random schedule: handlers that move old blobs between tags, and collections, some of which stop in the middle, on a bucket whose requests take
 * up to an hour, in a time that passes by itself.
 *
 * @param isBlind True if nobody is shown which blobs are kept, to see that this is needed.
 */
async function runSchedule(seed: number, isBlind = false): Promise<Findings> {
  const random = new Random(seed);
  const time = new VirtualTime();
  const bucket = new FakeBucket();
  const findings: Findings = { lost: [], deleted: 0, tagged: 0 };
  bucket.now = () => time.now + random.below(2 * MINUTE);
  watchDeletions(bucket, findings);
  const latency = () => {
    const kind = random.below(60);
    return kind === 0 ? random.below(HOUR) : kind < 4 ? random.below(20_000) : random.below(500);
  };
  const engine = () =>
    blinded(bucket.engine({ delay: () => time.sleep(latency()), random: () => random.next() }), isBlind);
  const open = (objects: ObjectEngine) => {
    const skew = random.below(20 * MINUTE) - 10 * MINUTE;
    return embedded({
      ...{ objects, nodes: ["localhost"], after: time.after, now: () => time.now + skew, random: () => random.next() },
    });
  };
  for (const object of OBJECTS) bucket.place(`blob/${folderOf(object)}/${object}`, object);
  time.now += 10 * DAY;
  const handlers = [open(engine()), open(engine()), open(engine())];
  for (const [i, tag] of TAGS.entries()) await time.until(put(handlers[0], tag, OBJECTS.slice(i, i + 1)));

  const work: Promise<void>[] = [];
  for (let round = 0; round < 5; round++) {
    const begins = round * 14 * HOUR + random.below(2 * HOUR);
    for (let collectors = 1 + random.below(2); collectors > 0; collectors--) {
      work.push(later(begins + random.below(2) * random.below(MINUTE), async () => {
        const stops = random.below(3) === 0 ? random.below(30) : Infinity;
        await open(stopping(engine(), stops)).gc();
      }));
    }
    for (let moves = 2 + random.below(4); moves > 0; moves--) {
      const [from, to, object] = [random.pick(TAGS), random.pick(TAGS), random.pick(OBJECTS)];
      const [handler, pause] = [random.pick(handlers), random.below(2) * random.below(5000)];
      work.push(later(begins + random.below(20_000) - 2000, async () => {
        if (!await has(handler, from, object)) return;
        if (await put(handler, to, [object])) findings.tagged++;
        await time.sleep(pause);
        if (from !== to) await take(handler, from, object);
      }));
    }
  }
  // Whoever stopped never ends.
  await time.until(Promise.race([Promise.all(work), time.sleep(12 * DAY)]));
  return findings;

  function later(after: number, task: () => Promise<void>): Promise<void> {
    return time.sleep(Math.max(0, after)).then(task).catch(() => {});
  }
}

/** Notes each blob that is deleted while a tag has it. */
function watchDeletions(bucket: FakeBucket, findings: Findings): void {
  const remove = bucket.objects.delete.bind(bucket.objects);
  bucket.objects.delete = (key) => {
    const object = key.slice(key.lastIndexOf("/") + 1);
    if (key.startsWith("blob/") && bucket.objects.has(key)) {
      findings.deleted++;
      if (bucket.keys("tag/").some((tag) => bucket.textOf(tag)?.includes(object))) findings.lost.push(object);
    }
    return remove(key);
  };
}

/** An engine whose requests have no answer after some of them. */
function stopping(engine: ObjectEngine, after: number): ObjectEngine {
  let left = after;
  const unlessStopped = <T>(request: () => Promise<T>) => left-- > 0 ? request() : new Promise<T>(() => {});
  return {
    ...engine,
    get: (key, options) => unlessStopped(() => engine.get(key, options)),
    put: (key, body, options) => unlessStopped(() => engine.put(key, body, options)),
    delete: (key) => unlessStopped(() => engine.delete(key)),
  };
}

/** An engine that leaves out of the marks which blobs are kept. */
function blinded(engine: ObjectEngine, isBlind: boolean): ObjectEngine {
  if (!isBlind) return engine;
  return {
    ...engine,
    async get(key, options) {
      const found = await engine.get(key, options);
      if (found === undefined || !key.startsWith("keep/")) return found;
      const text = JSON.stringify({ ...JSON.parse(await new Response(found.stream).text()), kept: {} });
      return { ...found, stream: new Blob([text]).stream() };
    },
  };
}

async function has(ddfs: Embedded | undefined, tag: string, object: string): Promise<boolean> {
  const answer = await ddfs?.fetch(`${MASTER}/ddfs/tag/${tag}`);
  return (await answer?.text())?.includes(object) ?? false;
}

async function put(ddfs: Embedded | undefined, tag: string, objects: readonly string[]): Promise<boolean> {
  const body = JSON.stringify(objects.map((object) => [urlOf(object)]));
  const answer = await ddfs?.fetch(`${MASTER}/ddfs/tag/${tag}?update=1`, { method: "POST", body });
  await answer?.body?.cancel();
  return answer?.ok ?? false;
}

async function take(ddfs: Embedded, tag: string, object: string): Promise<void> {
  const answer = await ddfs.fetch(`${MASTER}/ddfs/tag/${tag}`);
  if (!answer.ok) return;
  const { id, urls }: { id: string; urls: string[][] } = await answer.json();
  const body = JSON.stringify(urls.filter(([url]) => !url?.includes(object)));
  await (await ddfs.fetch(`${MASTER}/ddfs/tag/${tag}`, { method: "PUT", body, headers: { "if-match": `"${id}"` } }))
    .text();
}

/** Runs several schedules; gives what all of them lost, and did. */
async function runSchedules(seeds: readonly number[]): Promise<Findings> {
  const all: Findings = { lost: [], deleted: 0, tagged: 0 };
  for (const seed of seeds) {
    const { lost, deleted, tagged } = await runSchedule(seed);
    all.lost.push(...lost.map((object) => `${seed}: ${object}`));
    all.deleted += deleted;
    all.tagged += tagged;
  }
  return all;
}

const seedsFrom = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i);

describe("collections in a bucket, whose requests take up to an hour", () => {
  it("get no blob that is in a tag", async () => {
    const { lost, deleted, tagged } = await runSchedules(seedsFrom(1, 20));

    expect(lost).toEqual([]);
    expect([deleted > 10, tagged > 50]).toEqual([true, true]);
  });

  it("would get some if nobody saw the marks", async () => {
    let lost: readonly string[] = [];
    for (let seed = 1; lost.length === 0 && seed < 500; seed++) lost = (await runSchedule(seed, true)).lost;

    expect(lost).not.toEqual([]);
  });
});
