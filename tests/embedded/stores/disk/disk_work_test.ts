import { describe, it } from "@std/testing/bdd";
import * as fs from "node:fs/promises";
import { forgottenIn, setsApart } from "../../../../lib/embedded/stores/large_tag.ts";
import { NewNames } from "../../../../lib/embedded/stores/disk/new_names.ts";
import { OpenFolders } from "../../../../lib/embedded/stores/disk/open_folders.ts";
import { EMPTY_TAG } from "../../../../lib/embedded/stores/tag_changes.ts";
import { inFolder } from "../../../helpers/embedded_stores.ts";
import { expect } from "../../../helpers/expect.ts";
import { blobText, onDisk, storeSetup, volumeOf, writeBlob } from "../../../helpers/store_setup.ts";

/** The system's files, each call of which is written down: on a busy machine, how many there are decides how many small blobs are stored in a second. */
function counted() {
  const calls: string[] = [];
  let held: Promise<void> = Promise.resolve();
  const noted = <T extends unknown[], R>(name: string, run: (...args: T) => R) => (...args: T): R => {
    calls.push(name);
    return run(...args);
  };
  const files = {
    ...fs,
    lstat: noted("lstat", fs.lstat),
    rename: noted("rename", fs.rename),
    rm: noted("rm", fs.rm),
    readdir: noted("readdir", fs.readdir),
    stat: noted("stat", fs.stat),
    mkdir: noted("mkdir", fs.mkdir),
    readFile: noted("read the lock", async (path: string) => {
      const text = await fs.readFile(path, "utf8");
      await held;
      return text;
    }),
    async open(...args: Parameters<typeof fs.open>) {
      calls.push("open");
      const file = await fs.open(...args);
      for (const name of ["read", "write", "sync", "close"] as const) {
        Object.assign(file, { [name]: noted(name, file[name].bind(file) as (...args: unknown[]) => unknown) });
      }
      return file;
    },
  } as unknown as typeof fs;
  return { files, calls, hold: (until: Promise<void>) => void (held = until) };
}

describe("a blob on disk", () => {
  it("costs a look at the lock, and what makes bytes and name durable; its folder stays open", () =>
    inFolder(async (root) => {
      const { files, calls } = counted();
      const store = await onDisk(root, storeSetup(), { fs: files, after: () => () => {} });
      // Both are in one folder, which is there by then.
      await writeBlob(volumeOf(store.volumes), "c$703-1-3a", "bytes");
      calls.length = 0;

      await writeBlob(volumeOf(store.volumes), "c$703-1-103", "bytes");

      const ofFile = ["open", "write", "sync", "read the lock", "rename", "close"];
      expect(calls.toSorted()).toEqual([...ofFile, "sync"].sort());
      calls.length = 0;
      await store.close();
      expect(calls.filter((call) => call === "close").length).toBe(3);
    }));

  it("is looked for where its stamp is no later than those that were there", () =>
    inFolder(async (root) => {
      const first = await onDisk(root, storeSetup(), { after: () => () => {} });
      await writeBlob(volumeOf(first.volumes), "c$703-1-3a", "first");
      await first.close();
      const { files, calls } = counted();
      const store = await onDisk(root, storeSetup(), { fs: files, after: () => () => {} });
      const volume = volumeOf(store.volumes);
      const looks = () => calls.splice(0).filter((call) => call === "lstat").length;
      looks();

      expect(await writeBlob(volume, "c$703-1-3a", "again")).toBe(false);
      expect(looks()).toBe(1);
      expect(await writeBlob(volume, "b$703-1-2", "earlier")).toBe(true);
      expect(looks()).toBe(1);
      expect(await writeBlob(volume, "c$703-1-3b", "later")).toBe(true);
      expect(looks()).toBe(0);
      expect(await writeBlob(volume, "c$703-1-3b", "again")).toBe(false);
      expect(looks()).toBe(1);

      expect(await blobText(volume, "c$703-1-3a")).toBe("first");
      expect(await blobText(volume, "c$703-1-3b")).toBe("later");
      await store.close();
    }));

  it("shares a look at the lock with those that wait for one, but none that had begun before", () =>
    inFolder(async (root) => {
      const { files, calls, hold } = counted();
      const store = await onDisk(root, storeSetup(), { fs: files, after: () => () => {} });
      const volume = volumeOf(store.volumes);
      let letGo = () => {};
      hold(new Promise((resolve) => letGo = resolve));
      calls.length = 0;
      const looks = () => calls.filter((call) => call === "read the lock").length;

      const first = volume.remove("a$703-1-1");
      while (looks() === 0) await Promise.resolve();
      const others = ["b", "c", "d"].map((name) => volume.remove(`${name}$703-1-1`));
      for (let turn = 0; turn < 100; turn++) await Promise.resolve();
      expect(looks()).toBe(1);
      letGo();
      await Promise.all([first, ...others]);

      expect(looks()).toBe(2);
      await store.close();
    }));
});

describe("a folder with many tags", () => {
  it("is opened by the names of their files alone: none is looked at or read", () =>
    inFolder(async (root) => {
      const first = await onDisk(root, storeSetup(), { after: () => () => {} });
      const names = Array.from({ length: 40 }, (_, i) => `data:${i}`);
      for (const name of names) await first.tags.change(name, () => ({}));
      await first.close();
      const { files, calls } = counted();

      const store = await onDisk(root, storeSetup(), { fs: files, after: () => () => {} });

      expect((await Array.fromAsync(store.tags.names(""))).sort()).toEqual(names.toSorted());
      const count = (call: string) => calls.filter((one) => one === call).length;
      expect([count("lstat"), count("stat"), count("read the lock")]).toEqual([0, 0, 0]);
      // Each folder with tags is listed twice, for what is half-written and for the tags, and those above them.
      expect(count("readdir")).toBeLessThanOrEqual(2 * names.length + 3);
      await store.close();
    }));
});

describe("a large tag", () => {
  it("is answered with where nobody can be told that an answer was forgotten, as in some Workers", async () => {
    let closed = 0;
    const read = (into: Uint8Array) => Promise.resolve(void into.fill(0x20));
    const file = { size: 9, read, close: () => Promise.resolve(void closed++) };
    const large = { content: { ...EMPTY_TAG, id: "", lastModified: "" }, from: 3, to: 5 };
    const sets = setsApart(file, large, undefined, forgottenIn({}));

    expect(await new Blob(await Array.fromAsync(sets.pieces())).text()).toBe(" ".repeat(4));
    await sets.close();
    expect(closed).toBe(1);
  });

  it("is not looked at anew to be appended to where an older version was read meanwhile", () =>
    inFolder(async (root) => {
      const { files, calls } = counted();
      let [opened, letGo] = [() => {}, () => {}];
      let held: Promise<void> | undefined;
      const system = {
        fs: {
          ...files,
          async open(...args: Parameters<typeof fs.open>) {
            const file = await files.open(...args);
            opened();
            await held;
            return file;
          },
        } as typeof fs,
        after: () => () => {},
      };
      const store = await onDisk(root, storeSetup(), system);
      const append = async () => {
        calls.length = 0;
        await store.tags.change("data", () => ({ added: '[["disco://h/new"]]' }), { sets: false });
        return calls.filter((call) => call === "read").length;
      };
      await store.tags.change("data", () => ({ urls: JSON.stringify([["x".repeat(1_000_000)]]) }));
      const reads = await append();

      held = new Promise((resolve) => letGo = resolve);
      const isOpen = new Promise<void>((resolve) => opened = resolve);
      const reading = store.tags.read("data", { apart: true });
      await isOpen;
      held = undefined;
      await append();
      letGo();
      await (await reading)?.apart?.close();

      expect(await append()).toBe(reads);
      await store.close();
    }));
});

describe("names that are certainly new", () => {
  it("are those with a stamp that is later than all that were found, once", () => {
    const names = new NewNames();
    expect(names.has("a$703-1-1")).toBe(true);
    names.found("b$703-1-2");
    names.found("no object");

    expect(["a$703-1-1", "a$703-1-2", "a$703-1-3", "not one"].map((name) => names.has(name)))
      .toEqual([false, false, true, false]);
    names.written("a$703-1-3");
    // Some systems know no case.
    expect(["a$703-1-3", "A$703-1-3", "b$703-1-3"].map((name) => names.has(name))).toEqual([false, false, true]);
  });

  it("are fewer where more were written than are remembered", () => {
    const names = new NewNames(2);
    for (const micro of [1, 5, 9]) names.written(`a$703-1-${micro}`);

    const isNew = (micro: number) => names.has(`b$703-1-${micro}`);
    expect([1, 2, 5, 9].map(isNew)).toEqual([false, true, true, true]);
    names.written("a$703-1-2");
    expect([1, 2, 5, 6, 9].map(isNew)).toEqual([false, false, false, true, true]);
    expect(names.has("a$703-1-9")).toBe(false);
  });
});

describe("folders that stay open", () => {
  /** Folders whose fsyncs end when they are told to, and what is done with them. */
  function folders() {
    const calls: string[] = [];
    const syncs: { resolve: () => void; reject: (reason: unknown) => void }[] = [];
    const open = (path: string) => {
      calls.push(`open ${path}`);
      return Promise.resolve({
        sync: () => {
          calls.push(`sync ${path}`);
          let [resolve, reject] = [() => {}, (_: unknown) => {}];
          const promise = new Promise<void>((...both) => [resolve, reject] = both);
          syncs.push({ resolve, reject });
          return promise;
        },
        close: () => {
          calls.push(`close ${path}`);
          return Promise.resolve();
        },
      });
    };
    const turns = async () => {
      for (let turn = 0; turn < 100; turn++) await Promise.resolve();
    };
    return { opened: new OpenFolders({ open } as unknown as typeof fs), calls, syncs, turns };
  }

  it("share an fsync among those that wait for the next, and none that had begun before", async () => {
    const { opened, calls, syncs, turns } = folders();
    const ended: string[] = [];
    const sync = async (name: string) => {
      await opened.sync("a");
      ended.push(name);
    };

    const first = sync("first");
    await turns();
    const others = ["second", "third", "fourth"].map(sync);
    await turns();
    expect(calls).toEqual(["open a", "sync a"]);
    syncs[0]?.resolve();
    await first;
    await turns();
    expect(ended).toEqual(["first"]);
    expect(calls).toEqual(["open a", "sync a", "sync a"]);
    syncs[1]?.resolve();
    await Promise.all(others);

    expect(calls.length).toBe(3);
    await opened.close();
    expect(calls.at(-1)).toBe("close a");
  });

  it("fail those that waited when an fsync fails, and are opened anew", async () => {
    const { opened, calls, syncs, turns } = folders();
    const both = ["first", "second"].map(() => opened.sync("a").catch(String));
    await turns();
    syncs[0]?.reject("the disk is gone");
    expect(await Promise.all(both)).toEqual(["the disk is gone", "the disk is gone"]);
    expect(calls).toEqual(["open a", "sync a", "close a"]);

    const again = opened.sync("a");
    await turns();
    syncs[1]?.resolve();
    await again;
    expect(calls.slice(3)).toEqual(["open a", "sync a"]);
  });

  it("are no more than there may be: the one that was used longest ago is closed, unless it is used", async () => {
    const { opened, calls, syncs, turns } = folders();
    const slow = opened.sync("slow");
    await turns();
    for (let i = 0; i < 256; i++) {
      const done = opened.sync(`${i}`);
      await turns();
      syncs.at(-1)?.resolve();
      await done;
    }
    expect(calls.filter((call) => call.startsWith("close"))).toEqual(["close 0"]);
    syncs[0]?.resolve();
    await slow;
    await opened.close();
    const closed = calls.filter((call) => call.startsWith("close"));
    expect(new Set(closed).size).toBe(257);
    expect(closed.length).toBe(257);
  });
});
