import { describe, it } from "@std/testing/bdd";
import * as fs from "node:fs/promises";
import { type CopyPlace, copyStore } from "@ddfs/client/embedded";
import { openDiskSource } from "../../lib/embedded/stores/disk.ts";
import { volumeStore } from "../../lib/embedded/volume_tags.ts";
import { expect } from "../helpers/expect.ts";
import {
  DAY,
  filesIn,
  inFolder,
  MASTER,
  opened,
  place,
  said,
  stored,
  toTag,
  urlsOf,
} from "../helpers/embedded_stores.ts";

/** The files of a disk that is mounted read-only; `isElsewhere`, also under another path, as another process sees them. */
function readOnly(isElsewhere = false): typeof fs {
  const refuse = () => Promise.reject(Object.assign(new Error("EROFS: read-only file system"), { code: "EROFS" }));
  return {
    ...fs,
    ...{ mkdir: () => Promise.resolve(undefined), rename: refuse, rm: refuse, writeFile: refuse },
    open: (path: string, flags: string) => flags === "r" ? fs.open(path, flags) : refuse(),
    realpath: async (path: string) => isElsewhere ? `${await fs.realpath(path)}/.` : await fs.realpath(path),
  } as unknown as typeof fs;
}

/** A folder on such a disk. */
function mounted(root: string, isElsewhere = false): CopyPlace {
  return {
    store: async (setup) =>
      await volumeStore(await openDiskSource(root, setup.nodes, { fs: readOnly(isElsewhere) }), setup),
  };
}

describe("a DDFS on a disk with damage", () => {
  it("names a tag's file that is damaged or gone, lets the tag be deleted, and serves the others", () =>
    inFolder(async (root) => {
      await place(root, "tag", "torn$703-1-1", '{"version":1,"id"');
      await opened(root, async (ddfs) => {
        await toTag(ddfs, "POST", "good", [["a"]]);
        await toTag(ddfs, "POST", "gone", [["a"]]);
        const [gone = ""] = (await filesIn(root)).filter((file) => file.includes("gone$"));
        await Deno.remove(`${root}/${gone}`);

        for (
          const [tag, file] of [["torn", "/torn$703-1-1 holds no tag"], ["gone", `${gone} cannot be read: ENOENT`]]
        ) {
          for (const method of ["GET", "POST", "PUT"]) {
            const [status, text] = await said(toTag(ddfs, method, `${tag}`, method === "GET" ? undefined : [["b"]]));
            expect([status, text]).toEqual([500, expect.stringContaining(`${file}`)]);
            expect(text.includes(root)).toBe(false);
          }
          expect((await toTag(ddfs, "DELETE", `${tag}`)).status).toBe(200);
          expect((await toTag(ddfs, "GET", `${tag}`)).status).toBe(404);
          expect((await toTag(ddfs, "POST", `${tag}`, [["new"]])).status).toBe(200);
        }
        expect(await urlsOf(ddfs, "good")).toEqual([["a"]]);
      });
      await opened(root, async (ddfs) => {
        for (const tag of ["torn", "gone"]) expect(await urlsOf(ddfs, tag)).toEqual([["new"]]);
      });
    }));

  it("keeps a damaged tag for those who have its token, as long as that can be read", () =>
    inFolder(async (root) => {
      const start = '{"version":1,"id":"torn$703-1-1","last-modified":"2026/11/22 07:46:35",';
      await place(root, "tag", "torn$703-1-1", `${start}"read-token":null,"write-token":"W\\"","urls":[["disco:`);

      await opened(root, async (ddfs) => {
        expect((await toTag(ddfs, "DELETE", "torn")).status).toBe(401);
        expect((await toTag(ddfs, "DELETE", "torn", undefined, 'W"')).status).toBe(200);
      });
    }));

  it("goes on with its deleted tags as live ones when the list of these is damaged, and collects nothing", () =>
    inFolder(async (root) => {
      await opened(root, async (ddfs) => {
        for (const tag of ["kept", "deleted"]) await toTag(ddfs, "POST", tag, [["a"]]);
        await toTag(ddfs, "DELETE", "deleted");
      });
      const [list = ""] = (await filesIn(root)).filter((file) => file.includes("+deleted$"));
      await Deno.chmod(`${root}/${list}`, 0o600);
      await Deno.writeTextFile(`${root}/${list}`, "{");

      await opened(root, async (ddfs) => {
        expect(await said(ddfs.fetch(`${MASTER}/ddfs/tags`))).toEqual([200, '["deleted","kept"]']);
        await expect(ddfs.gc()).rejects.toMatchObject({ message: expect.stringContaining(list) });
        await toTag(ddfs, "DELETE", "deleted");
        expect(await said(ddfs.fetch(`${MASTER}/ddfs/tags`))).toEqual([200, '["kept"]']);
        await ddfs.gc();
      });
    }));

  it("is shut by nothing that does not belong into its folders", () =>
    inFolder(async (root) => {
      await opened(root, async (ddfs) => {
        await stored(ddfs, "log$703-51719-576dd", "bytes");
        await toTag(ddfs, "POST", "data", [["disco://h/ddfs/vol0/blob/0c/log$703-51719-576dd"]]);
      });
      const [blobs, tags] = (await filesIn(root)).map((file) => `${root}/${file.replace(/\/[^/]*$/, "")}`);
      await Deno.writeTextFile(`${root}/vol0/tag/.DS_Store`, "x");
      await Deno.writeTextFile(`${root}/vol0/tag/a0`, "x").catch(() => {});
      for (const folder of [blobs, tags]) {
        await Deno.writeTextFile(`${folder}/notes.txt`, "x");
        await Deno.mkdir(`${folder}/evil$1-2-3/x`, { recursive: true });
        await Deno.mkdir(`${folder}/!partial-1.evil$1-2-4/x`, { recursive: true });
        await Deno.symlink("/etc/passwd", `${folder}/evil$1-2-5`);
        await Deno.symlink("/nowhere", `${folder}/evil$1-2-6`);
      }

      await opened(root, async (ddfs) => {
        expect(await said(ddfs.fetch(`${MASTER}/ddfs/tags`))).toEqual([200, '["data"]']);
        expect(await ddfs.gc()).toMatchObject({ blobs: { kept: { objects: 1, bytes: 5 }, deleted: { objects: 0 } } });
        expect((await ddfs.fetch(`${MASTER}/ddfs/vol0/blob/0c/evil$1-2-5`)).status).toBe(404);
        expect(await said(ddfs.fetch(`${MASTER}/ddfs/vol0/blob/0c/log$703-51719-576dd`))).toEqual([200, "bytes"]);
      }, { now: () => Date.now() + 6 * DAY });
    }));
});

describe("copyStore() from a folder that is mounted read-only", () => {
  it("leaves it as it is", () =>
    inFolder(async (folder) => {
      const [from, to] = [`${folder}/from`, `${folder}/to`];
      await place(from, "blob", "log$52e-1-1", "hello");
      const before = await filesIn(from);

      const { blobs, tags } = await copyStore(mounted(from), { root: to });

      expect([blobs.all, tags.all]).toEqual([1, 0]);
      expect(await filesIn(from)).toEqual(before);
      expect(await filesIn(to)).toEqual(before);
    }));

  it("is refused while somebody uses it elsewhere", () =>
    inFolder(async (folder) => {
      const [from, to] = [`${folder}/from`, `${folder}/to`];
      await place(from, "blob", "log$52e-1-1", "hello");
      await opened(from, async (ddfs) => {
        await ddfs.ready();

        await expect(copyStore(mounted(from, true), { root: to })).rejects.toMatchObject({
          code: "locked",
          message: expect.stringMatching(/in use by process \d+: end that first/),
        });
      });
    }));
});
