import { describe, it } from "@std/testing/bdd";
import { openObjectStore } from "../../../../lib/embedded/objects/store.ts";
import { setsOf } from "../../../../lib/embedded/stores/sets.ts";
import type { Store } from "../../../../lib/embedded/stores/store.ts";
import { Tags } from "../../../../lib/embedded/tags.ts";
import { deferred } from "../../../helpers/fakes.ts";
import { expect } from "../../../helpers/expect.ts";
import { FakeBucket } from "../../../helpers/objects/fake_bucket.ts";
import { storeSetup } from "../../../helpers/store_setup.ts";

/** A handler of a bucket whose tags remember three keys; it marks blobs, and makes what waits for others, once `until` is there. */
function handlerOf(store: Store, until: Promise<void>) {
  return new Tags(store.tags, {
    spared: async (_sets, task) => {
      await until;
      return await task(() => {});
    },
    after: (_milliseconds, run) => {
      void until.then(run);
      return () => {};
    },
  });
}

/** Appends a set by a request that has its name as its key. */
function append(tags: Tags, name: string, delayed = false): Promise<unknown> {
  return tags.append("data", setsOf([[name]]), null, { update: false, delayed, key: name });
}

describe("an append to a tag in a bucket that a handler has for long", () => {
  it("is made once where it was read from the bucket long after, by a clock that was put back meanwhile", async () => {
    const [bucket, gate] = [new FakeBucket(), deferred<void>()];
    let [now, steady] = [Date.now(), 0];
    const clocks = { now: () => now, steady: () => steady };
    const open = (setup = {}) => openObjectStore(bucket.engine(), storeSetup(setup), { keys: 3 });
    const [cold, other] = [await open(clocks), handlerOf(await open(), Promise.resolve())];
    await append(other, "first");

    const late = append(handlerOf(cold, gate.promise), "late");
    for (const name of ["late", "a", "b", "c", "d"]) await append(other, name);
    [now, steady] = [now - 3_600_000, 2000];
    gate.resolve();
    await late;

    const { content } = await cold.tags.read("data") ?? {};
    expect(JSON.parse(content?.urls ?? "[]").flat()).toEqual(["d", "c", "b", "a", "late", "first"]);
  });

  const waits = [["while it marks blobs", false], ["as it waits for others", true]] as const;
  for (const [why, delayed] of waits) {
    it(`${why} is made once where another handler made it meanwhile, and the tag has forgotten its key`, async () => {
      const [bucket, gate] = [new FakeBucket(), deferred<void>()];
      const open = () => openObjectStore(bucket.engine(), storeSetup(), { keys: 3 });
      const [store, other] = [await open(), handlerOf(await open(), Promise.resolve())];
      await append(other, "first");
      await store.tags.read("data");

      const late = append(handlerOf(store, gate.promise), "late", delayed);
      for (const name of ["late", "a", "b", "c", "d"]) await append(other, name);
      // What it reads for others meanwhile says nothing of the time before.
      await store.tags.read("data");
      gate.resolve();
      await late;

      const { content } = await store.tags.read("data") ?? {};
      expect(JSON.parse(content?.urls ?? "[]").flat()).toEqual(["d", "c", "b", "a", "late", "first"]);
    });
  }
});
