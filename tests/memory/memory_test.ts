import { after, before, describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";

const MIB = 1 << 20;
const GIB = 1 << 30;

/** Starts a script of tests/memory/. */
function run(script: string, ...args: string[]): Deno.ChildProcess {
  const path = new URL(`./${script}`, import.meta.url).pathname;
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", "--quiet", path, ...args],
    stdout: "piped",
    stderr: "inherit",
  });
  return command.spawn();
}

/** The least peak of resident memory in MiB of a few processes that do a job: a busy machine delays the collector, and so only adds to it. */
async function peak(master: string, job: string, least: number): Promise<number> {
  const peaks: number[] = [];
  while (peaks.length < 5 && !peaks.some((peak) => peak < least)) {
    const { success, stdout } = await run("load.ts", master, job, String(GIB)).output();
    expect(success).toBe(true);
    peaks.push(Math.round(Number(new TextDecoder().decode(stdout)) / MIB));
  }
  console.log(`peak of resident memory, ${job}: ${peaks.join(", then ")} MiB`);
  return Math.min(...peaks);
}

describe("memory", () => {
  let [folder, master] = ["", ""];
  let server: Deno.ChildProcess | undefined;

  before(async () => {
    folder = await Deno.makeTempDir();
    server = run("serve.ts", folder);
    const reader = server.stdout.getReader();
    master = new TextDecoder().decode((await reader.read()).value).trim();
    reader.releaseLock();
  });
  after(async () => {
    server?.kill();
    await server?.stdout.cancel().catch(() => {});
    await server?.status;
    await Deno.remove(folder, { recursive: true });
  });

  it("stays under 400 MiB while a stream of 1 GiB is chunked", async () => {
    expect(await peak(master, "chunk", 400)).toBeLessThan(400);
  });

  it("stays under 200 MiB while the records of 1 GiB are read back", async () => {
    expect(await peak(master, "records", 200)).toBeLessThan(200);
  });
});
