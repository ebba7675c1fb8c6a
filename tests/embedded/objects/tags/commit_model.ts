import { openObjectStore } from "../../../../lib/embedded/objects/store.ts";
import { Stamps } from "../../../../lib/embedded/stores/object_names.ts";
import { setsOf } from "../../../../lib/embedded/stores/sets.ts";
import type { Store } from "../../../../lib/embedded/stores/store.ts";
import { Tags } from "../../../../lib/embedded/tags.ts";
import type { Random } from "../../../../scripts/stress/chaos/random.ts";
import { FakeBucket, type ObjectFaults } from "../../../helpers/objects/fake_bucket.ts";
import { VirtualTime } from "../../../helpers/objects/virtual_time.ts";

/** The size of a schedule. */
export interface ScheduleOptions {
  /** The DDFSs, each with its own view of the bucket. */
  readonly handlers: number;
  /** Those who append one after the other, each through any handler. */
  readonly writers: number;
  /** The appends of each. */
  readonly appends: number;
  readonly faults: ObjectFaults;
  /** The keys of requests that a tag remembers; by default all that there are here. */
  readonly keys?: number;
  /** Milliseconds, at most, after which a client gives a request up that has a key, and sends it again; by default it waits. */
  readonly patience?: number;
  /** Characters of a URL. */
  readonly length?: number;
}

/** The outcome of a schedule. */
export interface Outcome {
  /** Sentences about what should not have happened. */
  readonly wrong: readonly string[];
  /** The appends that were acknowledged, and those of which it was said that nobody knows. */
  readonly acknowledged: number;
  readonly unknown: number;
}

/** One of those who serve the bucket. */
interface Handler {
  readonly store: Store;
  readonly tags: Tags;
}

const TAGS = ["hot", "warm"];
const ALL = { update: false, delayed: false };
/** The times that a client sends a request. */
const TRIES = 6;
/** Milliseconds: no clock is right. */
const SKEW = 5 * 60_000;

/**
 * Runs appends, deletions and repeated requests by chance on several stores over one bucket with faults, in a time of its own.
 *
 * @returns The appends that were lost or are there twice, and versions that do not grow.
 */
export async function runSchedule(random: Random, options: ScheduleOptions): Promise<Outcome> {
  const time = new VirtualTime();
  return await time.until(schedule(random, time, options));
}

async function schedule(random: Random, time: VirtualTime, options: ScheduleOptions): Promise<Outcome> {
  const { writers, appends, faults, keys, patience, length = 20 } = options;
  const bucket = new FakeBucket(() => time.now);
  const delay = () => time.sleep(1 + random.below(20) * (random.below(10) === 0 ? 20 : 1));
  // What the opening tries out has tests of its own.
  let isOpen = false;
  const chance = () => isOpen ? random.next() : 1;
  const handlers = await Promise.all(Array.from({ length: options.handlers }, async (): Promise<Handler> => {
    const store = await opened(bucket, time, random, { delay, random: chance, ...faults }, keys);
    const tags = new Tags(store.tags, { after: time.after, spared: (_sets, task) => task(() => {}) });
    return { store, tags };
  }));
  isOpen = true;
  const wrong: string[] = [];
  const known: { tag: string; url: string; isAcknowledged: boolean }[] = [];
  let last = 0;

  const sent = new Set<Promise<string | undefined>>();
  /** Sends an append to any handler; gives the version that has it, or nothing for an error. */
  const append = (tag: string, url: string, key?: string, again = false): Promise<string | undefined> => {
    const made = random.pick(handlers).tags.append(tag, setsOf([[url]]), null, { ...ALL, key, again });
    const version = made.then(({ object }) => object, () => undefined);
    sent.add(version);
    return version;
  };
  /** Sends an append until it is acknowledged; gives the versions that the client is told of. */
  const appended = async (tag: string, url: string, key: string | undefined): Promise<string[]> => {
    if (key === undefined || patience === undefined) {
      // A client whose answer is lost sends the same request again, which may reach another handler at the same time.
      const times = key !== undefined && random.below(4) === 0 ? 2 : 1;
      const versions = await Promise.all(Array.from({ length: times }, () => append(tag, url, key)));
      return versions.flatMap((version) => version ?? []);
    }
    for (let tries = 0; tries < TRIES; tries++) {
      const givenUp = time.sleep(random.below(patience)).then(() => undefined);
      const version = await Promise.race([append(tag, url, key, tries > 0), givenUp]);
      if (version !== undefined) return [version];
    }
    return [];
  };
  const writer = async (id: number) => {
    for (let i = 0; i < appends; i++) {
      const [tag, url] = [random.pick(TAGS), `${id}-${i}`.padEnd(length, ".")];
      const key = random.below(2) === 0 ? undefined : url;
      const versions = await appended(tag, url, key);
      if (new Set(versions).size > 1) wrong.push(`${url} is in two versions: ${versions.join(", ")}`);
      known.push({ tag, url, isAcknowledged: versions.length > 0 });
      last = time.now;
      if (random.below(8) === 0) await time.sleep(random.below(500));
    }
  };
  const deleter = async () => {
    for (let i = 0; i < appends / 2; i++) {
      // Where one fails, nobody knows whether it is there.
      if (await append("short-lived", `${i}`) === undefined) continue;
      const deleted = random.pick(handlers).store.tags.delete("short-lived", () => {});
      if (!await deleted.then(() => true, () => false)) continue;
      await time.sleep(random.below(200));
      const left = await random.pick(handlers).store.tags.read("short-lived").catch(() => undefined);
      if (left !== undefined) wrong.push(`a deleted tag is back: ${left.content.urls}`);
    }
  };
  const watcher = async () => {
    const seen = new Map<string, string>();
    for (let done = 0; done < 2 || time.now - last < 60_000; done++) {
      await time.sleep(random.below(300));
      for (const tag of TAGS) {
        const { content } = await random.pick(handlers).store.tags.read(tag).catch(() => undefined) ?? {};
        const before = seen.get(tag);
        if (content === undefined) continue;
        if (before !== undefined && !content.urls.endsWith(before.slice(1))) wrong.push(`${tag} lost what it had`);
        seen.set(tag, content.urls);
      }
    }
  };
  await Promise.all([...Array.from({ length: writers }, (_, id) => writer(id)), deleter(), watcher()]);
  await Promise.all(sent);
  await bucket.settled();

  const clean = await opened(bucket, time, random, {});
  for (const tag of TAGS) {
    const urls: string[] = JSON.parse((await clean.tags.read(tag))?.content.urls ?? "[]").flat();
    for (const { url, isAcknowledged } of known.filter((append) => append.tag === tag)) {
      const count = urls.filter((other) => other === url).length;
      if (count > 1 || (isAcknowledged && count === 0)) wrong.push(`${url} is ${count} times in ${tag}`);
    }
  }
  const acknowledged = known.filter(({ isAcknowledged }) => isAcknowledged).length;
  return { wrong, acknowledged, unknown: known.length - acknowledged };
}

/** Opens a store whose clock is wrong by minutes. */
function opened(
  bucket: FakeBucket,
  time: VirtualTime,
  random: Random,
  faults: ObjectFaults,
  keys?: number,
): Promise<Store> {
  const skew = random.below(2 * SKEW) - SKEW;
  const now = () => time.now + skew;
  const stamps = new Stamps(now, () => random.next());
  return openObjectStore(bucket.engine(faults), {
    nodes: [""],
    writable: () => [""],
    tagReplicas: 1,
    stamp: (name, after) => stamps.stamp(name, after),
    date: () => stamps.date(),
    now,
    orphanAge: 0,
    random: () => random.next(),
    after: time.after,
  }, { keys });
}
