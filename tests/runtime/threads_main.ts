// A process that works with two threads and then has nothing to do: threads_process_test.ts runs it.
import process from "node:process";
import { chunks } from "../../lib/records/mod.ts";

let threads = 0;
process.on("worker", () => threads++);

async function work(): Promise<void> {
  const text = new TextEncoder().encode("a line of 20 letters\n".repeat(3_000_000));
  for await (const _ of chunks(text, { workers: 2 }));
  console.log(`${threads} threads`);
}

/** Takes a chunk, and goes no further. */
async function leave(): Promise<void> {
  const text = new TextEncoder().encode("a line of 20 letters\n".repeat(3_000_000));
  const iterator = chunks(text, { workers: 2, chunkSize: 1 << 16 })[Symbol.asyncIterator]();
  while (threads < 2) await iterator.next();
  console.log(`${threads} threads`);
}

const [how] = process.argv.slice(2);
if (how === "leaves") await leave();
else if (how === "unawaited") void work();
else await work();
if (how === "fails") throw new Error("after the work");
