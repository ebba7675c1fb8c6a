// Worker threads of the runtime. Bundles for browsers take web_worker.ts instead.
import { startWorker as startWebWorker, type WorkerListener, type WorkerThread } from "./web_worker.ts";

interface NodeWorker {
  on(event: "message" | "error", listener: (value: unknown) => void): void;
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  terminate(): Promise<number>;
}

interface NodeWorkers {
  Worker: new (source: string, options: { eval: true }) => NodeWorker;
}

interface Runtime {
  process?: { getBuiltinModule?(name: string): unknown };
}

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
  const { process } = globalThis as Runtime;
  const threads = process?.getBuiltinModule?.("node:worker_threads") as NodeWorkers | undefined;
  if (threads === undefined) throw new TypeError("this runtime has no worker threads");
  const worker = new threads.Worker(AS_WEB_WORKER + source, { eval: true });
  worker.on("message", listener.onMessage);
  worker.on("error", listener.onError);
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    terminate: () => void worker.terminate(),
  };
}
