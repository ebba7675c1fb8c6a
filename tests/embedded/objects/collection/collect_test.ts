import { describe, it } from "@std/testing/bdd";
import { type Embedded, embedded, type EmbeddedOptions, type ObjectEngine } from "@ddfs/client/embedded";
import { MASTER, stored, toTag } from "../../../helpers/embedded_stores.ts";
import { expect } from "../../../helpers/expect.ts";
import { FakeBucket } from "../../../helpers/objects/fake_bucket.ts";

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 0, 1);
const OLD = "precious$703-1-1";

/** A bucket whose clock is set by hand, with one blob that is in no tag and ten days old, and a handler. */
async function withOldBlob(
  task: (bucket: HandledBucket) => Promise<void>,
  options: EmbeddedOptions = {},
): Promise<void> {
  const bucket = new HandledBucket(options);
  const ddfs = bucket.handler();
  try {
    bucket.time -= 10 * DAY;
    bucket.url = await stored(ddfs, OLD, "bytes");
    bucket.time += 10 * DAY;
    await task(bucket);
  } finally {
    await bucket.close();
  }
}

class HandledBucket extends FakeBucket {
  time = START;
  url = "";
  readonly #options: EmbeddedOptions;
  readonly #handlers: Embedded[] = [];

  constructor(options: EmbeddedOptions) {
    super();
    this.now = () => this.time;
    this.#options = options;
  }

  /** Makes a handler, as another process has one. */
  handler(engine: ObjectEngine = this.engine()): Embedded {
    const ddfs = embedded({
      nodes: ["localhost"],
      objects: engine,
      now: () => this.time,
      after: (_, run) => {
        const timer = setTimeout(run, 1);
        return () => clearTimeout(timer);
      },
      ...this.#options,
    });
    this.#handlers.push(ddfs);
    return ddfs;
  }

  hasBlob(): boolean {
    return this.keys("blob/").some((key) => key.endsWith(OLD));
  }

  async close(): Promise<void> {
    await Promise.all(this.#handlers.map((ddfs) => ddfs.close()));
  }
}

/** An engine with something done before some of its requests. */
function before(
  engine: ObjectEngine,
  kind: "get" | "put" | "delete",
  prefix: string,
  act: () => void | Promise<void>,
): ObjectEngine {
  const hooked = async (key: string) => {
    if (key.startsWith(prefix)) await act();
  };
  return {
    ...engine,
    get: (key, options) => hooked(kind === "get" ? key : "").then(() => engine.get(key, options)),
    put: (key, body, options) => hooked(kind === "put" ? key : "").then(() => engine.put(key, body, options)),
    delete: (key) => hooked(kind === "delete" ? key : "").then(() => engine.delete(key)),
  };
}

describe("a collection in a bucket", () => {
  it("deletes what is in no tag, once that is as old as orphanAge says by the bucket's clock", async () => {
    for (const [orphanAge, isKept] of [[9 * DAY, false], [11 * DAY, true]] as const) {
      await withOldBlob(async (bucket) => {
        const slow = embedded({
          ...{ nodes: ["localhost"], objects: bucket.engine(), orphanAge },
          now: () => bucket.time - 5 * 60_000,
        });

        const { blobs } = await slow.gc();

        expect([bucket.hasBlob(), blobs.kept.objects, blobs.deleted.objects]).toEqual(
          isKept ? [true, 1, 0] : [false, 0, 1],
        );
        await slow.close();
      });
    }
  });

  const spellings: Record<string, (url: string) => string> = {
    "as it was given": (url) => url,
    "with %24 for $": (url) => url.replace("$", "%24"),
    "escaped twice": (url) => url.replace("$", "%2524"),
    "in a query of another host": (url) => `http://gateway.example/?blob=${encodeURIComponent(url)}#page`,
  };
  for (const [name, spell] of Object.entries(spellings)) {
    it(`keeps a blob whose URL stands in a tag ${name}, and while it goes from tag to tag`, () =>
      withOldBlob(async (bucket) => {
        const [here, there] = [bucket.handler(), bucket.handler()];
        await toTag(here, "PUT", "a", [["tag://other"], [spell(bucket.url)]]);
        bucket.time += 3 * DAY;
        await there.gc();
        bucket.time += 3 * DAY;
        // The tag that gets it was read already when it moves.
        let isMoved = false;
        const engine = before(bucket.engine(), "get", "tag/b", async () => {
          if (isMoved) return;
          isMoved = true;
          await toTag(here, "PUT", "a", [[spell(bucket.url)]]);
          await toTag(here, "PUT", "b", []);
        });
        await toTag(here, "PUT", "b", [[spell(bucket.url)]]);
        await toTag(here, "PUT", "a", []);
        await bucket.handler(engine).gc();
        await there.gc();

        expect([isMoved, bucket.hasBlob()]).toEqual([true, true]);
      }));
  }

  it("spares a blob for half a day and more after it was put into a tag, wherever that was", () =>
    withOldBlob(async (bucket) => {
      const ddfs = bucket.handler();
      await toTag(ddfs, "PUT", "data", [[bucket.url]]);
      await toTag(ddfs, "DELETE", "data");
      const isThere: boolean[] = [];
      for (const hours of [100, 11, 2]) {
        bucket.time += hours * HOUR;
        await bucket.handler().gc();
        isThere.push(bucket.hasBlob());
      }

      // The first collection sees that it was put into a tag; twelve hours later that counts no more.
      expect(isThere).toEqual([true, true, false]);
    }));

  it("marks a blob again if the tag is written long after the first time", () =>
    withOldBlob(async (bucket) => {
      // The token is checked before, and the tag read for the change after the blob was marked.
      let stops = 2;
      const engine = before(bucket.engine(), "get", "tag/data", () => {
        if (stops-- > 0) bucket.time += 5 * HOUR;
      });
      bucket.requests.length = 0;

      const { status } = await toTag(bucket.handler(engine), "PUT", "data", [[bucket.url]]);

      const marked = bucket.requests.filter((request) => request.startsWith("GET keep/"));
      expect([status, marked.length]).toEqual([200, 2]);
    }));

  it("does not send a change again after the process stood still for hours", () =>
    withOldBlob(async (bucket) => {
      let puts = 0;
      const engine = before(bucket.engine(), "put", "tag/data", () => {
        puts++;
        bucket.time += 20 * HOUR;
        return Promise.reject(new Error("the connection is gone"));
      });
      // All is as it was when the process goes on, but for what collections have done.
      const { status } = await toTag(bucket.handler(engine), "PUT", "data", [[bucket.url]]);

      expect([status, puts, bucket.keys("tag/")]).toEqual([503, 1, []]);
    }));

  it("asks the bucket once an hour or so about a blob that is tagged again and again, and not at all about a new one", () =>
    withOldBlob(async (bucket) => {
      const ddfs = bucket.handler();
      const [fresh = ""] = await (await ddfs.fetch(`${MASTER}/ddfs/new_blob/fresh`)).json();
      const url = await (await ddfs.fetch(fresh, { method: "PUT", body: "new" })).json();
      bucket.requests.length = 0;
      for (let i = 0; i < 20; i++) {
        await toTag(ddfs, "POST", "data", [[bucket.url], [url]]);
        bucket.time += 5 * 60_000;
      }

      const marked = bucket.requests.filter((request) => request.includes("keep/"));
      expect([...new Set(marked)].length).toBe(2);
      expect(marked.length).toBeLessThan(10);
    }));

  it("has a blob that it is deleting refused by tags, also after it has crashed", () =>
    withOldBlob(async (bucket) => {
      const dead = before(bucket.engine(), "delete", "blob/", () => Promise.reject(new Error("killed")));
      await expect(bucket.handler(dead).gc()).rejects.toThrow("killed");
      const ddfs = bucket.handler();

      const refused = await toTag(ddfs, "PUT", "data", [[bucket.url]]);

      expect([refused.status, await refused.text()]).toEqual([410, "A collection has deleted this blob."]);
      expect((await ddfs.fetch(`${MASTER}/ddfs/tag/data`)).status).toBe(404);
      expect(bucket.hasBlob()).toBe(true);
      await ddfs.gc();
      expect(bucket.hasBlob()).toBe(false);
    }));

  it("deletes the replicas of all nodes, and keeps those of blobs in tags", async () => {
    const bucket = new HandledBucket({ nodes: ["a", "b"], replicas: 2 });
    const ddfs = bucket.handler();
    bucket.time -= 10 * DAY;
    for (const host of ["a", "b"]) {
      for (const object of [OLD, "used$703-1-1"]) {
        await ddfs.fetch(`http://${host}:8989/ddfs/${object}`, { method: "PUT", body: "bytes" });
      }
    }
    await ddfs.fetch("http://a:8989/ddfs/tag/data", {
      method: "PUT",
      body: '[["disco://b/ddfs/vol0/blob/00/used$703-1-1"]]',
    });
    bucket.time += 10 * DAY;

    const { blobs } = await ddfs.gc();

    expect([blobs.kept.objects, blobs.deleted.objects]).toEqual([2, 2]);
    expect(bucket.keys("node/").map((key) => key.split("/")[1])).toEqual(["a", "b"]);
    expect(bucket.keys("node/").every((key) => key.endsWith("used$703-1-1"))).toBe(true);
    await bucket.close();
  });

  it("deletes nothing while the listing lags behind", () =>
    withOldBlob(async (bucket) => {
      const stale = bucket.handler(bucket.engine({ staleList: 1 }));

      await expect(stale.gc()).rejects.toMatchObject({ message: "a fake bucket: its listing lags behind" });

      expect(bucket.hasBlob()).toBe(true);
      expect(bucket.keys("tag/")).toEqual([]);
    }));

  it("deletes nothing when a tag cannot be read, and names it", () =>
    withOldBlob(async (bucket) => {
      const ddfs = bucket.handler();
      const long = Array.from(
        { length: 3000 },
        (_, i) => [`disco://localhost/ddfs/vol0/blob/00/x$${i.toString(16)}-1-1`],
      );
      await toTag(ddfs, "PUT", "long", long);
      const [segment = ""] = bucket.keys("seg/");
      const kept = bucket.objects.get(segment);
      bucket.objects.delete(segment);
      await expect(ddfs.gc()).rejects.toThrow("the tag long cannot be read, so nothing was deleted");
      if (kept !== undefined) bucket.objects.set(segment, kept);
      bucket.place("tag/torn", "{");

      await expect(ddfs.gc()).rejects.toThrow("the tag torn cannot be read, so nothing was deleted");
      expect(bucket.hasBlob()).toBe(true);
    }));

  it("deletes segments that no tag has any more, a day later, and what a crash has left behind", () =>
    withOldBlob(async (bucket) => {
      const ddfs = bucket.handler();
      const long = (name: string) =>
        Array.from({ length: 3000 }, (_, i) => [`disco://localhost/ddfs/vol0/blob/00/${name}$${i.toString(16)}-1-1`]);
      await toTag(ddfs, "PUT", "long", long("a"));
      const [first = ""] = bucket.keys("seg/");
      bucket.time += 2 * DAY;
      await toTag(ddfs, "PUT", "long", long("b"));
      for (const key of ["seg/young$1-1-1.0", "trial/young", "tag/!young"]) bucket.place(key, "");
      bucket.time -= 2 * DAY;
      for (const key of ["trial/old", "tag/!old", "tag/~old"]) bucket.place(key, "");
      bucket.time += 2 * DAY;

      const { tags } = await ddfs.gc();

      expect([tags.deleted.objects, bucket.keys("seg/").includes(first)]).toEqual([1, false]);
      expect(bucket.keys("seg/").length).toBe(2);
      expect(bucket.keys("trial/")).toEqual(["trial/young"]);
      expect(bucket.keys("tag/")).toEqual(["tag/!young", "tag/long"]);
      expect((await (await ddfs.fetch(`${MASTER}/ddfs/tag/long`)).json()).urls.length).toBe(3000);
    }));

  it("forgets its marks in the end", () =>
    withOldBlob(async (bucket) => {
      const ddfs = bucket.handler();
      await toTag(ddfs, "PUT", "data", [[bucket.url], [bucket.url.replace("precious", "other")]]);
      const marks = () => bucket.keys("keep/").map((key) => bucket.textOf(key)).join("");
      expect(marks()).toContain(OLD);
      for (let day = 0; day < 4; day++) {
        bucket.time += DAY;
        await ddfs.gc();
      }

      expect(marks()).not.toContain("$");
      expect(bucket.hasBlob()).toBe(true);
    }));

  it("reads a tag anew whose segments were replaced meanwhile", () =>
    withOldBlob(async (bucket) => {
      const ddfs = bucket.handler();
      const long = Array.from(
        { length: 3000 },
        (_, i) => [`disco://localhost/ddfs/vol0/blob/00/x$${i.toString(16)}-1-1`],
      );
      await toTag(ddfs, "PUT", "long", long);
      const [segment = ""] = bucket.keys("seg/");
      const engine = before(bucket.engine(), "get", "seg/", async () => {
        if (!bucket.objects.has(segment)) return;
        await toTag(ddfs, "PUT", "long", [...long, [bucket.url]]);
        bucket.objects.delete(segment);
      });

      await bucket.handler(engine).gc();

      expect(bucket.hasBlob()).toBe(true);
    }));
});
