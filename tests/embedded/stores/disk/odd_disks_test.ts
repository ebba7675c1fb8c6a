import { describe, it } from "@std/testing/bdd";
import * as fs from "node:fs/promises";
import { type CopyPlace, copyStore } from "@ddfs/client/embedded";
import { openDiskSource } from "../../../../lib/embedded/stores/disk/disk.ts";
import { volumeStore } from "../../../../lib/embedded/stores/volume_tags.ts";
import { expect } from "../../../helpers/expect.ts";
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
} from "../../../helpers/embedded_stores.ts";
import { onDisk, storeSetup } from "../../../helpers/store_setup.ts";

const NODES = ["a", "b", "c"];
const PATH = "http://a:8989/ddfs/tag/data";
const ONE = [["disco://h/ddfs/vol0/blob/00/one$703-2-1"]];

/** So many sets; 14,000 of them are more than 512 KiB of JSON, which are not held in memory. */
function setsOf(count: number): string[][] {
  return Array.from({ length: count }, (_, i) => [`disco://h/ddfs/vol0/blob/${i % 90 + 10}/blob-${i}$703-1-${i}`]);
}

/** Writes over some bytes in the middle of a file. */
async function damage(path: string, at = 3000): Promise<void> {
  await Deno.chmod(path, 0o600);
  const file = await fs.open(path, "r+");
  await file.write("\n\n\n", at);
  await file.close();
}

/** The system's files; reads of some places in some of them fail. */
function failing(isFailing: (path: string, at: number) => boolean): typeof fs {
  return {
    ...fs,
    async open(...args: Parameters<typeof fs.open>) {
      const file = await fs.open(...args);
      const read = file.read.bind(file);
      return Object.assign(file, {
        read(into: Uint8Array, offset: number, length: number, at: number) {
          const error = Object.assign(new Error("broken"), { code: "EIO" });
          return isFailing(String(args[0]), at) ? Promise.reject(error) : read(into, offset, length, at);
        },
      });
    },
  } as unknown as typeof fs;
}

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

describe("a tag whose file on one node is damaged", () => {
  for (const count of [100, 14_000]) {
    for (const broken of [["a"], ["a", "b"], ["c"]]) {
      it(`is read from another node, also the next time, and what is damaged is not copied (${count}, ${broken})`, () =>
        inFolder(async (root) => {
          const options = { nodes: NODES, replicas: 3 };
          const sets = setsOf(count);
          const urls = () =>
            opened(root, async (ddfs) => {
              for (let time = 0; time < 3; time++) {
                expect((await said(ddfs.fetch(`${PATH}/ddfs:urls`)))[1]).toBe(JSON.stringify(sets));
              }
            }, options);
          await opened(root, async (ddfs) => {
            await said(ddfs.fetch(PATH, { method: "PUT", body: JSON.stringify(sets) }));
          }, options);
          for (const file of await filesIn(root)) {
            if (broken.some((node) => file.startsWith(`${node}/`)) && file.includes("data$")) {
              await damage(`${root}/${file}`);
            }
          }

          await urls();
          await opened(root, async (ddfs) => {
            const [status] = await said(ddfs.fetch(PATH, { method: "POST", body: JSON.stringify(ONE) }));
            expect(status).toBe(200);
          }, options);
          sets.unshift(...ONE);
          await urls();
          const files = (await filesIn(root)).filter((file) => file.includes("data$"));
          const texts = await Promise.all(files.map((file) => Deno.readTextFile(`${root}/${file}`)));
          expect(texts.map((text) => JSON.parse(text).urls)).toEqual([sets, sets, sets]);
        }));
    }
  }

  it("is not copied where the file that was good cannot be read in the middle", () =>
    inFolder(async (root) => {
      const sets = [["x".repeat(1_500_000)], ...setsOf(100)];
      let isFailing = (_path: string, _at: number) => false;
      const setup = storeSetup({ nodes: NODES, tagReplicas: 3 });
      const system = { fs: failing((path, at) => isFailing(path, at)), after: () => () => {} };
      const first = await onDisk(root, setup, system);
      await first.tags.change("data", () => ({ urls: JSON.stringify(sets) }));
      await first.close();
      await damage(`${root}/${(await filesIn(root)).find((file) => file.startsWith("b/"))}`, 1_200_000);

      const store = await onDisk(root, setup, system);
      await store.tags.read("data", { apart: true }).then((tag) => tag?.apart?.close());
      isFailing = (path, at) => path.includes("/a/vol0/") && at > 1_000_000 && at < 1_300_000;
      await store.tags.change("data", () => ({ added: JSON.stringify(ONE) }), { sets: false });
      await store.close();
      const files = (await filesIn(root)).filter((file) => file.includes("data$"));
      const texts = await Promise.all(files.map((file) => Deno.readTextFile(`${root}/${file}`)));
      expect(texts.map((text) => JSON.parse(text).urls)).toEqual([1, 2, 3].map(() => [...ONE, ...sets]));
    }));

  it("is answered with from another node where one cannot be read in the middle, though it was before", () =>
    inFolder(async (root) => {
      const sets = setsOf(30_000);
      let isFailing = (_path: string, _at: number) => false;
      const setup = storeSetup({ nodes: NODES, tagReplicas: 3 });
      const store = await onDisk(root, setup, {
        fs: failing((path, at) => isFailing(path, at)),
        after: () => () => {},
      });
      const { nodes: [node] } = await store.tags.change("data", () => ({ urls: JSON.stringify(sets) }));
      const read = async () => {
        const tag = await store.tags.read("data", { apart: true });
        return await new Blob(await Array.fromAsync(tag?.apart?.pieces() ?? [])).text();
      };

      isFailing = (path, at) => path.includes(`/${node}/vol0/`) && at > 200_000 && at < 1_300_000;
      expect(await read()).toBe(JSON.stringify(sets));
      isFailing = (_path, at) => at > 200_000 && at < 1_300_000;
      await expect(read()).rejects.toMatchObject({ code: "EIO" });
      await store.close();
    }));
});
