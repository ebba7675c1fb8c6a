import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import type { Input } from "../../lib/sources/input.ts";
import { ByteReader } from "../../lib/base/byte_reader.ts";
import { readAhead } from "../../lib/client/read_ahead.ts";
import { DDFS } from "../../mod.ts";
import { embedded } from "../../lib/embedded/mod.ts";
import { all, failure, settled } from "../helpers/fakes.ts";

/** Inputs of 10 parts of 1 MiB that note what happens to them. */
function inputs(count: number) {
  const log: string[] = [];
  const read: number[] = Array.from({ length: count }, () => 0);
  const list = Array.from({ length: count }, (_, i): Input => ({
    label: `${i}`,
    name: `${i}`,
    size: undefined,
    isStored: true,
    replicas: 1,
    open: (start = 0) => {
      log.push(`open ${i} at ${start}`);
      let parts = 0;
      const stream = new ReadableStream<Uint8Array>({
        pull: (controller) => {
          if (parts++ === 10) return controller.close();
          read[i] = parts;
          controller.enqueue(new Uint8Array(1 << 20).fill(i));
        },
        cancel: () => void log.push(`cancel ${i}`),
      }, { highWaterMark: 0 });
      return Promise.resolve({ bytes: stream, url: `${i}` });
    },
  }));
  return { list, log, read };
}

describe("readAhead()", () => {
  it("opens as many inputs as it is told, the next one when one is done, in order", async () => {
    const { list, log } = inputs(4);
    const opened: number[] = [];

    for (const input of readAhead(list, 2)) {
      opened.push(log.length);
      const { bytes } = await input.open();
      expect(new Uint8Array(await new Response(new ByteReader(bytes).stream()).arrayBuffer())[0]).toBe(
        Number(input.label),
      );
    }

    expect(opened).toEqual([2, 3, 4, 4]);
    expect(log).toEqual(["open 0 at 0", "open 1 at 0", "open 2 at 0", "open 3 at 0"]);
  });

  it("reads no more than 128 KiB of each ahead, or one part", async () => {
    const { list, read } = inputs(3);
    const ahead = readAhead(list, 3);

    ahead.next();
    await settled();
    ahead.return();

    expect(read).toEqual([1, 1, 1]);
  });

  it("cancels what it has opened when no more is wanted", async () => {
    const { list, log } = inputs(3);

    for (const _ of readAhead(list, 3)) break;
    await settled();

    expect(log.filter((line) => line.startsWith("cancel"))).toEqual(["cancel 0", "cancel 1", "cancel 2"]);
  });

  it("opens anew what is wanted from elsewhere, or again", async () => {
    const { list, log } = inputs(1);

    for (const input of readAhead(list, 1)) {
      new ByteReader((await input.open(0)).bytes).cancel();
      new ByteReader((await input.open(5)).bytes).cancel();
    }

    expect(log).toEqual(["open 0 at 0", "cancel 0", "open 0 at 5", "cancel 0"]);
  });
});

describe("records() with concurrency", () => {
  it("asks for several blobs at once, and keeps their order", async () => {
    const cluster = embedded();
    let [running, most] = [0, 0];
    const ddfs = new DDFS(cluster.master, {
      settings: {},
      fetch: async (request) => {
        if (!request.url.includes("/blob/")) return await cluster.fetch(request);
        most = Math.max(most, ++running);
        await settled();
        running--;
        return await cluster.fetch(request);
      },
    });
    for (let i = 0; i < 8; i++) await ddfs.chunk("x", [new Blob([`${9 - i}\n`])], { workers: 0 });

    const options = { text: true, workers: 0, concurrency: 4 } as const;
    expect(await all(ddfs.records("tag://x", options))).toEqual([
      "2\n",
      "3\n",
      "4\n",
      "5\n",
      "6\n",
      "7\n",
      "8\n",
      "9\n",
    ]);
    expect(most).toBe(4);
    expect((await failure(all(ddfs.records("tag://x", { concurrency: 0 })))).message).toContain(
      "Invalid concurrency 0",
    );
  });
});
