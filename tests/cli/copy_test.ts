import { describe, it } from "@std/testing/bdd";
import { DDFS, inPlaceWith } from "../helpers/command.ts";
import { filesIn, opened, place as placed, stored, toTag } from "../helpers/embedded_stores.ts";
import { expect } from "../helpers/expect.ts";

/** Runs a test in a place of its own. */
const within = inPlaceWith({ "file.txt": "no folder" });

/** Stores blobs and a tag in a folder. */
async function fill(root: string, count: number, text: (i: number) => string = String): Promise<void> {
  await opened(root, async (ddfs) => {
    const urls: string[][] = [];
    for (let i = 0; i < count; i++) urls.push([await stored(ddfs, `blob${i}$52e-1-${i.toString(16)}`, text(i))]);
    await toTag(ddfs, "POST", "data:all", urls);
  });
}

describe("copy", () => {
  it("copies a folder, says what it did, and says what was there when it is run again", () =>
    within(async ({ folder, ddfs }) => {
      await fill(`${folder}/one`, 3);

      expect(await ddfs(["copy", "one", "other"])).toEqual({
        status: 0,
        out: "3 blobs (3) and 1 tag\n",
        err: "",
      });
      expect(await filesIn(`${folder}/other`)).toEqual(await filesIn(`${folder}/one`));
      const again = await ddfs(["copy", "--json", "one", "other"]);
      expect(JSON.parse(again.out)).toEqual({
        ...{ from: "one", to: "other", failed: [], elsewhere: { blobs: 0, hosts: [] } },
        ...{ blobs: { all: 3, before: 3, bytes: 3 }, tags: { all: 1, before: 1 } },
      });
      expect((await ddfs(["copy", "one", "other"])).out).toBe(
        "3 blobs (3) and 1 tag; 3 blobs and 1 tag of these were there\n",
      );
    }));

  it("finds the nodes of a cluster in a folder, and copies one replica of each blob", () =>
    within(async ({ folder, ddfs }) => {
      for (const node of ["node1", "node2"]) await placed(`${folder}/cluster/${node}`, "blob", "log$52e-1-1", "hello");
      await placed(`${folder}/cluster/node2`, "blob", "other$52e-1-1", "other");
      await Deno.mkdir(`${folder}/cluster/lost+found`);

      expect((await ddfs(["copy", "cluster", "moved"])).out).toBe("2 blobs (10) and 0 tags\n");
      expect(await ddfs(["copy", "--nodes", "node1,nod2", "cluster", "part"])).toEqual({
        status: 3,
        out: "",
        err: "ddfs: cluster/nod2/vol0: No such folder\n",
      });
      expect((await ddfs(["copy", "--nodes", "node1", "cluster", "part"])).out).toBe("1 blob (5) and 0 tags\n");
    }));

  it("reads a folder that is mounted read-only", () =>
    within(async ({ folder, env }) => {
      await fill(`${folder}/one`, 3);
      const words = [Deno.execPath(), ...DDFS, "copy", "mounted", "other"].map((word) => `'${word}'`).join(" ");
      const mount = "mkdir mounted && mount --bind one mounted && mount -o remount,ro,bind mounted";
      const { code, stdout, stderr } = await new Deno.Command("unshare", {
        args: ["-rm", "sh", "-c", `${mount} || exit 99; ! touch mounted/x 2> /dev/null && ${words}`],
        cwd: folder,
        env,
        clearEnv: true,
      }).output();
      // Not every machine lets its users mount anything.
      if (code === 99 || /^unshare: /.test(new TextDecoder().decode(stderr))) return;

      expect([code, new TextDecoder().decode(stdout)]).toEqual([0, "3 blobs (3) and 1 tag\n"]);
      expect(await filesIn(`${folder}/other`)).toEqual(await filesIn(`${folder}/one`));
    }));

  it("goes on where it was when it was killed", () =>
    within(async ({ folder, ddfs, start }) => {
      const count = 300;
      await fill(`${folder}/one`, count, (i) => `${i} `.repeat(1000));
      const copy = start(["copy", "one", "other"]);
      await copied(folder, 20);
      copy.kill("SIGKILL");
      await copy.status;
      await Promise.all([copy.stdout.cancel(), copy.stderr.cancel()]);
      const before = await copied(folder, 20);
      expect(before).toBeLessThan(count);

      const { out } = await ddfs(["copy", "--json", "one", "other"]);

      const { blobs, tags } = JSON.parse(out);
      expect([blobs.all, tags]).toEqual([count, { all: 1, before: 0 }]);
      expect(blobs.before).toBeGreaterThanOrEqual(20);
      expect(await filesIn(`${folder}/other`)).toEqual(await filesIn(`${folder}/one`));
    }));

  it("says what it cannot do", () =>
    within(async (place) => {
      const said = async (...args: string[]) => {
        const { status, out, err } = await place.ddfs(["copy", ...args]);
        return `${status} ${out}${err}`;
      };
      expect(await said("none", "other")).toBe("3 ddfs: none: No such folder\n");
      expect(await said("file.txt", "other")).toBe("3 ddfs: file.txt: No such folder\n");
      expect(await said("state/..", "other")).toMatch(/^3 /);
      expect(await said(".", "other")).toMatch(/^1 ddfs: . holds no DDFS: name the folder that has vol0/);
      expect(await said("s3://data/ddfs", "other")).toMatch(
        /^2 ddfs: s3:\/\/data\/ddfs needs a key: set AWS_ACCESS_KEY_ID/,
      );
      await Deno.mkdir(`${place.folder}/empty/vol0`, { recursive: true });
      expect(await said("empty", "other")).toBe(
        "3 ddfs: empty holds no DDFS: neither a tag nor a blob is there\n",
      );
      expect((await filesIn(`${place.folder}`)).filter((file) => file.startsWith("other"))).toEqual([]);
      await fill(`${place.folder}/one`, 1);
      await opened(`${place.folder}/one`, async (ddfs) => {
        await ddfs.ready();
        expect(await said("one", "other")).toMatch(/^1 ddfs: .*one" is in use/);
      });
    }));

  it("fails where a tag names a blob that is gone, and says which are on hosts of others", () =>
    within(async ({ folder, ddfs }) => {
      const at = (host: string, object: string) => [`disco://${host}/ddfs/vol0/blob/00/${object}`];
      await fill(`${folder}/one`, 1);
      await opened(
        `${folder}/one`,
        async (ddfs) => void await toTag(ddfs, "POST", "data:more", [at("other.example", "b$52e-1-1")]),
      );
      expect(await ddfs(["copy", "one", "other"])).toEqual({
        status: 0,
        out: "1 blob (1) and 2 tags\n",
        err: "ddfs: 1 blob that tags name is elsewhere, and not copied: on other.example\n",
      });
      await opened(
        `${folder}/one`,
        async (ddfs) => void await toTag(ddfs, "POST", "data:more", [at("localhost", "lost$52e-1-1")]),
      );
      const { status, out, err } = await ddfs(["copy", "one", "other2"]);
      expect([status, out]).toEqual([1, ""]);
      expect(err).toMatch(/lost\$52e-1-1: the tag data:more names it, and it is not there/);
    }));

  it("leaves out what cannot be read where it is told to, names it, and fails", () =>
    within(async ({ folder, ddfs }) => {
      await fill(`${folder}/one`, 1);
      await placed(`${folder}/one`, "tag", "torn$52e-2-2", "{");

      const stopped = await ddfs(["copy", "one", "other"]);
      expect([stopped.status, stopped.out]).toEqual([1, ""]);
      const { status, out, err } = await ddfs(["copy", "--keep-going", "one", "other2"]);
      expect([status, out]).toEqual([1, "1 blob (1) and 1 tag; 1 could not be copied\n"]);
      expect(err).toMatch(/tag:\/\/torn: .*holds no tag/);
    }));
});

/** Waits until so many blobs were copied. */
async function copied(folder: string, count: number): Promise<number> {
  for (;;) {
    const files = await filesIn(`${folder}/other`).catch(() => []);
    const blobs = files.filter((file) => /\/blob\d+\$[^/]*$/.test(file)).length;
    if (blobs >= count) return blobs;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
