import { openObjectStore } from "../../../lib/embedded/objects/store.ts";
import { Stamps } from "../../../lib/embedded/stores/object_names.ts";
import type { Store } from "../../../lib/embedded/stores/store.ts";
import type { Random } from "../../../scripts/stress/chaos/random.ts";
import { FakeBucket, type ObjectFaults } from "../../helpers/objects/fake_bucket.ts";
import { VirtualTime } from "../../helpers/objects/virtual_time.ts";

/** The size of a schedule. */
export interface ScheduleOptions {
  /** The DDFSs, each with its own view of the bucket. */
  readonly handlers: number;
  /** Those who append one after the other, each through any handler. */
  readonly writers: number;
  /** The appends of each. */
  readonly appends: number;
  readonly faults: ObjectFaults;
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

const TAGS = ["hot", "warm"];
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
  const { handlers, writers, appends, faults, length = 20 } = options;
  const bucket = new FakeBucket(() => time.now);
  const delay = () => time.sleep(1 + random.below(20) * (random.below(10) === 0 ? 20 : 1));
  // What the opening tries out has tests of its own.
  let isOpen = false;
  const chance = () => isOpen ? random.next() : 1;
  const stores = await Promise.all(Array.from({ length: handlers }, () => {
    return opened(bucket, time, random, { delay, random: chance, ...faults });
  }));
  isOpen = true;
  const wrong: string[] = [];
  const known: { tag: string; url: string; isAcknowledged: boolean }[] = [];
  let last = 0;

  const append = async (store: Store, tag: string, url: string, key: string | undefined) => {
    const { object } = await store.tags.change(tag, () => ({ added: `[["${url}"]]` }), { sets: false, key });
    return object;
  };
  const writer = async (id: number) => {
    for (let i = 0; i < appends; i++) {
      const [tag, url] = [random.pick(TAGS), `${id}-${i}`.padEnd(length, ".")];
      const key = random.below(2) === 0 ? undefined : url;
      // A client whose answer is lost sends the same request again, which may reach another handler at the same time.
      const times = key !== undefined && random.below(4) === 0 ? 2 : 1;
      const tries = Array.from({ length: times }, () => append(random.pick(stores), tag, url, key));
      const results = await Promise.allSettled(tries);
      const versions = results.flatMap((result) => result.status === "fulfilled" ? [result.value] : []);
      if (new Set(versions).size > 1) wrong.push(`${url} is in two versions: ${versions.join(", ")}`);
      known.push({ tag, url, isAcknowledged: versions.length > 0 });
      last = time.now;
      if (random.below(8) === 0) await time.sleep(random.below(500));
    }
  };
  const deleter = async () => {
    for (let i = 0; i < appends / 2; i++) {
      const store = random.pick(stores);
      try {
        await append(store, "short-lived", `${i}`, undefined);
        await random.pick(stores).tags.delete("short-lived", () => {});
      } catch {
        // Then nobody knows whether it is there.
        continue;
      }
      await time.sleep(random.below(200));
      const left = await random.pick(stores).tags.read("short-lived").catch(() => undefined);
      if (left !== undefined) wrong.push(`a deleted tag is back: ${left.content.urls}`);
    }
  };
  const watcher = async () => {
    const seen = new Map<string, string>();
    for (let done = 0; done < 2 || time.now - last < 60_000; done++) {
      await time.sleep(random.below(300));
      for (const tag of TAGS) {
        const { content } = await random.pick(stores).tags.read(tag).catch(() => undefined) ?? {};
        const before = seen.get(tag);
        if (content === undefined) continue;
        if (before !== undefined && !content.urls.endsWith(before.slice(1))) wrong.push(`${tag} lost what it had`);
        seen.set(tag, content.urls);
      }
    }
  };
  await Promise.all([...Array.from({ length: writers }, (_, id) => writer(id)), deleter(), watcher()]);
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
function opened(bucket: FakeBucket, time: VirtualTime, random: Random, faults: ObjectFaults): Promise<Store> {
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
  });
}
