import { describe, it } from "@std/testing/bdd";
import { onDisk, storeSetup } from "../../../helpers/store_setup.ts";
import { inFolder } from "../../../helpers/embedded_stores.ts";
import { expect } from "../../../helpers/expect.ts";
import { LineProcess } from "../../../helpers/line_process.ts";

const MAIN = new URL("../../../helpers/lease_main.ts", import.meta.url).pathname;
const WORKER = new URL("../../../helpers/lease_worker.ts", import.meta.url);
const ROOT = new URL("../../../..", import.meta.url).pathname;
const CONFIG = `--config=${ROOT}deno.tools.json`;
/** All that a server needs. */
const FEW = ["--no-prompt", "--allow-net", "--allow-read", "--allow-write"];
/** Makes the waits of those shorter who try to get what is certainly dead. */
const SOON = 0.1;

function inDeno(root: string, factor = 1, permissions = FEW, before: string[] = []): LineProcess {
  const args = [Deno.execPath(), "run", "--quiet", "--no-check", CONFIG, ...permissions, MAIN, root, String(factor)];
  const [command = "", ...rest] = [...before, ...args];
  return new LineProcess(command, rest);
}

/** Uses processes, and ends them. */
async function ending(processes: LineProcess[], task: () => Promise<void>): Promise<void> {
  try {
    await task();
  } finally {
    await Promise.all(processes.map((process) => process.kill()));
  }
}

/** In a thread of this process, what comes of opening a folder. */
async function inThread(root: string, factor = 1): Promise<{ said: string; thread: Worker }> {
  const thread = new Worker(WORKER, { type: "module" });
  thread.postMessage([root, factor]);
  const said = await new Promise<string>((resolve, reject) => {
    thread.onmessage = ({ data }) => resolve(data);
    thread.onerror = reject;
  });
  return { said, thread };
}

async function runs(command: string, ...args: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(command, { args, stdout: "null", stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}

const hasNamespaces = await runs("unshare", "-pf", "true");
const otherRuntimes: string[] = [];
for (const runtime of ["node", "bun"]) if (await runs(runtime, "--version")) otherRuntimes.push(runtime);

describe("the lease of a folder, among processes", () => {
  it("is one process's, of many that start at the same time", () =>
    inFolder(async (root) => {
      const processes = Array.from({ length: 4 }, (_, i) => inDeno(root, 1, i % 2 === 0 ? FEW : ["-A"]));
      await ending(processes, async () => {
        const said = await Promise.all(processes.map((process) => process.line()));

        expect(said.map((text) => text.slice(0, "locked".length)).sort()).toEqual([
          "held",
          "locked",
          "locked",
          "locked",
        ]);
        expect(await processes[said.indexOf("held")]?.ask("data")).toMatch(/^200 /);
      });
    }));

  it("is taken over when its process was killed: at once with all permissions, else in seconds", () =>
    inFolder(async (root) => {
      const first = inDeno(root, 1, ["-A"]);
      const next = [first];
      await ending(next, async () => {
        expect(await first.line()).toBe("held");
        await first.kill();
        const second = inDeno(root, 1000, ["-A"]);
        next.push(second);
        expect(await second.line()).toBe("held");
        await second.kill();

        const third = inDeno(root, SOON);
        next.push(third);
        expect(await third.line()).toBe("held");
        expect(await third.ask("data")).toMatch(/^200 /);
      });
    }));

  it("is lost by a process that was stopped, which writes nothing when it goes on", () =>
    inFolder(async (root) => {
      const stopped = inDeno(root);
      await ending([stopped], async () => {
        expect(await stopped.line()).toBe("held");
        expect(await stopped.ask("data")).toMatch(/^200 /);
        stopped.signal("SIGSTOP");
        const successor = inDeno(root, SOON);
        await ending([successor], async () => {
          expect(await successor.line()).toBe("held");
          expect(await successor.ask("data")).toMatch(/^200 /);
          stopped.signal("SIGCONT");

          expect(await stopped.ask("data")).toMatch(/^500 .*(is lost|is in use)/);
          expect(await successor.ask("data")).toMatch(/^200 /);
        });
      });
      const after = (milliseconds: number, run: () => void) => {
        const timer = setTimeout(run, milliseconds * SOON);
        return () => clearTimeout(timer);
      };
      const store = await onDisk(root, storeSetup(), { after });
      expect((await store.tags.read("data"))?.content.urls).toBe('[["url 1"],["url 0"],["url 0"]]');
      await store.close();
    }));

  it("keeps threads of one process out, and is taken over from a thread that was ended", () =>
    inFolder(async (root) => {
      const first = await inThread(root);
      const second = await inThread(root);
      try {
        expect([first.said, second.said.slice(0, 7)]).toEqual(["held", "locked:"]);
        first.thread.terminate();

        const third = await inThread(root, SOON);
        third.thread.terminate();
        expect(third.said).toBe("held");
      } finally {
        first.thread.terminate();
        second.thread.terminate();
      }
    }));

  (hasNamespaces ? it : it.skip)(
    "keeps out a process of another container that has the same id",
    () =>
      inFolder(async (root) => {
        const [first, second] = [1, 2].map(() => inDeno(root, 1, FEW, ["unshare", "-pf", "--kill-child"]));
        if (first === undefined || second === undefined) throw new Error("two are needed");
        await ending([first, second], async () => {
          const said = await Promise.all([first.line(), second.line()]);

          expect(said.map((text) => text.replace(/folder .*/, "")).sort()).toEqual(["held", "locked: The "]);
          expect(said.join()).toMatch(/in use by process 1:/);
        });
        const third = inDeno(root, SOON);
        await ending([third], async () => expect(await third.line()).toBe("held"));
      }),
  );

  for (const runtime of otherRuntimes) {
    it(`keeps ${runtime} out of what Deno has, and the other way round`, () =>
      inFolder(async (folder) => {
        const [root, bundle] = [`${folder}/data`, `${folder}/main.mjs`];
        const args = ["bundle", "--quiet", CONFIG, "--platform=deno", MAIN, "-o", bundle];
        expect(await runs(Deno.execPath(), ...args)).toBe(true);
        const inOther = () => new LineProcess(runtime, [bundle, root]);
        for (
          const [start, startNext] of [[inOther, () => inDeno(root)], [() => inDeno(root, SOON), inOther]] as const
        ) {
          const first = start();
          await ending([first], async () => {
            expect(await first.line()).toBe("held");
            const second = startNext();
            await ending([second], async () => expect(await second.line()).toMatch(/^locked: .*in use by process \d+/));
          });
        }
      }));
  }
});
