import { afterEach, describe, it } from "@std/testing/bdd";
import * as fs from "node:fs/promises";
import { embedded } from "@ddfs/client/embedded";
import { joinedSets, NO_SETS } from "../../../../lib/embedded/stores/sets.ts";
import type { LeaseSystem } from "../../../../lib/embedded/stores/disk/lease.ts";
import type { Store } from "../../../../lib/embedded/stores/store.ts";
import { filesIn, inFolder, MASTER, said } from "../../../helpers/embedded_stores.ts";
import { expect } from "../../../helpers/expect.ts";
import { blobText, onDisk, storeSetup, volumeOf, writeBlob } from "../../../helpers/store_setup.ts";

/** A system in which nobody gives a sign of life, and waits take no time: whoever has a folder might as well be stopped. */
function stillSystem(looked: (look: number) => unknown = () => {}): Partial<LeaseSystem> & { looks: number } {
  const system = {
    looks: 0,
    after(_milliseconds: number, run: () => void, inBackground: boolean) {
      if (inBackground) return () => {};
      void Promise.resolve(looked(++system.looks)).then(run);
      return () => {};
    },
  };
  return system;
}

/** The other paths of folders. */
const links: string[] = [];

/** Opens a folder as another thread would, that does not know what this one has. */
async function elsewhere(root: string, system: Partial<LeaseSystem> = {}): Promise<Store> {
  const here = `${root}-elsewhere-${crypto.randomUUID()}`;
  await Deno.symlink(root, here);
  links.push(here);
  const realpath = () => Promise.resolve(here);
  return await onDisk(here, storeSetup(), {
    ...stillSystem(),
    fs: { ...fs, realpath } as unknown as typeof fs,
    ...system,
  });
}

async function removeLinks(): Promise<void> {
  for (const link of links.splice(0)) await Deno.remove(link);
}

const append = ({ tags }: Store, url: string) =>
  tags.change("data", (tag) => ({ urls: joinedSets("data", [JSON.stringify([[url]]), tag?.urls ?? NO_SETS]) }));

async function urlsIn({ tags }: Store): Promise<string[] | undefined> {
  const tag = await tags.read("data");
  return tag && JSON.parse(tag.content.urls).flat();
}

describe("the lease of a folder", () => {
  afterEach(removeLinks);

  it("keeps a second DDFS out, saying which folder and process, until the first is closed", () =>
    inFolder(async (root) => {
      const [first, second] = [embedded({ root }), embedded({ root })];
      await first.ready();

      await expect(second.ready()).rejects.toMatchObject({
        name: "DiscoError",
        code: "locked",
        message: expect.stringContaining(`${Deno.pid}`),
      });
      const [status, text] = await said(second.fetch(`${MASTER}/ddfs/tags`));
      expect([status, text.includes(root)]).toEqual([500, true]);

      await first.close();
      expect((await second.fetch(`${MASTER}/ddfs/tags`)).status).toBe(200);
      await second.close();
      expect(await Array.fromAsync(Deno.readDir(root), ({ name }) => name)).toEqual(["vol0"]);
    }));

  it("is not taken from one who gives a sign of life, however late, be it of this very process id", () =>
    inFolder(async (root) => {
      const first = await onDisk(root, storeSetup(), stillSystem());
      const lock = await Deno.readTextFile(`${root}/ddfs.lock`);
      const system = stillSystem((look) =>
        look === 20 && Deno.writeTextFile(`${root}/ddfs.lock`, lock.replace("1 {", "2 {"))
      );

      await expect(elsewhere(root, system)).rejects.toMatchObject({
        code: "locked",
        message: expect.stringContaining(`process ${Deno.pid}`),
      });
      expect(system.looks).toBe(20);
      await append(first, "still ours");
      await first.close();
    }));

  for (
    const [left, text] of [
      ["of no known form", "1 some-uuid"],
      ["that is empty", ""],
      ["of a living process of another program", `x 000000000001 {"pid":1}`],
      [
        "of a former process with this one's id, in a container",
        `x 000000000001 {"pid":${Deno.pid},"place":"elsewhere"}`,
      ],
    ] as const
  ) {
    it(`is taken over from a lock ${left} by one of many, when no sign of life comes`, () =>
      inFolder(async (root) => {
        await Deno.writeTextFile(`${root}/ddfs.lock`, text);

        const results = await Promise.allSettled(Array.from({ length: 8 }, () => elsewhere(root)));

        const stores = results.flatMap((result) => result.status === "fulfilled" ? [result.value] : []);
        const usable = await Promise.allSettled(stores.map((store) => append(store, "mine")));
        expect(usable.filter(({ status }) => status === "fulfilled").length).toBe(1);
        for (const store of stores) await store.close();
        expect(await Array.fromAsync(Deno.readDir(root), ({ name }) => name)).toEqual(["vol0"]);
      }));
  }

  it("is taken over at once from a process that is known to have ended, not from one of another container", () =>
    inFolder(async (root) => {
      const processes = {
        pid: 5,
        place: () => Promise.resolve("here"),
        isGone: (pid: number) => Promise.resolve(pid === 4),
      };
      const looks = async (text: string) => {
        await Deno.writeTextFile(`${root}/ddfs.lock`, text);
        const system = stillSystem();
        await (await elsewhere(root, { ...system, processes })).close();
        return system.looks;
      };

      expect(await looks(`x 000000000001 {"pid":4,"place":"here"}`)).toBe(0);
      expect(await looks(`x 000000000001 {"pid":4,"place":"there"}`)).toBe(20);
      expect(await looks(`x 000000000001 {"pid":4}`)).toBe(20);
      expect(await looks(`x 000000000001 {"pid":3,"place":"here"}`)).toBe(20);
    }));

  it("goes to the next when one who was about to take over has ended", () =>
    inFolder(async (root) => {
      await Deno.writeTextFile(`${root}/ddfs.lock`, "dead");
      await Deno.writeTextFile(`${root}/ddfs.lock.after.dead`, "dead, too");

      const store = await elsewhere(root);

      await append(store, "mine");
      await store.close();
      expect(await Array.fromAsync(Deno.readDir(root), ({ name }) => name)).toEqual(["vol0"]);
    }));

  it("says what is in the way when the lock is a folder", () =>
    inFolder(async (root) => {
      await Deno.mkdir(`${root}/ddfs.lock`);

      await expect(embedded({ root }).ready()).rejects.toMatchObject({
        name: "DiscoError",
        message: expect.stringContaining("ddfs.lock"),
      });
    }));
});

describe("a DDFS that was stopped while another one took its folder", () => {
  afterEach(removeLinks);

  /** Two of them on one folder: the first was stopped, the second took over. */
  const both = (task: (stopped: Store, next: Store, root: string) => Promise<void>) =>
    inFolder(async (root) => {
      const stopped = await onDisk(root, storeSetup(), stillSystem());
      await append(stopped, "before");
      await writeBlob(volumeOf(stopped.volumes), "old$703-1-1", "old");
      const next = await elsewhere(root);
      try {
        await task(stopped, next, root);
      } finally {
        await stopped.close();
        await next.close();
      }
    });

  it("writes nothing, and says why", () =>
    both(async (stopped, next, root) => {
      const volume = volumeOf(stopped.volumes);
      const before = await filesIn(root);
      const lost = expect.stringContaining("is lost, nothing more is written to it");

      await expect(append(stopped, "late")).rejects.toMatchObject({ status: 500, message: lost });
      await expect(writeBlob(volume, "new$703-1-1", "new")).rejects.toMatchObject({ code: "locked", message: lost });
      await expect(volume.remove("old$703-1-1")).rejects.toMatchObject({ code: "locked", message: lost });
      await expect(stopped.tags.delete("data", () => {})).rejects.toMatchObject({ status: 500, message: lost });
      expect(stopped.lost?.()).toMatchObject({ code: "locked" });

      expect(await filesIn(root)).toEqual(before);
      await append(next, "after");
      expect(await urlsIn(next)).toEqual(["after", "before"]);
    }));

  it("leaves the other one its lock when it is closed", () =>
    both(async (stopped, next) => {
      await stopped.close();

      await append(next, "after");
    }));

  it("does not finish a blob that it had begun", () =>
    inFolder(async (root) => {
      const stopped = await onDisk(root, storeSetup(), stillSystem());
      const writer = await volumeOf(stopped.volumes).create("log$703-1-1");
      await writer?.write(new Uint8Array(10));
      const next = await elsewhere(root);

      await expect(writer?.commit()).rejects.toMatchObject({ code: "locked" });

      await writer?.close();
      expect(await filesIn(root)).toEqual([]);
      await stopped.close();
      await next.close();
    }));

  /** Stops one between its last look at the lock and a rename. */
  async function stoppedBefore(
    rename: string,
    task: (stopped: Store) => Promise<unknown>,
    root: string,
  ): Promise<Store> {
    let next: Promise<Store> | undefined;
    const files = {
      ...fs,
      async rename(from: string, to: string) {
        if (from.includes(rename) || to.includes(rename)) next ??= elsewhere(root);
        await next;
        await fs.rename(from, to);
      },
    } as unknown as typeof fs;
    const stopped = await onDisk(root, storeSetup(), { ...stillSystem(), fs: files });
    await task(stopped);
    await stopped.close();
    return await (next ?? Promise.reject(new Error("nothing was renamed")));
  }

  it("cannot give a file its name any more, not even when it was stopped right before", () =>
    inFolder(async (root) => {
      const next = await stoppedBefore("data$", async (stopped) => {
        await expect(append(stopped, "late")).rejects.toMatchObject({ status: 500 });
      }, root);

      expect(await urlsIn(next)).toBe(undefined);
      await next.close();
    }));

  it("cannot remove a blob any more, not even when it was stopped right before", () =>
    inFolder(async (root) => {
      const next = await stoppedBefore("removed.", async (stopped) => {
        const volume = volumeOf(stopped.volumes);
        await writeBlob(volume, "old$703-1-1", "old");
        await expect(volume.remove("old$703-1-1")).rejects.toMatchObject({ code: "locked" });
      }, root);

      expect(await blobText(volumeOf(next.volumes), "old$703-1-1")).toBe("old");
      await next.close();
    }));

  it("answers with the reason, and again as it should when the other one is gone", () =>
    inFolder(async (root) => {
      const ddfs = embedded({ root });
      const put = (object: string) => said(ddfs.fetch(`${MASTER}/ddfs/${object}`, { method: "PUT", body: "x" }));
      await put("a$703-1-1");
      await Deno.remove(`${root}/ddfs.lock`);
      await Deno.writeTextFile(`${root}/ddfs.lock`, `x 000000000001 {"pid":77}`);

      expect(await put("b$703-1-1")).toEqual([500, expect.stringContaining("process 77 has taken it over")]);
      await Deno.remove(`${root}/ddfs.lock`);
      expect((await put("c$703-1-1"))[0]).toBe(201);

      await ddfs.close();
    }));

  it("writes nothing into a folder that was removed", () =>
    inFolder(async (root) => {
      const ddfs = embedded({ root: `${root}/data` });
      await ddfs.ready();
      await Deno.remove(`${root}/data`, { recursive: true });

      const [status, text] = await said(ddfs.fetch(`${MASTER}/ddfs/a$703-1-1`, { method: "PUT", body: "x" }));

      expect([status, text]).toEqual([500, expect.stringMatching(/its ddfs.lock is gone|ENOENT/)]);
      await ddfs.close();
    }));
});
