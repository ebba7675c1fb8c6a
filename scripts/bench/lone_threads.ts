import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Contender } from "./race.ts";

/** What the threads run; beside a bundle of this file is one of that. */
const SCRIPT = new URL(
  import.meta.url.endsWith(".ts") ? "./lone_thread.ts" : "./lone_thread.mjs",
  import.meta.url,
);

/** What a thread works on. */
export interface LoneWork {
  /** The text. */
  readonly text: Uint8Array<ArrayBuffer>;
  /** Whether it reads hunks of the text back, and does not make them. */
  readonly isBack: boolean;
}

/** A contender that holds threads until it is ended. */
export interface LoneThreads extends Contender {
  /** Ends them. */
  end(): void;
}

/**
 * Makes hunks of a text, or reads them back, in threads that share nothing, each of its own part: the most that the machine's cores give. Two cores are seldom twice as fast as one.
 *
 * @param count How many threads.
 * @param copies How many times all of them go through it.
 * @returns The contender; its threads start with its first run.
 */
export function loneThreads(
  count: number,
  work: LoneWork,
  copies: number,
): LoneThreads {
  let workers: Worker[] = [];
  return {
    name: `${count} threads that share nothing`,
    async run() {
      if (workers.length === 0) {
        workers = Array.from({ length: count }, () => new Worker(SCRIPT, { workerData: work }));
      }
      const sizes = await Promise.all(workers.map(async (worker, i) => {
        const done = once(worker, "message");
        worker.postMessage(Math.floor((copies + i) / count));
        const [size] = await done as [number];
        return size;
      }));
      return sizes.reduce((all, size) => all + size, 0);
    },
    end: () => workers.forEach((worker) => void worker.terminate()),
  };
}
