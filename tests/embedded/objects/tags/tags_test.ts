import { describe, it } from "@std/testing/bdd";
import { embedded } from "@ddfs/client/embedded";
import { openObjectStore } from "../../../../lib/embedded/objects/store.ts";
import type { ObjectEngine, ObjectPutOptions } from "../../../../lib/embedded/objects/bucket/engine.ts";
import type { Store } from "../../../../lib/embedded/stores/store.ts";
import { CommError } from "../../../../lib/errors.ts";
import { Random } from "../../../../scripts/stress/chaos/random.ts";
import { toTag, urlsOf } from "../../../helpers/embedded_stores.ts";
import { deferred } from "../../../helpers/fakes.ts";
import { expect } from "../../../helpers/expect.ts";
import { FakeBucket } from "../../../helpers/objects/fake_bucket.ts";
import { VirtualTime } from "../../../helpers/objects/virtual_time.ts";
import { inBucket, storeSetup } from "../../../helpers/store_setup.ts";

const add = ({ tags }: Store, name: string, url: string, key?: string) =>
  tags.change(name, () => ({ added: `[["${url}"]]` }), { sets: false, key });
const urlsIn = async ({ tags }: Store, name: string): Promise<string[] | undefined> =>
  JSON.parse((await tags.read(name))?.content.urls ?? "null")?.flat();

/** What a function gives, and the requests that were made meanwhile. */
async function requestsOf<T>(bucket: FakeBucket, task: () => Promise<T>): Promise<[result: T, requests: string[]]> {
  bucket.requests.length = 0;
  return [await task(), [...bucket.requests]];
}

/** An engine whose PUTs of tags go through a function. */
function withPut(
  engine: ObjectEngine,
  put: (next: () => ReturnType<ObjectEngine["put"]>, options: ObjectPutOptions) => ReturnType<ObjectEngine["put"]>,
): ObjectEngine {
  return {
    ...engine,
    put: (key, body, options = {}) =>
      key.startsWith("tag/") ? put(() => engine.put(key, body, options), options) : engine.put(key, body, options),
  };
}

describe("a tag in a bucket", () => {
  it("is changed by one request where it was changed before, and by two else", async () => {
    const bucket = new FakeBucket();
    const store = await inBucket(bucket);

    const [, first] = await requestsOf(bucket, () => add(store, "data", "a"));
    const [, second] = await requestsOf(bucket, () => add(store, "data", "b"));

    expect([first, second]).toEqual([["GET tag/data", "PUT tag/data"], ["PUT tag/data"]]);
  });

  it("gets all changes that wait for it in one commit", async () => {
    const bucket = new FakeBucket();
    const store = await inBucket(bucket);

    const [, requests] = await requestsOf(
      bucket,
      () => Promise.all(Array.from({ length: 100 }, (_, i) => add(store, "data", `${i}`))),
    );

    expect(requests.length).toBeLessThan(5);
    expect((await urlsIn(store, "data"))?.length).toBe(100);
  });

  it("has its sets in segments beyond 64 KiB, which an append and a token do not read", async () => {
    const bucket = new FakeBucket();
    const store = await inBucket(bucket);
    const urls = Array.from({ length: 40 }, (_, i) => `${i}`.padEnd(5000, "."));
    for (const url of urls) await add(store, "data", url);

    const segments = bucket.keys("seg/");
    expect(segments.length).toBe(2);
    expect(segments).toEqual(segments.filter((key) => /^seg\/data\$[0-9a-f-]+\.\w+-\d+\.0$/.test(key)));
    expect(bucket.textOf("tag/data")?.length).toBeLessThan(70_000);
    const other = await inBucket(bucket);
    const [, requests] = await requestsOf(bucket, async () => {
      await other.tags.read("data", { sets: false });
      await add(other, "data", "last");
    });
    expect(requests).toEqual(["GET tag/data", "PUT tag/data"]);
    expect(await urlsIn(other, "data")).toEqual(["last", ...urls.toReversed()]);
  });

  it("shows a change all sets if it looks at them, and loses those that it replaces", async () => {
    const store = await inBucket(new FakeBucket());
    for (let i = 0; i < 20; i++) await add(store, "data", `${i}`.padEnd(5000, "."));
    let seen = 0;

    await store.tags.change("data", (tag) => {
      seen = JSON.parse(tag?.urls ?? "[]").length;
      return { urls: '[["new"]]' };
    });

    expect(seen).toBe(20);
    expect(await urlsIn(store, "data")).toEqual(["new"]);
  });

  it("is deleted by a head that a listing tells by its size, and keeps growing versions", async () => {
    const bucket = new FakeBucket();
    let now = Date.now();
    const early = await inBucket(bucket, storeSetup({ now: () => now }));
    await add(early, "data", "a");
    await early.tags.delete("data", () => {});
    const deleted = await early.tags.read("data");
    const size = bucket.textOf("tag/data")?.length ?? 0;
    now -= 60 * 60_000;
    const late = await inBucket(bucket, storeSetup({ now: () => now }));

    const { object } = await add(late, "data", "b");

    expect([deleted, size % 2]).toEqual([undefined, 1]);
    expect((bucket.textOf("tag/data")?.length ?? 1) % 2).toBe(0);
    const [, mega = "", seconds = ""] = /\$(\w+)-(\w+)-/.exec(object) ?? [];
    expect(parseInt(mega, 16) * 1e6 + parseInt(seconds, 16)).toBeGreaterThan(now / 1000 + 3000);
  });

  it("is refused to nobody because of what a handler remembers", async () => {
    const bucket = new FakeBucket();
    const [one, two] = [await inBucket(bucket), await inBucket(bucket)];
    await two.tags.change("data", () => ({ writeToken: "old" }));
    await one.tags.change("data", () => ({ writeToken: "new" }));
    const withToken = (token: string) =>
      two.tags.change("data", (tag) => {
        if (tag?.writeToken !== token) throw new Error("not you");
        return { added: '[["u"]]' };
      });

    await withToken("new");

    await expect(withToken("old")).rejects.toThrow("not you");
    expect(await urlsIn(one, "data")).toEqual(["u"]);
  });

  it("says which version is there when nothing is changed, also one that another handler made", async () => {
    const bucket = new FakeBucket();
    const [one, two] = [await inBucket(bucket), await inBucket(bucket)];
    await add(two, "data", "a");
    const { object } = await add(one, "data", "b");

    expect((await two.tags.change("data", () => undefined)).object).toBe(object);
  });

  it("takes an append with a key once, whichever handlers its requests reach", async () => {
    const bucket = new FakeBucket();
    const handlers = [1, 2, 3].map(() => embedded({ objects: bucket.engine(), nodes: ["localhost"] }));
    const [one] = handlers;

    const answers = await Promise.all(
      handlers.flatMap((ddfs) =>
        ["", "&delayed=1"].map(async (how) => await (await toTag(ddfs, "POST", `data?request=K${how}`, [["u"]])).json())
      ),
    );
    await Promise.all(handlers.map((ddfs) => ddfs.close()));

    expect(new Set(answers.flat()).size).toBe(1);
    expect(one && await urlsOf(embedded({ objects: bucket.engine(), nodes: ["localhost"] }), "data")).toEqual([["u"]]);
    expect(bucket.textOf("tag/data")).not.toContain('"K"');
  });

  it("remembers all keys of a commit, however many they are", async () => {
    const bucket = new FakeBucket();
    const [one, two] = [await inBucket(bucket), await inBucket(bucket)];
    const keys = Array.from({ length: 1500 }, (_, i) => `key ${i}`);

    const made = await Promise.all(keys.map((key) => add(one, "data", key, key)));
    const again = await Promise.all(keys.map((key) => add(two, "data", key, key)));

    expect(again.map(({ object }) => object)).toEqual(made.map(({ object }) => object));
    expect((await urlsIn(two, "data"))?.length).toBe(1500);
  });

  it("tells a change whose key it may have forgotten since that was asked for", async () => {
    const [bucket, gate] = [new FakeBucket(), deferred<void>()];
    const engine = bucket.engine();
    const slow: ObjectEngine = {
      ...engine,
      async put(key, ...rest) {
        if (key === "tag/data") await gate.promise;
        return await engine.put(key, ...rest);
      },
    };
    const [one, two] = [
      await openObjectStore(slow, storeSetup(), { keys: 3 }),
      await openObjectStore(engine, storeSetup(), { keys: 3 }),
    ];
    await add(two, "data", "first", "first");
    await one.tags.read("data");
    const told: unknown[] = [];
    const late = one.tags.change("data", (_tag, mayBeMade) => {
      told.push(mayBeMade);
      return mayBeMade ? undefined : { added: '[["late"]]' };
    }, { sets: false, key: "late" });

    for (const key of ["late", "a", "b", "c", "d"]) await add(two, "data", key, key);
    gate.resolve();
    await late;

    expect(told).toEqual([false, true]);
    expect(await urlsIn(two, "data")).toEqual(["d", "c", "b", "a", "late", "first"]);
  });

  it("is asked for without its segments where only its being there is asked for", async () => {
    const bucket = new FakeBucket();
    const ddfs = embedded({ objects: bucket.engine(), nodes: ["localhost"] });
    await toTag(ddfs, "POST", "data", [["x".repeat(70_000)]]);
    await ddfs.close();
    const other = embedded({ objects: bucket.engine(), nodes: ["localhost"] });
    await other.ready();

    const [answer, requests] = await requestsOf(
      bucket,
      () => other.fetch("http://localhost:8989/ddfs/tag/data", { headers: { "If-None-Match": "*" } }),
    );

    expect([answer.status, requests]).toEqual([304, ["GET tag/data"]]);
    await other.close();
  });

  it("that is damaged is named, and can be deleted with the token that is still there", async () => {
    const bucket = new FakeBucket();
    const store = await inBucket(bucket);
    await store.tags.change("data", () => ({ writeToken: "W", urls: '[["a"]]' }));
    bucket.place("tag/data", (bucket.textOf("tag/data") ?? "").replace('"urls":[[', '"urls":[{'));
    const seen: unknown[] = [];

    await expect(store.tags.read("data")).rejects.toThrow(/corrupted_json \(tag\/data/);
    await expect(add(store, "data", "b")).rejects.toThrow(/corrupted_json \(tag\/data/);
    await store.tags.delete("data", (tag) => void seen.push(tag?.writeToken));

    expect([seen, await store.tags.read("data")]).toEqual([["W"], undefined]);
  });

  it("that lacks a segment is named with it", async () => {
    const bucket = new FakeBucket();
    const store = await inBucket(bucket);
    await add(store, "data", "x".padEnd(70_000, "x"));
    const [segment = ""] = bucket.keys("seg/");
    bucket.objects.delete(segment);

    const again = await inBucket(bucket);

    await expect(again.tags.read("data")).rejects.toThrow(`read_failed (${segment} is missing)`);
  });
});

describe("a commit in a bucket", () => {
  it("is taken over when the one who makes it is never answered", async () => {
    const time = new VirtualTime();
    const [bucket, silent] = [new FakeBucket(), { next: true }];
    const engine = withPut(bucket.engine(), (next) => {
      if (!silent.next) return next();
      silent.next = false;
      return new Promise(() => {});
    });
    const store = await openObjectStore(engine, storeSetup({ after: time.after, now: () => time.now }));
    const began = time.now;

    await time.until(Promise.all([add(store, "data", "a"), add(store, "data", "b")]));

    expect(time.now - began).toBeLessThan(5000);
    expect((await urlsIn(store, "data"))?.sort()).toEqual(["a", "b"]);
  });

  it("waits for a second where the store takes one PUT a second of a key, and has all that waits then", async () => {
    const time = new VirtualTime();
    const bucket = new FakeBucket();
    const random = new Random(1);
    let [last, refused, made] = [0, 0, 0];
    const engine = withPut(bucket.engine({ delay: () => time.sleep(10) }), async (next) => {
      if (time.now - last < 1000) {
        refused++;
        throw new CommError("too many", { code: "server-error", url: "bucket:", status: 429 });
      }
      last = time.now;
      made++;
      return await next();
    });
    const store = await time.until(
      openObjectStore(engine, storeSetup({ after: time.after, now: () => time.now, random: () => random.next() })),
    );
    const began = time.now;

    await time.until(Promise.all(Array.from({ length: 10 }, async (_, writer) => {
      for (let i = 0; i < 20; i++) await add(store, "data", `${writer}-${i}`);
    })));

    expect(new Set(await time.until(urlsIn(store, "data"))).size).toBe(200);
    expect(made).toBeLessThan(30);
    expect(refused).toBeLessThan(5);
    expect(time.now - began).toBeLessThan(30_000);
  });

  it("is given up after a minute, and nobody is told that it was not made", async () => {
    const time = new VirtualTime();
    const bucket = new FakeBucket();
    const engine = withPut(bucket.engine(), () => {
      return Promise.reject(new CommError("out of order", { code: "server-error", url: "bucket:", status: 500 }));
    });
    const store = await openObjectStore(engine, storeSetup({ after: time.after, now: () => time.now }));
    const began = time.now;

    const error = await time.until(add(store, "data", "a").catch((error) => error));

    expect(error).toMatchObject({ status: 503, message: expect.stringMatching(/not known.*out of order/) });
    expect(time.now - began).toBeLessThan(70_000);
  });

  it("tells nobody what the store said to the handler, but that it failed", async () => {
    const bucket = new FakeBucket();
    const refusal = new CommError("s3://secret at http://10.0.0.1: denied", {
      code: "forbidden",
      url: "",
      status: 403,
    });
    const engine = bucket.engine();
    const refusing: ObjectEngine = {
      ...engine,
      get: (key, options) => /^(?:tag|.*blob)\//.test(key) ? Promise.reject(refusal) : engine.get(key, options),
      put: (key, ...rest) => key.includes("blob/") ? Promise.reject(refusal) : engine.put(key, ...rest),
    };
    const told: unknown[] = [];
    const onError = (error: unknown) => told.push(Object(error).message);
    const ddfs = embedded({ objects: refusing, nodes: ["localhost"], onError });
    const [url] = await (await ddfs.fetch("http://localhost/ddfs/new_blob/log")).json();

    const read = await toTag(ddfs, "GET", "data");
    const written = await ddfs.fetch(url, { method: "PUT", body: "hello" });

    expect([read.status, await read.text()]).toEqual([503, "The object store failed: forbidden"]);
    expect([written.status, await written.text()]).toEqual([
      500,
      expect.stringMatching(/^Write failed .*: forbidden$/),
    ]);
    expect(told).toEqual([expect.stringContaining("10.0.0.1"), expect.stringContaining("10.0.0.1")]);
    await ddfs.close();
  });
});
