import { describe, it } from "@std/testing/bdd";
import type { Store, StoreSetup } from "../../lib/embedded/stores/store.ts";
import { inFolder } from "../helpers/embedded_stores.ts";
import { expect } from "../helpers/expect.ts";
import { FakeBucket } from "../helpers/objects/fake_bucket.ts";
import { REAL_ENGINES } from "../helpers/objects/real_engines.ts";
import {
  blobText,
  inBucket,
  inMemory,
  onDisk,
  storeSetup,
  textOf,
  volumeOf,
  writeBlob,
} from "../helpers/store_setup.ts";

/** A way to use a store, which opens as often as it is asked to, one after the other, on the same data. */
type UseStore = (task: (open: Open) => Promise<void>) => Promise<void>;

/** The stores that this suite holds to the contract. */
const KINDS: readonly (readonly [name: string, use: UseStore])[] = REAL_ENGINES.length > 0
  ? REAL_ENGINES.map(([name, place]) => [name, inBuckets(() => ({ engine: place() }))])
  : [
    ["memory", (task) => task((setup) => inMemory(storeSetup(setup)))],
    ["disk", (task) => inFolder((root) => task((setup) => onDisk(root, storeSetup(setup))))],
    ["objects", inBuckets(() => new FakeBucket())],
  ];

function inBuckets(make: () => Pick<FakeBucket, "engine">): UseStore {
  return (task) => {
    const bucket = make();
    return task((setup) => inBucket(bucket, storeSetup(setup)));
  };
}

type Open = (setup?: Partial<StoreSetup>) => Promise<Store>;

for (const [kind, use] of KINDS) {
  /** Uses a store that is open, and closes it. */
  const withStore = (task: (store: Store) => Promise<void>, setup?: Partial<StoreSetup>) =>
    use(async (open) => {
      const store = await open(setup);
      try {
        await task(store);
      } finally {
        await store.close();
      }
    });

  const namesIn = async ({ tags }: Store, prefix = "") => (await Array.fromAsync(tags.names(prefix))).sort();
  const append = ({ tags }: Store, name: string, ...urls: string[]) =>
    tags.change(
      name,
      (tag) => ({ urls: JSON.stringify([...urls.map((url) => [url]), ...JSON.parse(tag?.urls ?? "[]")]) }),
    );
  const urlsIn = async ({ tags }: Store, name: string): Promise<string[] | undefined> =>
    JSON.parse((await tags.read(name))?.content.urls ?? "null")?.flat();

  describe(`a volume (${kind} store)`, () => {
    it("gives a blob with its size, its time and its bytes", () =>
      withStore(async ({ volumes }) => {
        const volume = volumeOf(volumes);
        // S3 tells whole seconds.
        const before = Date.now() - 1010;
        await writeBlob(volume, "log$703-1-1", "0123456789");

        const found = await volume.read("log$703-1-1");

        expect(found?.size).toBe(10);
        expect(found?.modified).toBeGreaterThan(before);
        expect(found && await textOf(found)).toBe("0123456789");
      }));

    it("gives the part of a blob that is asked for, with the size of all of it", () =>
      withStore(async ({ volumes }) => {
        const volume = volumeOf(volumes);
        await writeBlob(volume, "log$703-1-1", "0123456789");
        const part = async (range: { start?: number; end?: number }) => {
          const found = await volume.read("log$703-1-1", range);
          return found && [found.size, await textOf(found)];
        };

        expect(await part({ start: 3, end: 5 })).toEqual([10, "34"]);
        expect(await part({ start: 8 })).toEqual([10, "89"]);
        expect(await part({ end: 2 })).toEqual([10, "01"]);
        expect(await part({ start: 0, end: 1000 })).toEqual([10, "0123456789"]);
        expect(await part({ start: 0, end: 0 })).toEqual([10, ""]);
        expect(await part({ start: 10 })).toEqual([10, ""]);
        expect(await part({ start: 1000, end: 2000 })).toEqual([10, ""]);
      }));

    it("gives memory that its reader may change", () =>
      withStore(async ({ volumes }) => {
        const volume = volumeOf(volumes);
        await writeBlob(volume, "log$703-1-1", "0123456789");

        for await (const piece of (await volume.read("log$703-1-1"))?.stream ?? []) piece.fill(0);

        expect(await blobText(volume, "log$703-1-1")).toBe("0123456789");
      }));

    it("has no blob before it is committed, nor one that was given up", () =>
      withStore(async ({ volumes }) => {
        const volume = volumeOf(volumes);
        const writer = await volume.create("log$703-1-1");
        await writer?.write(new Uint8Array(10));

        expect(await volume.read("log$703-1-1")).toBe(undefined);
        expect(await Array.fromAsync(volume.list())).toEqual([]);
        await writer?.close();

        expect(await volume.read("log$703-1-1")).toBe(undefined);
        expect(await writeBlob(volume, "log$703-1-1", "new")).toBe(true);
      }));

    it("keeps the first of two blobs of one name, whichever way they meet", () =>
      withStore(async ({ volumes }) => {
        const volume = volumeOf(volumes);
        const writers = await Promise.all([volume.create("log$703-1-1"), volume.create("log$703-1-1")]);
        await Promise.all(writers.map((writer, i) => writer?.write(new TextEncoder().encode(`${i}`))));

        const committed = await Promise.all(writers.map((writer) => writer?.commit()));

        expect(committed.filter(Boolean).length).toBe(1);
        expect(await blobText(volume, "log$703-1-1")).toBe(`${committed.indexOf(true)}`);
        expect(await volume.create("log$703-1-1")).toBe(undefined);
        for (const writer of writers) await writer?.close();
      }));

    it("keeps one of two large blobs of one name that come at the same time, with or without a length", () =>
      withStore(async ({ volumes }) => {
        const volume = volumeOf(volumes);
        const size = 9 << 20;
        const store = async (object: string, fill: number, options?: { size: number }) => {
          const writer = await volume.create(object, options);
          for (let at = 0; at < size; at += 1 << 20) await writer?.write(new Uint8Array(1 << 20).fill(fill));
          const isStored = await writer?.commit();
          await writer?.close();
          return isStored === true;
        };

        for (const [object, options] of [["log$703-1-1", { size }], ["log$703-1-2", undefined]] as const) {
          const stored = await Promise.all([1, 2].map((fill) => store(object, fill, options)));

          const bytes = new Uint8Array(await new Response((await volume.read(object))?.stream).arrayBuffer());
          expect(stored.filter(Boolean).length).toBe(1);
          expect([bytes.length, bytes[0], bytes.at(-1)]).toEqual([size, ...Array(2).fill(stored.indexOf(true) + 1)]);
        }
      }));

    it("lists its blobs, and none that was removed", () =>
      withStore(async ({ volumes }) => {
        const volume = volumeOf(volumes);
        await writeBlob(volume, "a$703-1-1", "a");
        await writeBlob(volume, "b$703-1-1", "bb");
        await writeBlob(volume, "c$703-1-1", "ccc");
        await volume.remove("b$703-1-1");
        await volume.remove("b$703-1-1");

        const listed = (await Array.fromAsync(volume.list())).map(({ object, size }) => [object, size]);

        expect(listed.sort()).toEqual([["a$703-1-1", 1], ["c$703-1-1", 3]]);
        expect(await volume.read("b$703-1-1")).toBe(undefined);
      }));
  });

  describe(`the tags of a store (${kind})`, () => {
    it("are made by a change, and changed by the next", () =>
      withStore(async (store) => {
        expect(await store.tags.read("data")).toBe(undefined);
        const first = await append(store, "data", "a");
        const second = await store.tags.change("data", () => ({ user: new Map([["owner", "ann"]]) }));

        const tag = await store.tags.read("data");

        expect(tag).toEqual({
          object: second.object,
          nodes: [""],
          content: {
            id: second.object,
            lastModified: expect.stringMatching(/^\d{4}\//),
            readToken: null,
            writeToken: null,
            urls: '[["a"]]',
            user: new Map([["owner", "ann"]]),
          },
        });
        expect(first.object === second.object).toBe(false);
      }));

    it("keep what each of many changes did that come at the same time", () =>
      withStore(async (store) => {
        await Promise.all(Array.from({ length: 100 }, (_, i) => append(store, "data", `${i}`)));

        expect((await urlsIn(store, "data"))?.map(Number).sort((a, b) => a - b)).toEqual(
          Array.from({ length: 100 }, (_, i) => i),
        );
      }));

    it("show each change of a bundle the version that the changes before it make", () =>
      withStore(async (store) => {
        const ids: (string | undefined)[] = [];
        await append(store, "data", "a");

        const versions = await Promise.all([1, 2, 3].map((n) =>
          store.tags.change("data", (tag) => {
            ids.push(tag?.id);
            return { user: new Map([...tag?.user ?? [], [`${n}`, "set"]]) };
          })
        ));

        const last = await store.tags.read("data");
        expect([...last?.content.user.keys() ?? []]).toEqual(["1", "2", "3"]);
        expect(versions.at(-1)?.object).toBe(last?.object);
        // What is bound to a version finds out that another change came before it.
        expect(ids[1] === ids[0]).toBe(false);
      }));

    it("stay as they are when a change is refused or changes nothing, and others of its bundle are made", () =>
      withStore(async (store) => {
        const before = await append(store, "data", "a");
        const refusal = new Error("not you");

        expect(await store.tags.change("data", () => undefined)).toMatchObject({ object: before.object });
        const [refused, made] = await Promise.allSettled([
          store.tags.change("data", () => {
            throw refusal;
          }),
          append(store, "data", "b"),
        ]);

        expect(refused).toEqual({ status: "rejected", reason: refusal });
        expect(made.status).toBe("fulfilled");
        expect(await urlsIn(store, "data")).toEqual(["b", "a"]);
      }));

    it("are gone when they are deleted, and begin anew", () =>
      withStore(async (store) => {
        await store.tags.change("data", () => ({ urls: '[["a"]]', writeToken: "W" }));
        const seen: (string | null | undefined)[] = [];
        const check = (tag: { writeToken: string | null } | undefined) => void seen.push(tag?.writeToken);

        await store.tags.delete("data", check);
        await store.tags.delete("data", check);
        expect([await store.tags.read("data"), await namesIn(store)]).toEqual([undefined, []]);
        // A store may ask again.
        expect([seen[0], seen.at(-1), seen.lastIndexOf("W") < seen.indexOf(undefined)]).toEqual(["W", undefined, true]);

        await store.tags.change("data", (tag) => ({ urls: tag === undefined ? '[["new"]]' : '[["old"]]' }));
        expect((await store.tags.read("data"))?.content).toMatchObject({ urls: '[["new"]]', writeToken: null });
      }));

    it("stay when their deletion is refused", () =>
      withStore(async (store) => {
        await append(store, "data", "a");

        const deletion = store.tags.delete("data", () => {
          throw new Error("not you");
        });

        await expect(deletion).rejects.toThrow("not you");
        expect(await namesIn(store)).toEqual(["data"]);
      }));

    it("are listed by prefix", () =>
      withStore(async (store) => {
        for (const name of ["data:a", "data:b", "other"]) await append(store, name, "u");

        expect(await namesIn(store)).toEqual(["data:a", "data:b", "other"]);
        expect(await namesIn(store, "data:")).toEqual(["data:a", "data:b"]);
        expect(await namesIn(store, "nothing")).toEqual([]);
      }));

    it("are many, and deleted all at once", () =>
      withStore(async (store) => {
        const names = Array.from({ length: 1200 }, (_, i) => `data:${i}`);
        await Promise.all(names.map((name) => append(store, name, "u")));

        await Promise.all(names.slice(1).map((name) => store.tags.delete(name, () => {})));

        expect(await namesIn(store)).toEqual(["data:0"]);
      }));

    it("leave nothing behind when what is of no use is collected", () =>
      withStore(async (store) => {
        for (const name of ["kept", "deleted"]) await append(store, name, "u");
        await store.tags.delete("deleted", () => {});

        const collected = await store.tags.collect?.();

        expect(collected?.deleted.objects ?? 1).toBe(1);
        expect(await namesIn(store)).toEqual(["kept"]);
        expect(await urlsIn(store, "kept")).toEqual(["u"]);
        await append(store, "deleted", "again");
        expect(await urlsIn(store, "deleted")).toEqual(["again"]);
      }));

    it("are on as many nodes as they should be, on others when one may get nothing new", () => {
      const nodes = ["a", "b", "c"];
      const writable = [...nodes];
      return withStore(async (store) => {
        expect((await append(store, "data", "u")).nodes).toEqual(["a", "b"]);
        writable.shift();

        expect((await append(store, "data", "v")).nodes).toEqual(["b", "c"]);
        expect(await urlsIn(store, "data")).toEqual(["v", "u"]);
        writable.length = 0;
        await expect(append(store, "data", "w")).rejects.toMatchObject({ status: 500 });
      }, { nodes, writable: () => writable, tagReplicas: 2 });
    });
  });
}
