import { describe, it } from "@std/testing/bdd";
import { DDFS } from "@ddfs/client";
import {
  type Embedded,
  embedded,
  type EmbeddedOptions,
  type Store,
  type TagStore,
  type Volume,
} from "@ddfs/client/embedded";
import { handTimer, MASTER, resolved, said, settled, stored, STORES, toTag } from "../helpers/embedded_stores.ts";
import { expect } from "../helpers/expect.ts";
import { inMemory, storeSetup } from "../helpers/store_setup.ts";

const DAY = 24 * 60 * 60 * 1000;
const OLD = "precious$703-1-1";

/** A DDFS in memory, some of whose store's methods are replaced, with a blob that is in no tag and older than any orphan may be. */
async function withOldBlob(
  own: { tags?: (tags: TagStore) => Partial<TagStore>; volume?: (volume: Volume) => Partial<Volume> },
  options: EmbeddedOptions = {},
): Promise<{ ddfs: Embedded; url: string; isThere(): Promise<boolean> }> {
  let now = Date.now() - 10 * DAY;
  const store: Store = await inMemory(storeSetup({ now: () => now }));
  const [volume] = store.volumes.values();
  if (volume === undefined) throw new Error("no volume");
  const { tags } = store;
  const changed: Store = {
    ...store,
    tags: {
      read: (name) => tags.read(name),
      change: (name, change) => tags.change(name, change),
      delete: (name, check) => tags.delete(name, check),
      names: (prefix) => tags.names(prefix),
      collect: () => tags.collect?.() ?? Promise.reject(),
      ...own.tags?.(tags),
    },
    volumes: new Map([["", {
      read: (object, range) => volume.read(object, range),
      create: (object, options) => volume.create(object, options),
      list: () => volume.list(),
      remove: (object) => volume.remove(object),
      space: () => volume.space(),
      ...own.volume?.(volume),
    }]]),
  };
  const ddfs = embedded({ store: changed, now: () => now, ...options });
  const url: string = await (await ddfs.fetch(`${MASTER}/ddfs/${OLD}`, { method: "PUT", body: "bytes" })).json();
  now = Date.now();
  return { ddfs, url, isThere: async () => (await ddfs.fetch(resolved(url))).status === 200 };
}

const NOTHING = { objects: 0, bytes: 0 };

for (const [kind, use] of STORES) {
  describe(`a collection (${kind} store)`, () => {
    it("says how much it kept and deleted", () =>
      use(async (ddfs) => {
        const used = await stored(ddfs, "used$703-1-1", "123");
        await stored(ddfs, "orphan$703-1-2", "12345");
        await toTag(ddfs, "POST", "kept", [[used]]);
        await toTag(ddfs, "POST", "gone", [["x"]]);
        await toTag(ddfs, "DELETE", "gone");

        const { tags, blobs } = await ddfs.gc();

        expect(blobs).toEqual({ kept: { objects: 1, bytes: 3 }, deleted: { objects: 1, bytes: 5 } });
        // In a bucket, the head of a deleted tag stays.
        expect([tags.kept.objects, tags.deleted.objects]).toEqual([2, kind === "objects" ? 0 : 1]);
        expect(await ddfs.gc()).toMatchObject({ tags: { deleted: NOTHING }, blobs: { deleted: NOTHING } });
      }, { orphanAge: 0, now: () => Date.now() + 1000 }));

    it("deletes none of the blobs that move from tag to tag all the time", () =>
      use(async (ddfs) => {
        const client = new DDFS(ddfs.master, { fetch: ddfs.fetch, settings: {} });
        const names = Array.from({ length: 12 }, (_, i) => `blob${i}`);
        const urls = await Promise.all(names.map(async (name) => {
          return (await client.push(`${name}:0`, [[new Blob([name]), name]])).blobs[0] ?? [];
        }));
        let isMoving = true;
        const moving = names.map(async (name, i) => {
          const blob = urls[i] ?? [];
          for (let move = 0; move < 15; move++) {
            await client.tag(`${name}:${move + 1}`, [blob], { delayed: move % 3 === 0 });
            if (move % 2 === 0) await client.delete(`${name}:${move}`);
            else await client.put(`${name}:${move}`, []);
          }
        });
        const collecting = (async () => {
          while (isMoving) await ddfs.gc();
        })();
        await Promise.all(moving).finally(() => isMoving = false);
        await collecting;
        await ddfs.gc();

        const left = await Promise.all(names.map(async (name) => {
          for await (const blob of client.pull(`${name}:15`)) return await blob.text();
        }));
        expect(left).toEqual(names);
      }, { orphanAge: 0, now: () => Date.now() + 1000, after: (_, run) => timer(run) }));
  });
}

function timer(run: () => void): () => void {
  const id = setTimeout(run, 1);
  return () => clearTimeout(id);
}

describe("a collection", () => {
  const spellings: Record<string, (url: string) => string> = {
    "as it was given": (url) => url,
    "with %24 for $": (url) => url.replace("$", "%24"),
    "with an escaped letter": (url) => url.replace("precious", "%70recious"),
    "escaped twice": (url) => url.replace("$", "%2524"),
    "with a query": (url) => `${url}?download=1`,
    "with a query that has slashes": (url) => `${url}?x=a/b`,
    "with a fragment": (url) => `${url}#page`,
    "by http, with a port": (url) => url.replace("disco://localhost", "http://localhost:8989"),
    "of another host": (url) => url.replace("localhost", "elsewhere.example"),
    "through a proxy": (url) => url.replace("/ddfs/", "/proxy/localhost/GET/ddfs/"),
    "in a query": (url) => `http://gateway.example/?blob=${encodeURIComponent(url)}`,
    "in brackets": (url) => `<${url}>`,
    "with a broken escape": (url) => `${url}?%`,
  };
  for (const [name, spell] of Object.entries(spellings)) {
    it(`keeps a blob whose URL stands in a tag ${name}`, async () => {
      const { ddfs, url, isThere } = await withOldBlob({});
      await toTag(ddfs, "PUT", "data", [["tag://other"], [spell(url)]]);

      await ddfs.gc();

      expect(await isThere()).toBe(true);
      await ddfs.close();
    });
  }

  it("deletes a blob that is in no tag, when it is as old as orphanAge says", async () => {
    for (const [orphanAge, isKept] of [[undefined, false], [9 * DAY, false], [11 * DAY, true]] as const) {
      const { ddfs, isThere } = await withOldBlob({}, orphanAge === undefined ? {} : { orphanAge });

      await ddfs.gc();

      expect(await isThere()).toBe(isKept);
      await ddfs.close();
    }
    expect(() => embedded({ orphanAge: -1 })).toThrow("Invalid orphanAge");
  });

  it("keeps a blob that moves to a tag that was read already", async () => {
    let move = () => Promise.resolve();
    const { ddfs, url, isThere } = await withOldBlob({
      tags: (tags) => ({
        async read(name) {
          const tag = await tags.read(name);
          if (name !== "b") return tag;
          await move();
          return await tags.read(name);
        },
      }),
    });
    await toTag(ddfs, "PUT", "a", []);
    await toTag(ddfs, "PUT", "b", [[url]]);
    move = async () => {
      move = () => Promise.resolve();
      await settled();
      await toTag(ddfs, "POST", "a", [[url]]);
      await toTag(ddfs, "PUT", "b", []);
    };

    await ddfs.gc();

    expect(await isThere()).toBe(true);
    await ddfs.close();
  });

  it("keeps a blob whose tag is being written when it begins", async () => {
    const writes: (() => void)[] = [];
    let emptied = () => {};
    const isEmptied = new Promise<void>((resolve) => emptied = resolve);
    let isSlow = false;
    const { ddfs, url, isThere } = await withOldBlob({
      tags: (tags) => ({
        async change(name, change) {
          if (isSlow && name === "a") await new Promise<void>((resolve) => writes.push(resolve));
          return await tags.change(name, change);
        },
        async read(name) {
          if (isSlow && name === "b") await isEmptied;
          return await tags.read(name);
        },
      }),
    });
    await toTag(ddfs, "PUT", "a", []);
    await toTag(ddfs, "PUT", "b", [[url]]);
    isSlow = true;

    const appended = toTag(ddfs, "POST", "a", [[url]]);
    await settled();
    const collected = ddfs.gc();
    await settled();
    writes.forEach((write) => write());
    expect((await appended).status).toBe(200);
    await toTag(ddfs, "PUT", "b", []);
    emptied();
    await collected;

    expect(await isThere()).toBe(true);
    await ddfs.close();
  });

  it("keeps a blob whose append waits for others when it begins", async () => {
    const { after, fire } = handTimer();
    const { ddfs, url, isThere } = await withOldBlob({}, { after });
    await toTag(ddfs, "PUT", "data", []);
    const appended = toTag(ddfs, "POST", "data?delayed=1", [[url]]);
    await settled();

    await ddfs.gc();

    fire();
    expect((await appended).status).toBe(200);
    expect(await isThere()).toBe(true);
    await ddfs.close();
  });

  it("keeps what is uploaded meanwhile, however short orphans are kept", async () => {
    let upload = () => Promise.resolve();
    const { ddfs, isThere } = await withOldBlob({
      volume: (volume) => ({
        async *list() {
          await upload();
          yield* volume.list();
        },
      }),
    }, { orphanAge: 0 });
    let url = "";
    upload = async () => void (url = await stored(ddfs, "new$703-1-9", "new"));

    const { blobs } = await ddfs.gc();

    expect([await isThere(), (await ddfs.fetch(url)).status, blobs.kept.objects]).toEqual([false, 200, 1]);
    await ddfs.close();
  });

  it("has deleted a blob before a tag gets it that is put there too late", async () => {
    let remove = () => {};
    const { ddfs, url } = await withOldBlob({
      volume: (volume) => ({
        async remove(object) {
          await new Promise<void>((resolve) => remove = resolve);
          await volume.remove(object);
        },
      }),
    });
    const collected = ddfs.gc();
    await settled();
    let isTagged = false;

    const appended = toTag(ddfs, "POST", "data", [[url]]).then(() => isTagged = true);
    await settled();
    expect(isTagged).toBe(false);
    remove();
    await collected;

    expect([await appended, (await ddfs.fetch(resolved(url))).status]).toEqual([true, 404]);
    await ddfs.close();
  });

  it("deletes nothing when a tag cannot be read, and names it", async () => {
    const cause = new Error("EIO");
    const { ddfs, isThere } = await withOldBlob({
      tags: (tags) => ({ read: (name) => name === "torn" ? Promise.reject(cause) : tags.read(name) }),
    });
    for (const name of ["deleted", "fine", "torn"]) {
      await ddfs.fetch(`${MASTER}/ddfs/tag/${name}`, { method: "PUT", body: "[]" });
    }
    await toTag(ddfs, "DELETE", "deleted");

    await expect(ddfs.gc()).rejects.toMatchObject({
      name: "DiscoError",
      message: expect.stringMatching(/^the tag torn cannot be read, so nothing was deleted/),
      cause,
    });

    const [, status] = await said(ddfs.fetch(`${MASTER}/ddfs/ctrl/gc_status`));
    expect(status).toMatch(/^"GC failed: the tag torn cannot be read/);
    expect(await isThere()).toBe(true);
    await ddfs.close();
  });

  it("tells what it does, and ends the waiting when it should", async () => {
    const { ddfs } = await withOldBlob({});
    const told: string[] = [];
    await ddfs.gc({ onProgress: ({ status }) => told.push(status) });
    expect(told).toEqual(["map_wait", "gc"].map((phase) => `GC is scanning DDFS (phase ${phase}).`));

    const reason = new Error("enough");
    await expect(ddfs.gc({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const failing = () => {
      throw reason;
    };
    await expect(ddfs.gc({ onProgress: failing })).rejects.toBe(reason);
    await ddfs.close();
  });

  it("ends the waiting at the deadline", async () => {
    const { after, fire } = handTimer();
    let listed = () => {};
    const { ddfs } = await withOldBlob({
      volume: (volume) => ({
        async *list() {
          await new Promise<void>((resolve) => listed = resolve);
          yield* volume.list();
        },
      }),
    }, { after });

    const collected = ddfs.gc({ deadline: 50 });
    await settled();
    fire();

    await expect(collected).rejects.toMatchObject({ code: "timeout" });
    listed();
    await ddfs.close();
  });
});
