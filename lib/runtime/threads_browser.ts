/** A worker thread of any runtime. */
export interface WorkerThread {
  /** Sends it a message; the memory in `transfer` moves to the thread. */
  post(message: unknown, transfer: ArrayBuffer[]): void;
  /** Lets the process end although the thread runs, until the next message is sent, where the runtime can do that. */
  rest(): void;
  /** Ends it. */
  terminate(): void;
}

/** The calls that a worker thread makes. */
export interface WorkerListener {
  /** It sent a message. */
  readonly onMessage: (message: unknown) => void;
  /** It cannot start, or has failed. */
  readonly onError: (cause: unknown) => void;
}

/** Milliseconds that threads are kept for the next work: to start one takes 15 to 40 ms, in which Deno does nothing else. */
export const KEPT_IDLE = 2000;

/**
 * Starts a web worker from its source: a `Blob` URL works in pages of any origin, in one-file bundles and in packages loaded over https, where a
 * module's own URL does not (denoland/deno issue 31612).
 *
 * @throws {Error} If the host refuses it; it may also say so later, by `onError`.
 */
export function startWorker(source: string, { onMessage, onError }: WorkerListener): WorkerThread {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  // Bun's keeps the process alive, and can be told not to.
  const worker: Worker & { ref?(): void; unref?(): void } = new Worker(url, { type: "module" });
  worker.onmessage = ({ data }) => onMessage(data);
  worker.onerror = (event) => {
    event.preventDefault();
    const refused = "the worker did not start: the page's policy may forbid it (CSP: worker-src blob:)";
    onError(event.error ?? new TypeError(event.message || refused));
  };
  return {
    post(message, transfer) {
      worker.ref?.();
      worker.postMessage(message, transfer);
    },
    rest: () => worker.unref?.(),
    terminate() {
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
}

/** Lets the process end although a timer runs: pages do not wait for timers. */
export function inBackground(_timer: ReturnType<typeof setTimeout>): void {}
