import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { readdirSync, readlinkSync } from "node:fs";
import { type LocalFile, localFiles } from "../../lib/runtime/files.ts";
import { joined, numbered, sha256 } from "../helpers/bytes.ts";
import { inFolder, until } from "../helpers/embedded_stores.ts";

const MIB = 1 << 20;

/** How many times this process has a file open; nothing where that cannot be told. */
function timesOpen(path: string): number | undefined {
  try {
    return readdirSync("/proc/self/fd").filter((fd) => linkOf(`/proc/self/fd/${fd}`) === path).length;
  } catch {
    return undefined;
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

async function fileAt(path: string): Promise<LocalFile> {
  const [file] = await localFiles(path) ?? [];
  if (file === undefined) throw new Error("there are no files here");
  return file;
}

async function read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<Uint8Array<ArrayBuffer>[]> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const reader = stream.getReader();
  for (let { value } = await reader.read(); value !== undefined; { value } = await reader.read()) parts.push(value);
  return parts;
}

describe("localFiles()", () => {
  it("gives a file's bytes in pieces of 1 MiB and a rest, each time from the first, and leaves nothing open", () =>
    inFolder(async (folder) => {
      for (const size of [0, 1, MIB, 2 * MIB + 5]) {
        const path = `${folder}/${size}`;
        const bytes = numbered(size);
        await Deno.writeFile(path, bytes);

        const file = await fileAt(path);
        for (let time = 0; time < 2; time++) {
          const parts = await read(await file.open());

          expect(file.size).toBe(size || undefined);
          expect(parts.map(({ length }) => length)).toEqual(
            [...Array(Math.floor(size / MIB)).fill(MIB), size % MIB].filter((length) => length > 0),
          );
          expect(await sha256(joined(parts))).toBe(await sha256(bytes));
        }
        expect(timesOpen(path) ?? 0).toBe(0);
      }
    }));

  it("gives bytes that belong to who reads them", () =>
    inFolder(async (folder) => {
      await Deno.writeFile(`${folder}/file`, numbered(2 * MIB));
      const reader = (await (await fileAt(`${folder}/file`)).open()).getReader();

      const { value: first = new Uint8Array() } = await reader.read();
      await reader.read();

      expect(await sha256(first)).toBe(await sha256(numbered(MIB)));
      await reader.cancel();
    }));

  it("closes the file when no more of it is wanted", () =>
    inFolder(async (folder) => {
      const path = `${folder}/file`;
      await Deno.writeFile(path, numbered(2 * MIB));
      const reader = (await (await fileAt(path)).open()).getReader();
      await reader.read();
      expect(timesOpen(path) ?? 1).toBe(1);

      await reader.cancel();

      await until(() => (timesOpen(path) ?? 0) === 0);
    }));

  it("gives what was there when it was looked at, though more is appended", () =>
    inFolder(async (folder) => {
      const path = `${folder}/file`;
      await Deno.writeFile(path, numbered(5000));
      const file = await fileAt(path);
      await Deno.writeFile(path, numbered(9000));

      expect(joined(await read(await file.open()))).toEqual(numbered(5000));
    }));

  it("gives the files of a folder and below it, by their paths there, and goes round no circle of links", () =>
    inFolder(async (folder) => {
      await Deno.mkdir(`${folder}/b/c`, { recursive: true });
      for (const name of ["z", "b/a", "b/c/a"]) await Deno.writeTextFile(`${folder}/${name}`, name);
      await Deno.symlink(folder, `${folder}/b/up`);
      await Deno.symlink(`${folder}/z`, `${folder}/link`);

      const files = await localFiles(folder) ?? [];

      expect(files.map(({ name }) => name)).toEqual(["b/a", "b/c/a", "link", "z"]);
      expect(files.map(({ path }) => path.slice(folder.length))).toEqual(["/b/a", "/b/c/a", "/link", "/z"]);
    }));

  it("does not believe the size of what is made as it is read", async () => {
    const [file] = await localFiles("/proc/self/status") ?? [];
    if (file === undefined) return;

    expect(file.size).toBe(undefined);
    expect(new TextDecoder().decode(joined(await read(await file.open())))).toContain("Pid:");
  });

  it("fails when there is no such file, or one that nobody can read", () =>
    inFolder(async (folder) => {
      await expect(localFiles(`${folder}/none`)).rejects.toThrow(/ENOENT|No such file/);
      await Deno.mkdir(`${folder}/sub`);
      await Deno.symlink(`${folder}/none`, `${folder}/sub/dangling`);
      await expect(localFiles(folder)).rejects.toThrow(/ENOENT|No such file/);
    }));
});
