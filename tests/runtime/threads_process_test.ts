import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { KEPT_IDLE } from "../../lib/runtime/threads.ts";

const SCRIPT = new URL("./threads_main.ts", import.meta.url).pathname;

/** Runs the script, which may reach the network and nothing else, and cannot ask; tells what it said and how long it lived on. */
async function run(...args: string[]): Promise<{ said: string; code: number; livedOn: number }> {
  const flags = ["run", "--quiet", "--no-check", "--no-prompt", "--allow-net"];
  const command = new Deno.Command(Deno.execPath(), {
    args: [...flags, SCRIPT, ...args],
    stdout: "piped",
    stderr: "null",
  });
  const child = command.spawn();
  const tooLong = setTimeout(() => child.kill("SIGKILL"), 60_000);
  let said = "";
  let last = NaN;
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    said += text;
    last = performance.now();
  }
  const { code } = await child.status;
  clearTimeout(tooLong);
  return { said, code, livedOn: performance.now() - last };
}

describe("a process in Deno that has worked with threads", () => {
  it("ends at once, though its threads are kept, and needs no permission for them", async () => {
    const { said, code, livedOn } = await run();

    expect([said, code]).toEqual(["2 threads\n", 0]);
    expect(livedOn).toBeLessThan(KEPT_IDLE - 500);
  });

  it("ends at once with an error", async () => {
    const { said, code, livedOn } = await run("fails");

    expect([said, code]).toEqual(["2 threads\n", 1]);
    expect(livedOn).toBeLessThan(KEPT_IDLE - 500);
  });

  it("ends with chunks that nobody takes", async () => {
    const { said, code } = await run("leaves");

    expect([said, code]).toEqual(["2 threads\n", 0]);
  });

  it("does not end while they work", async () => {
    const { said, code } = await run("unawaited");

    expect([said, code]).toEqual(["2 threads\n", 0]);
  });
});
