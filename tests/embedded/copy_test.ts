import { describe, it } from "@std/testing/bdd";
import { type CopyPlace, type CopyProgress, copyStore, type Store, type Volume } from "@ddfs/client/embedded";
import { expect } from "../helpers/expect.ts";
import { filesIn, inFolder, opened, place, toTag, urlsOf } from "../helpers/embedded_stores.ts";
import { inMemory, storeSetup, volumeOf, writeBlob } from "../helpers/store_setup.ts";

/** A tag as a node of Disco stores it. */
function nodeTag(id: string, urls: string[][], more: Record<string, unknown> = {}): string {
  const fields = { "last-modified": "2013/05/07 10:11:12", "read-token": null, "write-token": null, ...more };
  return JSON.stringify({ version: 1, id, ...fields, urls, "user-data": { owner: "me", "1": "one" } });
}

/** Uses two folders, which are gone afterwards. */
const inFolders = (task: (from: string, to: string) => Promise<void>) =>
  inFolder((folder) => task(`${folder}/from`, `${folder}/to`));

const failure = async (work: Promise<unknown>) =>
  await work.then(() => "none", ({ code, message }) => `${code} ${message}`);

/** Fills a folder as a client does. */
async function filled(root: string, blobs: Readonly<Record<string, string>>): Promise<void> {
  await opened(root, async (ddfs) => {
    for (const [name, text] of Object.entries(blobs)) {
      const [url = ""] = await (await ddfs.fetch(`http://localhost:8989/ddfs/new_blob/${name}`)).json();
      const url2 = await (await ddfs.fetch(url, { method: "PUT", body: text })).json();
      await toTag(ddfs, "POST", `data:${name}`, [[url2]]);
    }
  });
}

/** A store in memory, one of whose volumes is changed. */
async function storeWith(change: (volume: Volume) => Partial<Volume>): Promise<Store> {
  const store = await inMemory(storeSetup());
  const volume = volumeOf(store.volumes);
  const methods = {
    read: volume.read.bind(volume),
    create: volume.create.bind(volume),
    list: volume.list.bind(volume),
    remove: volume.remove.bind(volume),
    space: volume.space.bind(volume),
  };
  return { ...store, volumes: new Map([["", { ...methods, ...change(volume) }]]) };
}

describe("copyStore()", () => {
  it("copies blobs and tags, which keep their names, URLs, attributes, tokens and versions", () =>
    inFolders(async (from, to) => {
      const url = "disco://gone.example/ddfs/vol0/blob/9e/log$52e-1-1";
      await place(from, "blob", "log$52e-1-1", "hello");
      await place(from, "blob", "empty$52e-1-2", "");
      const tag = nodeTag("data:log$52e-2-2", [[url], ["tag://data:other"]], { "read-token": "r", "write-token": "w" });
      await place(from, "tag", "data:log$52e-2-2", tag);
      await place(from, "tag", "data:log$52e-2-1", nodeTag("data:log$52e-2-1", []));

      const result = await copyStore({ root: from }, { root: to });

      expect(result).toEqual({
        blobs: { all: 2, before: 0, bytes: 5 },
        tags: { all: 1, before: 0 },
        failed: [],
        elsewhere: { blobs: 0, hosts: [] },
      });
      const files = await filesIn(to);
      expect(files.map((file) => file.split("/").at(-1)).sort()).toEqual([
        "data:log$52e-2-2",
        "empty$52e-1-2",
        "log$52e-1-1",
      ]);
      const written = files.find((file) => file.endsWith("data:log$52e-2-2"));
      expect(JSON.parse(await Deno.readTextFile(`${to}/${written}`))).toEqual(JSON.parse(tag));
      await opened(to, async (ddfs) => {
        expect((await toTag(ddfs, "GET", "data:log")).status).toBe(401);
        const answer = await toTag(ddfs, "GET", "data:log", undefined, "r");
        expect((await answer.json()).urls).toEqual([[url], ["tag://data:other"]]);
      });
    }));

  it("copies one replica of each blob of several nodes, the newest version of each tag, and no deleted tag", () =>
    inFolders(async (from, to) => {
      const nodes = ["node1", "node2", "node3"];
      for (const node of nodes.slice(0, 2)) await place(`${from}/${node}`, "blob", "log$52e-1-1", "hello");
      await place(`${from}/node3`, "blob", "log$52e-1-1", "hell");
      await place(`${from}/node3`, "blob", "other$52e-1-1", "other");
      await place(`${from}/node1`, "tag", "data:log$52e-2-1", nodeTag("data:log$52e-2-1", []));
      await place(`${from}/node2`, "tag", "data:log$52e-2-2", nodeTag("data:log$52e-2-2", [["disco://node1/a"]]));
      await place(`${from}/node2`, "tag", "gone$52e-2-2", nodeTag("gone$52e-2-2", []));
      await place(`${from}/node1`, "tag", "+deleted$52e-3-3", nodeTag("+deleted$52e-3-3", [["tag://gone"]]));

      const { blobs, tags } = await copyStore({ root: from, nodes }, { root: to });

      expect([blobs, tags]).toEqual([{ all: 2, before: 0, bytes: 10 }, { all: 1, before: 0 }]);
      await opened(to, async (ddfs) => {
        expect(await urlsOf(ddfs, "data:log")).toEqual([["disco://node1/a"]]);
        const path = (await filesIn(to)).find((file) => file.endsWith("log$52e-1-1"));
        expect(await (await ddfs.fetch(`http://localhost:8989/ddfs/${path}`)).text()).toBe("hello");
      });
      const kept = await copyStore({ root: from, nodes }, { root: `${to}-nodes`, nodes });
      expect(kept.blobs.all).toBe(4);
      expect(await failure(copyStore({ root: from, nodes }, { root: `${to}-2`, nodes: ["node1", "node2"] }))).toMatch(
        /^invalid-argument .*no node "node3", only node1, node2/,
      );
    }));

  it("compares what is there already, and writes it no second time", () =>
    inFolders(async (from, to) => {
      await filled(from, { a: "1", b: "22", c: "333" });
      await copyStore({ root: from }, { root: to });
      const before = await filesIn(to);

      const again = await copyStore({ root: from }, { root: to });

      expect(again).toMatchObject({ blobs: { all: 3, before: 3, bytes: 6 }, tags: { all: 3, before: 3 }, failed: [] });
      expect(await filesIn(to)).toEqual(before);
    }));

  it("goes on where it was when it was ended", () =>
    inFolders(async (from, to) => {
      await filled(from, Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`b${i}`, `blob ${i}`])));
      const stop = new AbortController();
      const reason = new Error("enough");
      const onProgress = ({ blobs }: CopyProgress) => blobs === 10 && stop.abort(reason);

      const ended = await copyStore({ root: from }, { root: to }, { signal: stop.signal, onProgress })
        .catch((error) => error);
      expect(ended).toBe(reason);
      await opened(to, async (ddfs) => {
        expect(await (await ddfs.fetch("http://localhost:8989/ddfs/tags")).json()).toEqual([]);
      });
      const { blobs, tags } = await copyStore({ root: from }, { root: to });
      expect([blobs.all, blobs.before >= 10, tags]).toEqual([30, true, { all: 30, before: 0 }]);
    }));

  it("tells how far it is", () =>
    inFolders(async (from, to) => {
      await filled(from, { a: "1".repeat(600_000), b: "22" });
      const told: CopyProgress[] = [];

      await copyStore({ root: from }, { root: to }, { onProgress: (progress) => told.push(progress) });

      const all = { bytesIn: 600_002, bytesOut: 600_002, blobs: 2, total: 600_002 };
      expect(told[0]).toEqual({ bytesIn: 0, bytesOut: 0, blobs: 0, tags: 0, name: "", total: 600_002 });
      expect(told.at(-1)).toMatchObject({ ...all, tags: 2, name: expect.stringMatching(/^data:/) });
      expect(told.find(({ tags }) => tags > 0)).toMatchObject(all);
      expect(told.map(({ bytesIn }) => bytesIn)).toEqual(told.map(({ bytesIn }) => bytesIn).sort((a, b) => a - b));
    }));

  it("refuses a folder that somebody uses, on either side, and one with volumes that it would leave out", () =>
    inFolders(async (from, to) => {
      await filled(from, { a: "1" });
      await filled(to, { a: "1" });
      await opened(from, async (ddfs) => {
        await ddfs.ready();
        expect(await failure(copyStore({ root: from }, { root: to }))).toMatch(/^locked .*in use/);
        expect(await failure(copyStore({ root: to }, { root: from }))).toMatch(/^locked .*in use/);
      });
      expect(await failure(copyStore({ root: from }, { root: from }))).toMatch(/^locked /);
      await Deno.mkdir(`${from}/vol1`);
      expect(await failure(copyStore({ root: from }, { root: to }))).toMatch(/^unsupported .* has vol1, and only vol0/);
    }));

  it("refuses to replace what differs", () =>
    inFolders(async (from, to) => {
      await place(from, "blob", "log$52e-1-1", "hello");
      await place(to, "blob", "log$52e-1-1", "hullo");
      expect(await failure(copyStore({ root: from }, { root: to }))).toMatch(
        /log\$52e-1-1 is there already, with other bytes/,
      );

      await place(to, "blob", "log$52e-1-1", "hello");
      await place(from, "tag", "data$52e-2-2", nodeTag("data$52e-2-2", [["disco://a/b"]]));
      await place(to, "tag", "data$52e-2-3", nodeTag("data$52e-2-3", [["disco://a/c"]]));
      expect(await failure(copyStore({ root: from }, { root: to }))).toMatch(
        /tag data is there already, with other contents/,
      );
      await opened(to, async (ddfs) => expect(await urlsOf(ddfs, "data")).toEqual([["disco://a/c"]]));
    }));

  it("gives a tag a version after that of one that was deleted there", () =>
    inFolders(async (from, to) => {
      await place(from, "tag", "data$52e-2-2", nodeTag("data$52e-2-2", [["disco://a/b"]]));
      await filled(to, { x: "1" });
      await opened(to, async (ddfs) => {
        await toTag(ddfs, "POST", "data", [["disco://a/old"]]);
        await toTag(ddfs, "DELETE", "data");
      });

      await copyStore({ root: from }, { root: to });

      await opened(to, async (ddfs) => expect(await urlsOf(ddfs, "data")).toEqual([["disco://a/b"]]));
      expect((await copyStore({ root: from }, { root: to })).tags).toEqual({ all: 1, before: 1 });
    }));

  it("copies no tag when a blob cannot be read from any replica, unless it is told to keep going", () =>
    inFolders(async (from, to) => {
      const nodes = ["node1", "node2"];
      for (const node of nodes) {
        for (const name of ["a", "b"]) await place(`${from}/${node}`, "blob", `${name}$52e-1-1`, `blob ${name}`);
      }
      await place(`${from}/node1`, "tag", "data$52e-2-2", nodeTag("data$52e-2-2", []));
      await place(`${from}/node1`, "tag", "torn$52e-2-2", '{"version":1,');
      const { openDiskStore } = await import("../../lib/embedded/stores/disk/disk.ts");
      const { volumeStore } = await import("../../lib/embedded/stores/volume_tags.ts");
      /** The disk of a node gives no bytes of a blob, of all replicas or of one. */
      const broken = (on: readonly string[]): CopyPlace => ({
        nodes,
        store: async (setup) => {
          const store = await volumeStore(await openDiskStore(from, nodes), setup);
          const read = (volume: Volume, node: string): Volume["read"] => async (object) => {
            const found = await volume.read(object);
            if (!object.startsWith("b") || !on.includes(node) || found === undefined) return found;
            return { ...found, stream: new ReadableStream({ pull: (c) => c.error(new Error("input/output error")) }) };
          };
          const volumes = Array.from(store.volumes, ([node, volume]): [string, Volume] => [node, {
            read: read(volume, node),
            create: (object) => volume.create(object),
            list: () => volume.list(),
            remove: (object) => volume.remove(object),
            space: () => volume.space(),
          }]);
          return { ...store, volumes: new Map(volumes) };
        },
      });

      expect(await failure(copyStore(broken(nodes), { root: to }))).toMatch(
        /^source-failed Some of 2 blobs could not be copied: b\$52e-1-1: input\/output error/,
      );
      await opened(to, async (ddfs) => {
        expect(await (await ddfs.fetch("http://localhost:8989/ddfs/tags")).json()).toEqual([]);
      });
      expect(await failure(copyStore(broken(["node2"]), { root: to }))).toMatch(
        /^source-failed Some of 2 tags could not be copied: tag:\/\/torn: .*holds no tag/,
      );
      const result = await copyStore(broken(nodes), { root: `${to}-2` }, { keepGoing: true });
      expect([result.blobs.all, result.tags.all]).toEqual([1, 1]);
      expect(result.failed.map(({ name, error }) => [name, (error as { code?: string }).code])).toEqual([
        ["b$52e-1-1", "source-failed"],
        ["tag://torn", "server-error"],
      ]);
    }));

  it("copies no tag when one names a blob that should be there, unless the target has it or it is told to keep going", () =>
    inFolders(async (from, to) => {
      const at = (host: string, object: string) => `disco://${host}/ddfs/vol0/blob/00/${object}`;
      await place(`${from}/node1`, "blob", "a$52e-1-1", "blob a");
      const urls = [
        [at("node1", "a$52e-1-1"), at("node2", "a$52e-1-1")],
        // Their only nodes: one that is there, one that is known by the replica above only, and those of another cluster.
        [at("node1", "lost$52e-1-1")],
        [at("Node2:8989", "forgotten%2452e-1-1")],
        [at("other.example", "b$52e-1-1")],
        [at("other.example", "c$52e-1-1"), at("another.example", "c$52e-1-1")],
        ["http://node1/page.html"],
        ["tag://data:none"],
      ];
      await place(`${from}/node1`, "tag", "data$52e-2-2", nodeTag("data$52e-2-2", urls));
      const source = { root: from, nodes: ["node1"] };

      const said = await failure(copyStore(source, { root: to }));
      expect(said).toMatch(/^source-failed Some of 3 blobs could not be copied: /);
      expect(said).toMatch(/lost\$52e-1-1: the tag data names it, and it is not there: if a node was forgotten/);
      expect(said).toMatch(/forgotten\$52e-1-1: the tag data names it/);
      await opened(to, async (ddfs) => {
        expect(await (await ddfs.fetch("http://localhost:8989/ddfs/tags")).json()).toEqual([]);
      });
      const { tags, failed, elsewhere } = await copyStore(source, { root: `${to}-2` }, { keepGoing: true });
      expect([tags.all, failed.map(({ name }) => name).sort()]).toEqual([1, ["forgotten$52e-1-1", "lost$52e-1-1"]]);
      expect(elsewhere).toEqual({ blobs: 2, hosts: ["another.example", "other.example"] });

      for (const object of ["lost$52e-1-1", "forgotten$52e-1-1"]) await place(to, "blob", object, "by hand");
      expect((await copyStore(source, { root: to })).failed).toEqual([]);
    }));

  it("refuses to copy a place with nothing in it, before it makes anything", () =>
    inFolders(async (from, to) => {
      await place(from, "tag", "gone$52e-2-2", nodeTag("gone$52e-2-2", []));
      await place(from, "tag", "+deleted$52e-3-3", nodeTag("+deleted$52e-3-3", [["tag://gone"]]));
      expect(await failure(copyStore({ root: from }, { root: to }))).toBe(
        `not-found ${from} holds no DDFS: neither a tag nor a blob is there`,
      );
      await expect(Deno.stat(to)).rejects.toThrow(Deno.errors.NotFound);
    }));

  it("removes a blob that is read back with other bytes, and says so", async () => {
    const from = await inMemory(storeSetup());
    await writeBlob(volumeOf(from.volumes), "log$52e-1-1", "hello");
    const removed: string[] = [];
    const to = await storeWith((volume) => ({
      read: async (object) => {
        const found = await volume.read(object);
        return found && { ...found, stream: new Blob(["hallo"]).stream() };
      },
      remove: async (object) => {
        removed.push(object);
        await volume.remove(object);
      },
    }));

    expect(await failure(copyStore({ store: from }, { store: to }))).toMatch(
      /log\$52e-1-1 was stored, and read back with other/,
    );
    expect(removed).toEqual(["log$52e-1-1"]);
  });

  it("takes a source that is cut off for no blob", async () => {
    const from = await storeWith((volume) => ({
      read: async (object) => {
        const found = await volume.read(object);
        return found && { ...found, stream: new Blob(["hel"]).stream() };
      },
    }));
    await writeBlob(volumeOf(from.volumes), "log$52e-1-1", "hello");
    const to = await inMemory(storeSetup());

    expect(await failure(copyStore({ store: from }, { store: to }))).toMatch(/ended after 3 of 5 bytes/);
    expect(await Array.fromAsync(volumeOf(to.volumes).list())).toEqual([]);
  });

  it("refuses places and options that cannot be", async () => {
    const cases: readonly (readonly [unknown, unknown, unknown, RegExp])[] = [
      [{}, { root: "a" }, {}, /from/],
      [{ root: "a" }, { root: "b", objects: {} }, {}, /to/],
      [{ root: "a" }, { root: "b", nodes: [] }, {}, /to/],
      [
        { root: "a", node: "b" },
        { root: "b" },
        {},
        /from of copyStore\(\) "node": it takes root, store, objects, nodes/,
      ],
      [{ root: "a" }, { rot: "b" }, {}, /to of copyStore\(\) "rot"/],
      [{ objects: {} }, { root: "b" }, {}, /^invalid-argument Invalid objects .*s3Objects\(\)/],
      [{ root: "a" }, { store: {} }, {}, /^invalid-argument Invalid store/],
      [{ root: "a" }, {}, {}, /to of copyStore\(\) has nothing that says where the data is/],
      [{ root: "a", nodes: [1] }, { root: "b" }, {}, /nodes of from/],
      [{ root: "a" }, { root: "b" }, { keepgoing: true }, /keepgoing/],
      [{ root: "a" }, { root: "b" }, { onProgress: 1 }, /onProgress/],
    ];
    for (const [from, to, options, said] of cases) {
      expect(await failure(copyStore(from as CopyPlace, to as CopyPlace, options as object))).toMatch(said);
    }
  });
});
