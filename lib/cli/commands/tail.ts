import type { Replicas } from "../../../mod.ts";
import { numberOf } from "../common/arguments.ts";
import type { Cli } from "../common/cli.ts";
import type { CommandOptions } from "../common/options.ts";
import { readerOf } from "../common/readers.ts";
import { printed } from "../common/record_text.ts";

/** Seconds between two looks; a real master that is asked more than once a second keeps an error that has passed. */
const EVERY = 2;

/** Prints the records of blobs that come, as they come, until it is interrupted. */
export async function tail(cli: Cli, [tag = ""]: string[], options: CommandOptions): Promise<void> {
  const { signal } = cli;
  const ddfs = await cli.ddfs();
  const reading = await readerOf(options.reader);
  const reader = typeof reading === "object" ? reading.reader : undefined;
  const every = 1000 * (numberOf("every", options.every, 1) ?? EVERY);
  const seen = new Set<string>();
  const { ignoreMissing = false } = options;
  let isFirst = options.fromStart !== true;
  for (;; await pause(every, signal)) {
    const blobs: Replicas[] = [];
    for await (const replicas of ddfs.blobs(tag, { ignoreMissing, signal })) blobs.push(replicas);
    const added = blobs.filter((replicas) => !seen.has(keyOf(replicas)));
    for (const replicas of blobs) seen.add(keyOf(replicas));
    if (!isFirst) {
      // The newest stand first in a tag.
      for (const replicas of added.reverse()) {
        if (options.blobs === true) {
          await cli.print(replicas.join("\t"), { replicas });
          continue;
        }
        for await (const records of ddfs.recordBatches(replicas, { reader, signal })) {
          if (cli.json) { for (const record of records) await cli.print("", record); }
          else await cli.write(printed(records).bytes);
        }
      }
    } else cli.tell(`Waiting for blobs of ${tag}; ${blobs.length} are there.`);
    isFirst = false;
    await cli.flush();
  }
}

function keyOf(replicas: Replicas): string {
  return replicas.join("\t");
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal.addEventListener("abort", stop, { once: true });
  });
}
