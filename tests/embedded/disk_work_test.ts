import { describe, it } from "@std/testing/bdd";
import * as fs from "node:fs/promises";
import { inFolder } from "../helpers/embedded_stores.ts";
import { expect } from "../helpers/expect.ts";
import { onDisk, storeSetup, volumeOf, writeBlob } from "../helpers/store_setup.ts";

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
    mkdir: noted("mkdir", fs.mkdir),
    readFile: noted("read the lock", async (path: string) => {
      const text = await fs.readFile(path, "utf8");
      await held;
      return text;
    }),
    async open(...args: Parameters<typeof fs.open>) {
      calls.push("open");
      const file = await fs.open(...args);
      for (const name of ["write", "sync", "close"] as const) {
        Object.assign(file, { [name]: noted(name, file[name].bind(file) as (...args: unknown[]) => unknown) });
      }
      return file;
    },
  } as unknown as typeof fs;
  return { files, calls, hold: (until: Promise<void>) => void (held = until) };
}

describe("a blob on disk", () => {
  it("costs one look at its name and at the lock, and what makes bytes and name durable", () =>
    inFolder(async (root) => {
      const { files, calls } = counted();
      const store = await onDisk(root, storeSetup(), { fs: files, after: () => () => {} });
      // Both are in one folder, which is there by then.
      await writeBlob(volumeOf(store.volumes), "c$703-1-3a", "bytes");
      calls.length = 0;

      await writeBlob(volumeOf(store.volumes), "c$703-1-103", "bytes");

      const ofFile = ["lstat", "open", "write", "sync", "read the lock", "rename", "close"];
      const ofFolder = ["open", "sync", "close"];
      expect(calls.toSorted()).toEqual([...ofFile, ...ofFolder].sort());
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
