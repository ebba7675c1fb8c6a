import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { embedded } from "@ddfs/client/embedded";
import { inFolder, MASTER, said } from "../helpers/embedded_stores.ts";

describe("the lock of a DDFS on disk", () => {
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
    }));

  it("keeps out all but one of many in a process, and is taken over from one that ended", () =>
    inFolder(async (root) => {
      for (const left of [undefined, `${await deadProcess()} x`, `${Deno.pid} an earlier start of a container`, ""]) {
        if (left !== undefined) await Deno.writeTextFile(`${root}/ddfs.lock`, left);
        const all = Array.from({ length: 8 }, () => embedded({ root }));

        const results = await Promise.allSettled(all.map((ddfs) => ddfs.ready()));

        expect(results.filter(({ status }) => status === "fulfilled").length).toBe(1);
        for (const ddfs of all) await ddfs.close();
        expect(await Array.fromAsync(Deno.readDir(root), ({ name }) => name)).toEqual(["vol0"]);
      }
    }));

  it("keeps out all but one of many processes that find the lock of one that ended", () =>
    inFolder(async (root) => {
      const left = await deadProcess();
      const source = `
        import * as fs from "node:fs/promises";
        import process from "node:process";
        import { lockFolder } from "${new URL("../../lib/embedded/stores/disk_lock.ts", import.meta.url)}";
        while (Date.now() < ${Date.now() + 3000});
        const result = await lockFolder(${JSON.stringify(root)}, fs, process).then(() => "held", ({ code }) => code);
        console.log(result);
        await Deno.stdin.read(new Uint8Array(1));`;
      await Deno.writeTextFile(`${root}/ddfs.lock`, `${left} x`);
      const processes = Array.from({ length: 6 }, () =>
        new Deno.Command(Deno.execPath(), { args: ["eval", source], stdin: "piped", stdout: "piped" }).spawn());
      const outputs = processes.map((process) =>
        process.stdout.pipeThrough(new TextDecoderStream()).getReader()
      );

      const results = await Promise.all(outputs.map(async (output) => (await output.read()).value?.trim()));

      expect(results.sort()).toEqual(["held", ...Array(5).fill("locked")]);
      for (const [i, process] of processes.entries()) {
        await process.stdin.close();
        await outputs[i]?.cancel();
        await process.status;
      }
      expect(await Array.fromAsync(Deno.readDir(root), ({ name }) => name)).toEqual(["ddfs.lock"]);
    }));

  it("is respected when another process holds it", () =>
    inFolder(async (root) => {
      const holder = new Deno.Command(Deno.execPath(), { args: ["eval", "setTimeout(() => {}, 60000)"] }).spawn();
      await Deno.writeTextFile(`${root}/ddfs.lock`, `${holder.pid}\n`);

      const ready = embedded({ root }).ready();

      await expect(ready).rejects.toMatchObject({ code: "locked", message: expect.stringContaining(`${holder.pid}`) });
      holder.kill();
      await holder.status;
    }));
});

/** The id of a process that has ended. */
async function deadProcess(): Promise<number> {
  const process = new Deno.Command(Deno.execPath(), { args: ["--version"], stdout: "null" }).spawn();
  await process.status;
  return process.pid;
}
