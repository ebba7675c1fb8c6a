import { describe, it } from "@std/testing/bdd";
import { embedded, type EmbeddedOptions } from "@ddfs/client/embedded";
import { stored, toTag } from "../../../helpers/embedded_stores.ts";
import { expect } from "../../../helpers/expect.ts";
import { FakeBucket } from "../../../helpers/objects/fake_bucket.ts";

const HOUR = 60 * 60 * 1000;
const START = Date.UTC(2026, 0, 1);
/** A blob that is named at that time. */
const FRESH = `fresh$${
  [Math.floor(START / 1e9), Math.floor(START / 1e3) % 1e6, 0].map((n) => n.toString(16)).join("-")
}`;

/** A bucket whose clock is set by hand. */
class HandBucket extends FakeBucket {
  time = START;

  constructor() {
    super();
    this.now = () => this.time;
  }

  /** Makes a handler; `onTags` is called before it reads a tag. */
  handler(options: EmbeddedOptions = {}, onTags: () => Promise<void> = () => Promise.resolve()) {
    const engine = this.engine();
    const objects = {
      ...engine,
      get: async (...args: Parameters<typeof engine.get>) => {
        if (args[0] === "tag/data") await onTags();
        return await engine.get(...args);
      },
    };
    return embedded({ nodes: ["localhost"], objects, now: this.now, ...options });
  }
}

describe("processes with other values of orphanAge in one bucket", () => {
  it("are refused where a collection would delete what others are putting into tags, in words that say what to do", async () => {
    const bucket = new HandBucket();
    const tagger = bucket.handler();
    const url = await stored(tagger, FRESH, "bytes");
    await toTag(tagger, "PUT", "data", []);
    bucket.time += 5000;
    const collector = bucket.handler(
      { orphanAge: 1000 },
      async () => void await toTag(tagger, "PUT", "moved", [[url]]),
    );

    await expect(collector.gc()).rejects.toMatchObject({
      code: "invalid-argument",
      message: expect.stringMatching(/^Invalid orphanAge 1000: .*129600000 .*36 hours.*a fake bucket.*README/),
    });

    expect(bucket.keys("blob/").length).toBe(1);
    await bucket.handler({ orphanAge: 36 * HOUR }).ready();
  });

  it("lose nothing in one that was opened with the shortest, also by a clock that is slow", async () => {
    const bucket = new HandBucket();
    const tagger = bucket.handler({ now: () => bucket.time - 10_000 });
    let url = "";
    const collector = bucket.handler(
      { orphanAge: 1000 },
      async () => void await toTag(tagger, "PUT", "moved", [[url]]),
    );
    await collector.ready();
    url = await stored(tagger, FRESH, "bytes");
    await toTag(tagger, "PUT", "data", []);
    bucket.time += 5000;

    const { blobs } = await collector.gc();

    expect([blobs.deleted.objects, bucket.keys("tag/")]).toEqual([0, ["tag/data", "tag/moved"]]);
  });
});
