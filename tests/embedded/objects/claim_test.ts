import { describe, it } from "@std/testing/bdd";
import { copyStore, embedded } from "@ddfs/client/embedded";
import { Claim, type ClaimTimes } from "../../../lib/embedded/objects/claim.ts";
import { expect } from "../../helpers/expect.ts";
import { inFolder, opened, place, said, toTag, urlsOf } from "../../helpers/embedded_stores.ts";
import { FakeBucket } from "../../helpers/objects/fake_bucket.ts";
import { inBucket, storeSetup, volumeOf, writeBlob } from "../../helpers/store_setup.ts";

/** Time that goes on by itself, from one timer to the next, as soon as nothing else is to be done: no test waits, and none is late. */
function virtualTimes(): ClaimTimes {
  let now = 1e12;
  let isGoing = false;
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  async function go(): Promise<void> {
    if (isGoing) return;
    isGoing = true;
    while (timers.size > 0) {
      for (let turns = 0; turns < 3; turns++) await new Promise((resolve) => setTimeout(resolve));
      const [next] = [...timers].sort((one, other) => one.at - other.at);
      if (next === undefined) continue;
      timers.delete(next);
      now = Math.max(now, next.at);
      next.run();
    }
    isGoing = false;
  }
  return {
    now: () => now,
    random: Math.random,
    after(milliseconds, run) {
      const timer = { at: now + milliseconds, run };
      timers.add(timer);
      void go();
      return () => timers.delete(timer);
    },
  };
}

const TIMES = virtualTimes();
const failure = async (work: Promise<unknown>) =>
  await work.then(() => "none", ({ code, message }) => `${code} ${message}`);
const wait = (milliseconds: number) => new Promise<void>((resolve) => void TIMES.after(milliseconds, resolve));

/** A handler of a bucket. */
const handlerOf = (bucket: FakeBucket) => embedded({ objects: bucket.engine(), nodes: ["localhost"], ...TIMES });

describe("a bucket that is claimed", () => {
  it("is written by nobody else, and is again when it is given back", async () => {
    const bucket = new FakeBucket();
    const ddfs = handlerOf(bucket);
    await toTag(ddfs, "POST", "data:log", [["disco://a/b"]]);
    const claim = await Claim.take(bucket.engine(), TIMES);

    const [status, text] = await said(ddfs.fetch("http://localhost:8989/ddfs/log$1-1-1", { method: "PUT", body: "1" }));
    expect([status, text]).toEqual([500, expect.stringMatching(/being copied: wait until that has ended/)]);
    expect(await failure(ddfs.gc())).toMatch(/being copied/);
    expect(await urlsOf(ddfs, "data:log")).toEqual([["disco://a/b"]]);
    const another = handlerOf(bucket);
    expect(await said(toTag(another, "POST", "data:log", [["disco://a/b"]]))).toEqual([
      expect.any(Number),
      expect.stringMatching(/being copied/),
    ]);
    expect(await urlsOf(another, "data:log")).toEqual([["disco://a/b"]]);

    await claim.release();
    expect((await toTag(ddfs, "POST", "data:log", [["disco://a/c"]])).status).toBe(200);
    expect((await toTag(another, "POST", "data:log", [["disco://a/d"]])).status).toBe(200);
    expect([...bucket.objects.keys()].filter((key) => !/^(?:tag|seg|blob)\//.test(key))).toEqual(["settings"]);
    await ddfs.close();
    await another.close();
  });

  it("is refused to a second one, as long as the first one lives", async () => {
    const bucket = new FakeBucket();
    const claim = await Claim.take(bucket.engine(), TIMES);

    expect(await failure(Claim.take(bucket.engine(), TIMES))).toMatch(/^locked .*being copied/);
    // Who would have to settle something cannot open it.
    expect(await failure(handlerOf(bucket).ready())).toMatch(/^locked .*being copied/);
    claim.check();
    await claim.release();
    await (await Claim.take(bucket.engine(), TIMES)).release();
  });

  it("goes to another one when who had it was killed, who then finds it lost", async () => {
    const bucket = new FakeBucket();
    let isDead = false;
    const dead = await Claim.take(bucket.engine(), {
      ...TIMES,
      // One that is killed does nothing any more.
      after: (milliseconds, run) => TIMES.after(milliseconds, () => isDead || run()),
    });
    isDead = true;

    const waits: string[] = [];
    const claim = await Claim.take(
      bucket.engine(),
      TIMES,
      undefined,
      ({ place, for: awaited, seconds }) => waits.push(`${place}: ${awaited}, ${seconds} s`),
    );
    expect(waits).toEqual(["a fake bucket: holder, 30 s", "a fake bucket: writers, 20 s"]);
    claim.check();
    expect(() => dead.check()).toThrow(/run it again/);
    await dead.release();
    await wait(10_000);
    claim.check();
    await claim.release();
  });

  it("is written again when who had it was killed", async () => {
    const bucket = new FakeBucket();
    await bucket.engine().put("copying", new TextEncoder().encode('{"id":"somebody"}'));
    const ddfs = handlerOf(bucket);

    // It is watched for half a minute.
    await ddfs.ready();
    expect((await toTag(ddfs, "POST", "data:log", [["disco://a/b"]])).status).toBe(200);
    await ddfs.close();
  });

  it("stays one's own though answers are lost", async () => {
    const bucket = new FakeBucket();
    let seed = 1;
    const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
    const claim = await Claim.take(bucket.engine({ lostAnswer: 0.3, busy: 0.1, random }), TIMES);

    for (let beats = 0; beats < 20; beats++) {
      await wait(1000);
      claim.check();
    }
    await claim.release();
  });

  it("is looked at each five seconds in which something is written, not each time", async () => {
    const bucket = new FakeBucket();
    const ddfs = embedded({ objects: bucket.engine(), nodes: ["localhost"], now: () => 1e12 });
    for (let i = 0; i < 20; i++) await toTag(ddfs, "POST", "data:log", [[`disco://a/${i}`]]);

    expect(bucket.requests.filter((request) => request.endsWith(" copying")).length).toBe(1);
    await ddfs.close();
  });
});

describe("copyStore() with buckets", () => {
  it("copies a folder into a bucket, that into another one, and back into a folder", () =>
    inFolder(async (folder) => {
      const [from, to] = [`${folder}/from`, `${folder}/to`];
      await place(from, "blob", "log$52e-1-1", "hello");
      await opened(from, async (ddfs) => {
        await toTag(ddfs, "POST", "data:log", [["disco://a/ddfs/vol0/blob/00/log$52e-1-1"]]);
        await said(ddfs.fetch("http://localhost:8989/ddfs/tag/data:log/owner", { method: "PUT", body: '"me"' }));
        await said(
          ddfs.fetch("http://localhost:8989/ddfs/tag/data:log/ddfs:write-token", { method: "PUT", body: '"w"' }),
        );
      });
      const [one, other] = [new FakeBucket(), new FakeBucket()];
      const options = { after: TIMES.after };

      await copyStore({ root: from }, { objects: one.engine() }, options);
      await copyStore({ objects: one.engine() }, { objects: other.engine(), nodes: ["ddfs.example"] }, options);
      const result = await copyStore({ objects: other.engine() }, { root: to }, options);

      expect([result.blobs.all, result.tags.all]).toEqual([1, 1]);
      const tagOf = async (root: string) => {
        let tag: unknown;
        await opened(root, async (ddfs) => {
          tag = await (await toTag(ddfs, "GET", "data:log")).json();
          expect((await toTag(ddfs, "POST", "data:log", [])).status).toBe(401);
        });
        return tag;
      };
      expect(await tagOf(to)).toEqual(await tagOf(from));
      expect([...one.objects.keys()].map((key) => key.split("/")[0])).toEqual(["blob", "tag"]);
    }));

  it("goes on where one that was killed keeps the name of a blob that never came", () =>
    inFolder(async (folder) => {
      const size = 9 << 20;
      await opened(folder, async (ddfs) => {
        const put = { method: "PUT", body: new Uint8Array(size).fill(1) };
        expect((await said(ddfs.fetch("http://localhost:8989/ddfs/big$52e-1-1", put)))[0]).toBe(201);
      });
      const bucket = new FakeBucket();
      const killed = await inBucket(bucket, storeSetup({ nodes: ["localhost"] }));
      const writer = await killed.volumes.get("localhost")?.create("big$52e-1-1", { size });
      await writer?.write(new Uint8Array(size));

      const { blobs } = await copyStore({ root: folder }, { objects: bucket.engine() }, { after: TIMES.after });

      expect(blobs).toEqual({ all: 1, before: 0, bytes: size });
    }));

  it("takes an object that only keeps the name of a blob for no blob, and for a failure where a tag names it", async () => {
    const [bucket, other] = [new FakeBucket(), new FakeBucket()];
    const { volumes, tags } = await inBucket(bucket, storeSetup());
    await writeBlob(volumeOf(volumes), "log$52e-1-1", "hello");
    const writer = await volumeOf(volumes).create("big$52e-1-1", { size: 9 << 20 });
    await writer?.write(new Uint8Array(9 << 20));
    const options = { after: TIMES.after };
    const copied = () => copyStore({ objects: bucket.engine() }, { objects: other.engine() }, options);

    expect((await copied()).blobs.all).toBe(1);
    await tags.change("data", () => ({ urls: '[["disco://localhost/ddfs/vol0/blob/00/big$52e-1-1"]]' }));
    expect(await failure(copied())).toMatch(/big\$52e-1-1: the tag data names it, and it is not there/);
  });

  it("refuses to copy a bucket with nothing in it, and leaves nothing in the other one", async () => {
    const other = new FakeBucket();
    expect(await failure(copyStore({ objects: new FakeBucket().engine() }, { objects: other.engine() }))).toMatch(
      /^not-found .+ holds no DDFS: neither a tag nor a blob is there/,
    );
    expect(other.requests).toEqual([]);
  });

  it("refuses a bucket that somebody else copies", async () => {
    const [bucket, other] = [new FakeBucket(), new FakeBucket()];
    for (const { volumes } of [await inBucket(bucket, storeSetup()), await inBucket(other, storeSetup())]) {
      await writeBlob(volumeOf(volumes), "log$52e-1-1", "hello");
    }
    const claim = await Claim.take(bucket.engine(), TIMES);
    const options = { after: TIMES.after };

    expect(await failure(copyStore({ objects: bucket.engine() }, { objects: other.engine() }, options))).toMatch(
      /^locked /,
    );
    expect(await failure(copyStore({ objects: other.engine() }, { objects: bucket.engine() }, options))).toMatch(
      /^locked /,
    );
    await claim.release();
  });

  it("ends when the bucket is somebody else's by now", () =>
    inFolder(async (folder) => {
      for (let i = 0; i < 50; i++) await place(folder, "blob", `b${i}$52e-1-1`, "hello");
      const bucket = new FakeBucket();
      const engine = bucket.engine();
      const onProgress = ({ blobs }: { blobs: number }) => {
        if (blobs === 10) void engine.put("copying", new TextEncoder().encode('{"id":"another"}'));
      };
      const slow = { ...engine, put: engine.put.bind(engine), list: engine.list.bind(engine) };
      const objects = {
        ...slow,
        get: engine.get.bind(engine),
        head: engine.head.bind(engine),
        delete: engine.delete.bind(engine),
        put: async (...args: Parameters<typeof engine.put>) => {
          if (args[0].startsWith("blob/")) await wait(2000);
          return await engine.put(...args);
        },
      };

      expect(await failure(copyStore({ root: folder }, { objects }, { after: TIMES.after, onProgress }))).toMatch(
        /^locked .*being copied/,
      );
    }));
});
