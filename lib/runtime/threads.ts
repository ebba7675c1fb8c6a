// Worker threads of the runtime. Bundles for browsers take threads_browser.ts instead.
import { builtin } from "./host.ts";
import { startWorker as startWebWorker, type WorkerListener, type WorkerThread } from "./threads_browser.ts";

export { KEPT_IDLE } from "./threads_browser.ts";

interface NodeWorker {
  on(event: "message" | "error", listener: (value: unknown) => void): void;
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  ref(): void;
  unref(): void;
  terminate(): Promise<number>;
}

interface NodeWorkers {
  Worker: new (
    source: string,
    options: { readonly eval: true; readonly resourceLimits: { readonly maxYoungGenerationSizeMb: number } },
  ) => NodeWorker;
}

/**
 * Gives a thread of Node the two globals of a web worker, so that the same source runs in both. Deno's has them; by parentPort.on() it would look at each
 * byte of a message, in search of ports. What it is given is the CRC-32 that its main thread takes: to load that takes it 4 ms.
 */
const PRELUDE = `if ("Deno" in globalThis) globalThis.crc32 = process.getBuiltinModule("node:zlib").crc32;
else {
  const { parentPort } = require("node:worker_threads");
  globalThis.postMessage = (message, transfer) => parentPort.postMessage(message, transfer);
  parentPort.on("message", (data) => globalThis.onmessage({ data }));
}
`;

/** Little is on the heap of a thread, and much hangs on it beside: its collector is to look early. */
const LIMITS = { maxYoungGenerationSizeMb: 1 };

/**
 * Starts a worker thread from its source. Web workers are taken where they can rest, as in Bun, and where there are no others. Deno's keep a script from its
 * end; its threads of Node's kind do not, and start 20 ms later.
 *
 * @throws {Error} If the runtime has no threads, or refuses this one; it may also say so later, by `onError`.
 */
export function startWorker(source: string, listener: WorkerListener): WorkerThread {
  const canRest = typeof Worker === "function" && "unref" in Worker.prototype;
  const threads = canRest ? undefined : builtin<NodeWorkers>("node:worker_threads");
  if (threads === undefined) return startWebWorker(source, listener);
  const worker = new threads.Worker(PRELUDE + source, { eval: true, resourceLimits: LIMITS });
  worker.on("message", listener.onMessage);
  worker.on("error", listener.onError);
  // Deno counts these calls before 2.7: each is made once.
  let rests = false;
  return {
    post(message, transfer) {
      if (rests) worker.ref();
      rests = false;
      worker.postMessage(message, transfer);
    },
    rest() {
      if (!rests) worker.unref();
      rests = true;
    },
    terminate: () => void worker.terminate(),
  };
}

/** Lets the process end although a timer runs. */
export function inBackground(timer: ReturnType<typeof setTimeout>): void {
  const { Deno } = globalThis as { Deno?: { unrefTimer(id: unknown): void } };
  if (Deno === undefined) Object(timer).unref?.();
  else Deno.unrefTimer(timer);
}
