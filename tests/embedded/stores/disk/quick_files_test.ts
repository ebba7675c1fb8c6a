import * as sync from "node:fs";
import * as fs from "node:fs/promises";
import { describe, it } from "@std/testing/bdd";
import { quickFiles } from "../../../../lib/embedded/stores/disk/quick_files.ts";
import { inFolder } from "../../../helpers/embedded_stores.ts";
import { expect } from "../../../helpers/expect.ts";

/** Files whose calls are written down, in a time that passes as a test says. */
function setUp() {
  const state = { now: 0, took: 0 };
  const calls: string[] = [];
  const noted = <F extends (...args: never[]) => unknown>(name: string, run: F) =>
    ((...args: Parameters<F>) => {
      calls.push(name);
      state.now += state.took;
      return run(...args);
    }) as unknown as F;
  const atOnce = {
    ...sync,
    openSync: noted("open", sync.openSync),
    writeSync: noted("write", sync.writeSync),
    renameSync: noted("rename", sync.renameSync),
    closeSync: noted("close", sync.closeSync),
  };
  const files = quickFiles(fs, atOnce, () => state.now);
  return { files, state, calls };
}

const bytesOf = (size: number) => new Uint8Array(size).fill(7);

describe("files of which calls are made at once", () => {
  it("are those that only the system's memory has to be changed for", () =>
    inFolder(async (folder) => {
      const { files, calls } = setUp();

      const file = await files.open(`${folder}/a`, "wx", 0o400);
      await file.write(bytesOf(1000));
      await file.writeFile("text");
      await file.sync();
      expect(await file.stat()).toMatchObject({ size: 1004 });
      await file.close();
      await files.rename(`${folder}/a`, `${folder}/b`);

      expect(calls).toEqual(["open", "write", "write", "close", "rename"]);
      const read = await fs.readFile(`${folder}/b`);
      expect([...read]).toEqual([...bytesOf(1000), ...new TextEncoder().encode("text")]);
    }));

  it("get many bytes, and parts of some at a place, all the same", () =>
    inFolder(async (folder) => {
      const { files, calls } = setUp();

      const file = await files.open(`${folder}/a`, "wx");
      const many = bytesOf(100_000);
      for (let at = 0; at < many.length;) at += (await file.write(many, at)).bytesWritten;
      await file.write(new TextEncoder().encode("..abc"), 2, null, 10);
      await file.write(new TextEncoder().encode("..def"), 2, 2, 20);
      await file.close();

      expect(calls).toEqual(["open", "write", "write", "close"]);
      const read = await fs.readFile(`${folder}/a`, "latin1");
      expect([read.length, read.slice(9, 14), read.slice(19, 23)]).toEqual([100_000, "\x07abc\x07", "\x07de\x07"]);
    }));

  it("are none for a second after one that was slow: a disk made it wait", () =>
    inFolder(async (folder) => {
      const { files, state, calls } = setUp();
      const write = async (name: string) => {
        const file = await files.open(`${folder}/!${name}`, "wx");
        await file.write(bytesOf(10));
        await file.close();
        await files.rename(`${folder}/!${name}`, `${folder}/${name}`);
        return calls.splice(0).filter((call) => call !== "close");
      };
      state.took = 1;
      expect(await write("quick")).toEqual(["open", "write", "rename"]);
      state.took = 6;
      expect(await write("slow")).toEqual(["open"]);
      state.took = 0;
      state.now += 900;
      expect(await write("soon after")).toEqual([]);
      state.now += 200;
      expect(await write("later")).toEqual(["open", "write", "rename"]);

      expect((await fs.readdir(folder)).sort()).toEqual(["later", "quick", "slow", "soon after"]);
    }));

  it("fail as the others do", () =>
    inFolder(async (folder) => {
      const { files } = setUp();
      await fs.writeFile(`${folder}/there`, "");

      await expect(files.open(`${folder}/there`, "wx")).rejects.toMatchObject({ code: "EEXIST" });
      await expect(files.open(`${folder}/missing/file`, "wx")).rejects.toMatchObject({ code: "ENOENT" });
      await expect(files.rename(`${folder}/missing`, `${folder}/else`)).rejects.toMatchObject({ code: "ENOENT" });
    }));

  it("are not written once they are closed: their number may be that of another file by then", () =>
    inFolder(async (folder) => {
      const { files } = setUp();
      const file = await files.open(`${folder}/a`, "wx");
      await file.close();
      const other = await files.open(`${folder}/b`, "wx");

      await file.close();
      for (const call of [() => file.write(bytesOf(1)), () => file.sync()]) {
        await expect(call()).rejects.toThrow("The file is closed");
      }
      await other.close();
      expect(await fs.readFile(`${folder}/b`, "utf8")).toBe("");
    }));
});
