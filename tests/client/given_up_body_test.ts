import { describe, it } from "@std/testing/bdd";
import { DDFS } from "@ddfs/client";
import { embedded } from "@ddfs/client/embedded";
import { expect } from "../helpers/expect.ts";

const SIZE = 20 << 20;

/** Writes a file of 20 MiB, which is sent as a stream, and pushes it; tries for which `isDead` holds break off while it comes. */
async function pushed(
  isDead: (tries: number) => boolean,
): Promise<{ ddfs: DDFS; work: Promise<unknown>; tries: () => number }> {
  const path = await Deno.makeTempFile();
  await Deno.writeFile(path, new Uint8Array(SIZE));
  const cluster = embedded({ nodes: ["a", "b"] });
  let tries = 0;
  const ddfs = new DDFS(cluster.master, {
    retry: { within: 2000 },
    async fetch(request) {
      if (request.method !== "PUT" || !isDead(++tries)) return await cluster.fetch(request);
      const reader = request.body?.getReader();
      for (let read = 0; read < SIZE / 4;) read += (await reader?.read())?.value?.length ?? SIZE;
      // A read is under way when the connection is gone, as Deno has it.
      reader?.read().catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 5));
      await reader?.cancel("resource closed");
      throw new TypeError("connection reset");
    },
  });
  const work = ddfs.push("data:big", [path], { retries: 2 }).finally(() => Deno.remove(path));
  return { ddfs, work, tries: () => tries };
}

describe("a node that breaks off while a file is sent to it", () => {
  it("is not taken for a failure of the file: the blob is sent to another node", async () => {
    const { ddfs, work, tries } = await pushed((tries) => tries === 1);

    await work;

    expect([tries(), (await ddfs.get("data:big")).urls.length]).toEqual([2, 1]);
  });

  it("is named by the error, with its reason, when there is no other one", async () => {
    const { work, tries } = await pushed(() => true);

    await expect(work).rejects.toMatchObject({
      code: "too-few-replicas",
      message: expect.stringMatching(/connection reset/),
    });
    expect(tries()).toBe(3);
  });
});
