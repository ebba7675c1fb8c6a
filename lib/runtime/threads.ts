// Worker threads of the runtime. Bundles for browsers take web_worker.ts instead.
import { builtin } from "./host.ts";
import {
  KEPT_IDLE as KEPT_BY_OTHERS,
  startWorker as startWebWorker,
  type WorkerListener,
  type WorkerThread,
} from "./threads_browser.ts";

interface NodeWorker {
  on(event: "message" | "error", listener: (value: unknown) => void): void;
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  ref(): void;
  unref(): void;
  terminate(): Promise<number>;
}

interface NodeWorkers {
  Worker: new (source: string, options: { eval: true }) => NodeWorker;
}

const runtime = globalThis as { Deno?: unknown };

/** Milliseconds that threads are kept for the next work. Deno's keep a script from its end for so long, if it has nothing else to do. */
export const KEPT_IDLE: number = runtime.Deno === undefined ? KEPT_BY_OTHERS : 50;

/** Gives a thread of Node the two globals of a web worker, so that the same source runs in both. */
const AS_WEB_WORKER = `{
  const { parentPort } = require("node:worker_threads");
  globalThis.postMessage = (message, transfer) => parentPort.postMessage(message, transfer);
  parentPort.on("message", (data) => globalThis.onmessage({ data }));
}
`;

/**
 * Starts a worker thread from its source.
 *
 * @throws {Error} If the runtime has no threads, or refuses this one; it may also say so later, by `onError`.
 */
export function startWorker(source: string, listener: WorkerListener): WorkerThread {
  if (typeof Worker === "function") return startWebWorker(source, listener);
  const threads = builtin<NodeWorkers>("node:worker_threads");
  if (threads === undefined) throw new TypeError("this runtime has no worker threads");
  const worker = new threads.Worker(AS_WEB_WORKER + source, { eval: true });
  worker.on("message", listener.onMessage);
  worker.on("error", listener.onError);
  return {
    post(message, transfer) {
      worker.ref();
      worker.postMessage(message, transfer);
    },
    rest: () => worker.unref(),
    terminate: () => void worker.terminate(),
  };
}
