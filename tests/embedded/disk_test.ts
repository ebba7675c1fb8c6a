import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import * as fs from "node:fs/promises";
import { type Embedded, embedded } from "@ddfs/client/embedded";
import { memoryStore } from "../../lib/embedded/stores/memory.ts";
import { volumeStore } from "../../lib/embedded/stores/volume_tags.ts";
import { onDisk, storeSetup, volumeOf, writeBlob } from "../helpers/store_setup.ts";
import {
  DAY,
  filesIn,
  inFolder,
  MASTER,
  opened,
  place,
  said,
  settled,
  stored,
  toTag,
  urlsOf,
} from "../helpers/embedded_stores.ts";

async function collected(ddfs: Embedded): Promise<unknown> {
  await ddfs.fetch(`${MASTER}/ddfs/ctrl/gc_start`);
  while (await (await ddfs.fetch(`${MASTER}/ddfs/ctrl/gc_status`)).json() !== "") await settled();
  return (await (await ddfs.fetch(`${MASTER}/ddfs/ctrl/gc_stats`)).json()).stats;
}

describe("a DDFS on disk", () => {
  it("has the layout and the modes of a real node's volume", () =>
    inFolder((root) =>
      opened(root, async (ddfs) => {
        await stored(ddfs, "log$703-51719-576dd", "bytes");
        await toTag(ddfs, "POST", "data", [["disco://a/1"]], "T");
        await toTag(ddfs, "PUT", "data/size", "5", "T");

        const files = await filesIn(root);

        expect(files).toEqual(["vol0/blob/0c/log$703-51719-576dd", expect.stringMatching(/^vol0\/tag\/..\/data\$/)]);
        for (const file of files) expect(((await Deno.stat(`${root}/${file}`)).mode ?? 0) & 0o777).toBe(0o400);
        expect(JSON.parse(await Deno.readTextFile(`${root}/${files[1]}`))).toEqual({
          version: 1,
          id: files[1]?.slice("vol0/tag/00/".length),
          "last-modified": expect.stringMatching(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d$/),
          "read-token": "T",
          "write-token": "T",
          urls: [["disco://a/1"]],
          "user-data": { size: "5" },
        });
      })
    ));

  it("has everything again when it is opened anew: blobs, tags, tokens, attributes, deletions", () =>
    inFolder(async (root) => {
      await opened(root, async (ddfs) => {
        await stored(ddfs, "log$703-51719-576dd", "bytes");
        await toTag(ddfs, "POST", "kept", [["a"]], "T");
        await toTag(ddfs, "POST", "kept", [["b"]], "T");
        await toTag(ddfs, "PUT", "kept/ä", "ö", "T");
        await toTag(ddfs, "POST", "deleted", [["a"]]);
        await toTag(ddfs, "DELETE", "deleted");
        await toTag(ddfs, "POST", "again", [["old"]]);
        await toTag(ddfs, "DELETE", "again");
        await toTag(ddfs, "POST", "again", [["new"]]);
      });

      await opened(root, async (ddfs) => {
        expect(await said(ddfs.fetch(`${MASTER}/ddfs/vol0/blob/0c/log$703-51719-576dd`))).toEqual([200, "bytes"]);
        expect(await said(ddfs.fetch(`${MASTER}/ddfs/tags`))).toEqual([200, '["again","kept"]']);
        expect((await toTag(ddfs, "GET", "kept")).status).toBe(401);
        expect(await (await toTag(ddfs, "GET", "kept", undefined, "T")).json()).toMatchObject({
          urls: [["b"], ["a"]],
          "user-data": { ä: "ö" },
        });
        expect(await urlsOf(ddfs, "again")).toEqual([["new"]]);
        expect((await toTag(ddfs, "GET", "deleted")).status).toBe(404);
      });
    }));

  it("serves a volume as a real node wrote it, the newest version of each tag", () =>
    inFolder(async (root) => {
      const tag = (id: string, url: string) =>
        JSON.stringify({
          ...{ version: 1, id, "last-modified": "2026/11/22 07:46:35", "read-token": null, "write-token": "W" },
          ...{ urls: [[url]], "user-data": {} },
        });
      // By their numbers, not their texts, ff comes before 100.
      await place(root, "tag", "rec:t1$703-5171b-ff", tag("rec:t1$703-5171b-ff", "old"));
      await place(root, "tag", "rec:t1$703-5171b-100", tag("rec:t1$703-5171b-100", "new"));
      await place(root, "blob", "rec:blob$703-51719-576dd", "0123456789");

      await opened(root, async (ddfs) => {
        expect(await urlsOf(ddfs, "rec:t1")).toEqual([["new"]]);
        expect((await toTag(ddfs, "POST", "rec:t1", [["x"]])).status).toBe(401);
        const url = `${MASTER}/ddfs/vol0/blob/67/rec:blob$703-51719-576dd`;
        expect(await said(ddfs.fetch(url))).toEqual([200, "0123456789"]);
      });
    }));

  it("lets a change count that is made after the clock was put back, though a crash kept the older file", () =>
    inFolder(async (root) => {
      await opened(root, async (ddfs) => void await toTag(ddfs, "PUT", "data", [["early"]]));
      const [older = ""] = await filesIn(root);
      const content = await Deno.readTextFile(`${root}/${older}`);
      const yesterday = { now: () => Date.now() - DAY };
      await opened(root, async (ddfs) => void await toTag(ddfs, "PUT", "data", [["late"]]), yesterday);
      await Deno.writeTextFile(`${root}/${older}`, content);

      await opened(root, async (ddfs) => expect(await urlsOf(ddfs, "data")).toEqual([["late"]]), yesterday);
    }));

  it("keeps one file of each tag, however often it changes", () =>
    inFolder((root) =>
      opened(root, async (ddfs) => {
        for (let i = 0; i < 10; i++) await toTag(ddfs, "POST", "data", [[`${i}`]]);

        expect((await filesIn(root)).length).toBe(1);
      })
    ));

  it("removes what an earlier process left half-written, and never serves it", () =>
    inFolder(async (root) => {
      const left = ["blob/0c/!partial-1.log$703-51719-576dd", "tag/ab/!partial-2.data$703-51719-1"];
      for (const path of left) {
        await Deno.mkdir(`${root}/vol0/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
        await Deno.writeTextFile(`${root}/vol0/${path}`, "half");
      }

      await opened(root, async (ddfs) => {
        expect(await said(ddfs.fetch(`${MASTER}/ddfs/tags`))).toEqual([200, "[]"]);
        expect(await filesIn(root)).toEqual([]);
      });
    }));

  it("gives each node that has a name a folder of its own", () =>
    inFolder((root) =>
      opened(root, async (ddfs) => {
        for (const node of ["a", "b"]) {
          await ddfs.fetch(`http://${node}:8989/ddfs/log$703-51719-576dd`, { method: "PUT", body: node });
        }

        expect(await filesIn(root)).toEqual(["a", "b"].map((node) => `${node}/vol0/blob/0c/log$703-51719-576dd`));
      }, { nodes: ["a", "b"] })
    ));

  it("keeps the list of deleted tags short, however many are deleted", async () => {
    const files = memoryStore([""], Date.now);
    const [tags] = files.tagFiles.values();
    if (tags === undefined) throw new Error("there is a node");
    let longest = 0;
    const write = tags.write.bind(tags);
    tags.write = (object, text) => {
      if (object.startsWith("+deleted")) longest = Math.max(longest, text.split("tag://").length - 1);
      return write(object, text);
    };
    const store = await volumeStore(files, storeSetup());
    for (let i = 0; i < 3000; i++) {
      await store.tags.change(`data:${i}`, () => ({}));
      await store.tags.delete(`data:${i}`, () => {});
    }

    expect(longest).toBe(1001);
    expect(await Array.fromAsync(store.tags.names(""))).toEqual([]);
  });
});

describe("the collector of a DDFS on disk", () => {
  it("removes deleted tags at once, and blobs in no tag after five days", () =>
    inFolder(async (root) => {
      await opened(root, async (ddfs) => {
        await stored(ddfs, "used$703-1-1", "123");
        await stored(ddfs, "orphan$703-1-2", "12345");
        await toTag(ddfs, "POST", "kept", [["disco://other/ddfs/vol0/blob/00/used$703-1-1"]]);
        await toTag(ddfs, "POST", "gone", [["disco://other/ddfs/vol0/blob/00/orphan$703-1-2"]]);
        await toTag(ddfs, "DELETE", "gone");
        expect(await collected(ddfs)).toMatchObject({ "Blobs kept": [2, 8], "Blobs deleted": [0, 0] });
      });

      await opened(root, async (ddfs) => {
        expect(await collected(ddfs)).toMatchObject({ "Blobs kept": [1, 3], "Blobs deleted": [1, 5] });
        const names = (await filesIn(root)).map((file) => file.replace(/.*\/|\$.*/g, ""));
        expect(names.sort()).toEqual(["+deleted", "kept", "used"]);
        expect(await urlsOf(ddfs, "kept")).toEqual([["disco://other/ddfs/vol0/blob/00/used$703-1-1"]]);
      }, { now: () => Date.now() + 5 * DAY + 1000 });
    }));

  it("removes no blob when it cannot read every tag", () =>
    inFolder(async (root) => {
      await place(root, "tag", "torn$703-1-1", "{");

      await opened(root, async (ddfs) => {
        const url = await stored(ddfs, "orphan$703-1-2", "12345");

        await expect(ddfs.gc()).rejects.toThrow("the tag torn cannot be read, so nothing was deleted");

        expect((await said(ddfs.fetch(`${MASTER}/ddfs/ctrl/gc_status`)))[1]).toContain("GC failed");
        expect((await ddfs.fetch(url)).status).toBe(200);
      }, { now: () => Date.now() + 6 * DAY });
    }));
});

describe("a disk that fails", () => {
  /** The file system, with one call of a file or of all that fails from some time on. */
  function failing(call: "write" | "sync" | "open" | "rename", code: string) {
    const state = { broken: false };
    const failure = () => Object.assign(new Error(`${code}: at /a/secret/path`), { code });
    const guarded = <T extends unknown[], R>(run: (...args: T) => Promise<R>) => (...args: T): Promise<R> =>
      state.broken ? Promise.reject(failure()) : run(...args);
    const files = {
      ...fs,
      ...(call === "rename" ? { rename: guarded(fs.rename) } : {}),
      open: async (...args: Parameters<typeof fs.open>) => {
        if (call === "open" && state.broken && args[1] !== "r") throw failure();
        const file = await fs.open(...args);
        if (call === "write" || call === "sync") {
          const real = file[call].bind(file) as (...args: unknown[]) => Promise<unknown>;
          Object.assign(file, { [call]: guarded(real) });
          if (call === "write") Object.assign(file, { writeFile: guarded(file.writeFile.bind(file)) });
        }
        return file;
      },
    } as typeof fs;
    return { files, state };
  }

  const faults = [["write", "ENOSPC"], ["sync", "EIO"], ["open", "EROFS"], ["open", "EACCES"], [
    "rename",
    "EIO",
  ]] as const;
  for (const [call, code] of faults) {
    it(`stores no blob and leaves nothing when ${call} fails with ${code}`, () =>
      inFolder(async (root) => {
        const { files, state } = failing(call, code);
        const store = await onDisk(root, storeSetup(), { fs: files });
        const volume = volumeOf(store.volumes);
        state.broken = true;

        await expect(writeBlob(volume, "log$703-51719-576dd", "bytes")).rejects.toMatchObject({ code });
        expect(await volume.read("log$703-51719-576dd")).toBe(undefined);
        expect(await filesIn(root)).toEqual([]);
        await store.close();
      }));

    it(`keeps a tag's file and leaves nothing else when ${call} fails with ${code}`, () =>
      inFolder(async (root) => {
        const { files, state } = failing(call, code);
        const store = await onDisk(root, storeSetup(), { fs: files });
        await store.tags.change("data", () => ({ urls: '[["old"]]' }));
        const before = await filesIn(root);
        state.broken = true;

        const change = store.tags.change("data", () => ({ urls: '[["new"]]' }));

        await expect(change).rejects.toMatchObject({ status: 500, cause: expect.objectContaining({ code }) });
        expect(await filesIn(root)).toEqual(before);
        expect((await store.tags.read("data"))?.content.urls).toBe('[["old"]]');
        await store.close();
      }));
  }

  it("cannot be opened: the error names the folder", () =>
    inFolder(async (root) => {
      const { files, state } = failing("open", "EROFS");
      state.broken = true;

      await expect(onDisk(root, storeSetup(), { fs: files })).rejects.toMatchObject({
        name: "DiscoError",
        code: "server-error",
        message: expect.stringContaining(root),
      });
    }));

  it("is reported by 500 and the system's code, without the path", async () => {
    await inFolder(async (root) => {
      const ddfs = embedded({ root: `${root}/a` });
      await ddfs.ready();
      // A file where the folder should be: nothing can be made below it.
      await Deno.remove(`${root}/a/vol0/blob`);
      await Deno.writeTextFile(`${root}/a/vol0/blob`, "");

      const [status, text] = await said(
        ddfs.fetch(`${MASTER}/ddfs/log$703-51719-576dd`, { method: "PUT", body: "x" }),
      );

      expect([status, text]).toEqual([500, expect.stringMatching(/^Write failed \(path: vol0\/[^:]*\): E[A-Z]+$/)]);
      expect(text).not.toContain(root);
      await ddfs.close();
    });
  });
});
