import { wasmModule } from "../../lib/codec/current.ts";
import type { HunkPool } from "../../lib/codec/pool.ts";
import { Threads, type ThreadStart } from "../../lib/codec/threads.ts";
import { startWorker } from "../../lib/runtime/threads.ts";
import { turn } from "../../lib/base/turn.ts";
import type { WorkerListener, WorkerThread } from "../../lib/runtime/threads_browser.ts";

/** Work that is worth threads. */
export const MUCH = 1 << 30;

/** Bytes of a hunk, others for each seed. */
export function pickled(seed: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(200_000).map((_, i) => (i * seed) >> 3);
}

/** Starts workers as the host does, and counts what is sent to them, and those that keep a process from its end. */
export function counted(
  others: Partial<ThreadStart> = {},
): { counts: { workers: number; tasks: number; awake: number; ended: number }; threads: Threads } {
  const counts = { workers: 0, tasks: 0, awake: 0, ended: 0 };
  const start = (source: string, listener: WorkerListener): WorkerThread => {
    const worker = startWorker(source, listener);
    counts.workers++;
    let isAwake = false;
    const wake = (wakes: boolean) => {
      counts.awake += Number(wakes) - Number(isAwake);
      isAwake = wakes;
    };
    return {
      post(message, transfer) {
        wake(true);
        if (transfer.length > 0) counts.tasks++;
        worker.post(message, transfer);
      },
      rest() {
        wake(false);
        worker.rest();
      },
      terminate() {
        wake(false);
        counts.ended++;
        worker.terminate();
      },
    };
  };
  return { counts, threads: threadsOf(start, others) };
}

/** Threads that are started in some way, and end with the last pool unless something else is said. */
export function threadsOf(start: typeof startWorker, others: Partial<ThreadStart> = {}): Threads {
  return new Threads({ start, module: wasmModule, keptIdle: 0, ...others });
}

/** Threads that only take note of what is sent to them. */
export interface NotingThreads {
  readonly threads: Threads;
  /** The first byte of each task that was sent to a thread. */
  readonly sent: readonly number[][];
  /** The threads that were ended. */
  readonly ended: readonly number[];
  /** Who is told what a thread says. */
  readonly listeners: readonly WorkerListener[];
  /** Has a pool start its threads. */
  start(pool: HunkPool, most: number): Promise<void>;
  /** Gives a pool a task; `end` is how it ended. */
  give(pool: HunkPool, task: number): Promise<{ end: Promise<string> }>;
  /** Has a thread answer its first task. */
  answer(thread: number): void;
}

/** Makes threads that take note. */
export function noting(others: Partial<ThreadStart> = {}): NotingThreads {
  const sent: number[][] = [];
  const ended: number[] = [];
  const listeners: WorkerListener[] = [];
  const threads = threadsOf((_source, listener) => {
    const tasks: number[] = [];
    sent.push(tasks);
    listeners.push(listener);
    const post = (message: unknown) => {
      if (typeof message === "object" && message !== null && "bytes" in message) {
        tasks.push(...(message.bytes as Uint8Array).subarray(0, 1));
      }
    };
    return { post, rest() {}, terminate: () => void ended.push(sent.indexOf(tasks)) };
  }, others);
  const start = async (pool: HunkPool, most: number) => {
    while (listeners.length < most) await pool.encode(pickled(1), false);
    for (const { onMessage } of listeners) onMessage("ready");
  };
  const give = async (pool: HunkPool, task: number) => {
    const given = pool.encode(new Uint8Array(1 << 16).fill(task), false);
    const end = given.then(() => "done", ({ name }: Error) => name);
    await turn();
    return { end };
  };
  const answer = (thread: number) => {
    listeners[thread]?.onMessage({ hunk: new Uint8Array(3), memory: new ArrayBuffer(0) });
  };
  return { sent, ended, listeners, answer, threads, start, give };
}
