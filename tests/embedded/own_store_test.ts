import { describe, it } from "@std/testing/bdd";
import { DiscoError } from "@ddfs/client";
import { embedded, type Store, type Volume } from "@ddfs/client/embedded";
import { MASTER, said, toTag, urlsOf } from "../helpers/embedded_stores.ts";
import { expect } from "../helpers/expect.ts";
import { inMemory, storeSetup } from "../helpers/store_setup.ts";

/** A store in memory whose only volume is changed in some way. */
async function storeWith(change: (volume: Volume) => Volume, setup = storeSetup()): Promise<Store> {
  const store = await inMemory(setup);
  return { ...store, volumes: new Map(Array.from(store.volumes, ([node, volume]) => [node, change(volume)])) };
}

/** A volume whose methods are another's, but some. */
function volumeWith(volume: Volume, own: Partial<Volume>): Volume {
  return {
    read: (...args) => volume.read(...args),
    create: (...args) => volume.create(...args),
    list: () => volume.list(),
    remove: (object) => volume.remove(object),
    space: () => volume.space(),
    ...own,
  };
}

const PUT = { method: "PUT", body: "0123456789" };
const BLOB = `${MASTER}/ddfs/log$703-51719-576dd`;
const STORED = `${MASTER}/ddfs/vol0/blob/0c/log$703-51719-576dd`;

describe("embedded({ store })", () => {
  it("keeps everything in the store, which is opened when it is needed and closed at the end", async () => {
    const events: string[] = [];
    const ddfs = embedded({
      nodes: ["a", "b"],
      store: async (setup) => {
        events.push(`open ${setup.nodes}`);
        const store = await inMemory(setup);
        return { ...store, close: () => Promise.resolve(void events.push("close")) };
      },
    });
    expect(events).toEqual([]);

    await toTag(ddfs, "POST", "data", [["u"]]);
    expect(await urlsOf(ddfs, "data")).toEqual([["u"]]);
    await ddfs.close();

    expect(events).toEqual(["open a,b", "close"]);
  });

  it("answers with the reason for which a volume refuses a blob, and stores nothing", async () => {
    const refusing = (volume: Volume) =>
      volumeWith(volume, {
        create: () => Promise.reject(new DiscoError("the bucket is read-only", { code: "server-error" })),
      });
    const ddfs = embedded({ store: await storeWith(refusing) });

    const [status, text] = await said(ddfs.fetch(BLOB, PUT));

    expect([status, text]).toEqual([500, expect.stringMatching(/^Write failed .*: the bucket is read-only$/)]);
    expect((await ddfs.fetch(STORED)).status).toBe(404);
    await ddfs.close();
  });

  it("tells a volume how much will come, and asks it once for a blob or a range of it", async () => {
    const calls: unknown[] = [];
    const telling = (volume: Volume) =>
      volumeWith(volume, {
        create: (object, options) => (calls.push(["create", options?.size]), volume.create(object, options)),
        read: (object, range) => (calls.push(["read", range?.start, range?.end]), volume.read(object, range)),
      });
    const ddfs = embedded({ store: await storeWith(telling) });
    await ddfs.fetch(BLOB, { ...PUT, headers: { "Content-Length": "10" } });

    expect(await said(ddfs.fetch(STORED))).toEqual([200, "0123456789"]);
    expect(await said(ddfs.fetch(STORED, { headers: { Range: "bytes=2-4" } }))).toEqual([206, "234"]);
    expect(await said(ddfs.fetch(STORED, { headers: { Range: "bytes=7-" } }))).toEqual([206, "789"]);
    expect((await ddfs.fetch(STORED, { method: "HEAD" })).headers.get("Content-Length")).toBe("10");

    expect(calls).toEqual([["create", 10], ["read", 0, Infinity], ["read", 2, 5], ["read", 7, Infinity], [
      "read",
      0,
      0,
    ]]);
    await ddfs.close();
  });

  it("gives up each stream of a volume that it does not read to its end", async () => {
    let open = 0;
    const counting = (volume: Volume) =>
      volumeWith(volume, {
        async read(object, range) {
          const found = await volume.read(object, range);
          if (found === undefined) return undefined;
          open++;
          const reader = found.stream.getReader();
          const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
            async pull(controller) {
              const { done, value } = await reader.read();
              if (!done) return controller.enqueue(value);
              open--;
              controller.close();
            },
            cancel: () => void open--,
          }, { highWaterMark: 0 });
          return { ...found, stream };
        },
      });
    const ddfs = embedded({ store: await storeWith(counting) });
    await ddfs.fetch(BLOB, PUT);
    const { headers } = await ddfs.fetch(STORED, { method: "HEAD" });

    await ddfs.fetch(STORED, { headers: { "If-None-Match": headers.get("ETag") ?? "" } });
    await (await ddfs.fetch(STORED)).body?.cancel();
    await said(ddfs.fetch(STORED, { headers: { Range: "bytes=-3" } }));
    await said(ddfs.fetch(STORED, { headers: { Range: "bytes=0-1,4-5" } }));
    await said(ddfs.fetch(STORED, { headers: { Range: "bytes=90-99" } }));

    expect(open).toBe(0);
    await ddfs.close();
  });

  it("refuses a root beside it, and a store without a volume for each node", async () => {
    const store = await storeWith((volume) => volume);
    expect(() => embedded({ root: "/tmp/x", store })).toThrow("Give either root or store");

    const ddfs = embedded({ nodes: ["a"], store });

    await expect(ddfs.ready()).rejects.toMatchObject({ code: "invalid-argument" });
  });
});
