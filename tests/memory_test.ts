import { describe, it } from "@std/testing/bdd";
import { expect } from "@std/expect";

const MIB = 1 << 20;
const GIB = 1 << 30;

/** The peaks of memory, in MiB, of processes that chunk a stream and read it back; the server is one of its own. */
async function peaks(size: number): Promise<{ chunk: number; records: number }> {
  const folder = await Deno.makeTempDir();
  const run = (script: string, ...args: string[]) =>
    new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--allow-all",
        "--no-check",
        "--quiet",
        new URL(`./memory/${script}`, import.meta.url).pathname,
        ...args,
      ],
      stdout: "piped",
    }).spawn();
  const server = run("serve.ts", folder);
  try {
    const reader = server.stdout.getReader();
    const master = new TextDecoder().decode((await reader.read()).value).trim();
    reader.releaseLock();
    const peak = async (job: string) => {
      const { success, stdout } = await run("load.ts", master, job, String(size)).output();
      expect(success).toBe(true);
      return Math.round(Number(new TextDecoder().decode(stdout)) / MIB);
    };
    return { chunk: await peak("chunk"), records: await peak("records") };
  } finally {
    server.kill();
    await server.stdout.cancel().catch(() => {});
    await server.status;
    await Deno.remove(folder, { recursive: true });
  }
}

describe("memory", () => {
  it("stays under 400 MiB while a stream of 1 GiB is chunked, and under 200 MiB while it is read back", async () => {
    const { chunk, records } = await peaks(GIB);

    console.log(`peak of resident memory: chunk() ${chunk} MiB, recordBatches() ${records} MiB`);
    expect(chunk).toBeLessThan(400);
    expect(records).toBeLessThan(200);
  });
});
