import { DiscoError, type ErrorCode } from "../errors.ts";
import { cores, startWorker, type WorkerThread } from "../host.ts";
import { engine, wasmModule } from "./current.ts";
import type { DecodedHunk, Engine, StoredHunk } from "./engine.ts";
import { release } from "./release.ts";
import type { Answer, Task } from "./worker.ts";
import { WORKER_SOURCE } from "./worker_source.ts";

/** Encodes and decodes hunks, several at a time where there are worker threads. */
export interface HunkPool {
  /** How many hunks it is worth giving it at a time. */
  readonly inFlight: number;

  /**
   * Makes a hunk of pickles.
   *
   * @param pickled The pickles; their memory is taken over.
   * @param compress Whether to compress them.
   * @returns The hunk, header and data.
   */
  encode(pickled: Uint8Array<ArrayBuffer>, compress: boolean): Promise<Uint8Array<ArrayBuffer>>;

  /**
   * Reads a hunk's data back.
   *
   * @param stored The data after the header; its memory is taken over.
   * @param hunk What the header says.
   * @returns The records' places, and the pickles left for the general unpickler.
   * @throws {DiscoError} If the data is not what the header says (code `corrupt-hunk`).
   */
  decode(stored: Uint8Array<ArrayBuffer>, hunk: StoredHunk): Promise<DecodedHunk>;

  /** Ends the pool and its threads; what it has under way is not finished. */
  close(): void;
}

/** Threads by default, where there are as many cores. */
const MOST_BY_DEFAULT = 4;
/** Tasks under way in a thread: the next one is there when it has done one. */
const TASKS_A_WORKER = 2;
/** Some MiB take as long as to start the threads. */
const START_AFTER = 1 << 24;
/** What stored data grows to, roughly. */
const INFLATED = 4;
/** Smaller data is not worth the way to another thread. */
const WORTH_SENDING = 1 << 14;

/** What a pool of hunks works with. */
export interface PoolOptions {
  /** Told once why threads cannot be had; this thread does all the work then. */
  readonly onFallback?: (cause: unknown) => void;
  /** Starts a thread. */
  readonly start?: typeof startWorker;
  /**
   * The work in bytes of pickles after which threads start: to start them takes as long as some MiB here.
   *
   * @default {16777216}
   */
  readonly startAfter?: number;
}

/**
 * Makes a pool on the current engine. Its threads start when there has been enough work to be worth them, and until they run, this thread does it: a
 * small job starts none. They end when the pool is closed.
 *
 * @param workers How many threads, 0 for none.
 * @default {"one a core, at most 4"}
 * @param options What it works with.
 * @returns The pool.
 * @throws {DiscoError} If `workers` is no whole number of at least 0 (code `invalid-argument`).
 */
export function hunkPool(workers: number = Math.min(cores(), MOST_BY_DEFAULT), options: PoolOptions = {}): HunkPool {
  if (!Number.isSafeInteger(workers) || workers < 0) {
    throw new DiscoError(`Invalid workers ${workers}: it must be a whole number of at least 0`, {
      code: "invalid-argument",
    });
  }
  return new Pool(workers, options);
}

interface Pending {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly worker: WorkerThread;
  isReady: boolean;
  readonly pending: Pending[];
}

class Pool implements HunkPool {
  readonly inFlight: number;
  readonly #wanted: number;
  readonly #options: Required<PoolOptions>;
  #threads: Thread[] = [];
  #work = 0;
  #hasStarted = false;
  #isClosed = false;

  constructor(workers: number, { onFallback = () => {}, start = startWorker, startAfter = START_AFTER }: PoolOptions) {
    this.#wanted = workers;
    this.inFlight = Math.max(1, TASKS_A_WORKER * workers);
    this.#options = { onFallback, start, startAfter };
  }

  async encode(pickled: Uint8Array<ArrayBuffer>, compress: boolean): Promise<Uint8Array<ArrayBuffer>> {
    const thread = this.#freeThread(pickled.length, 1);
    if (thread === undefined) return releasing(pickled, (engine) => engine.encodeHunk(pickled, compress));
    const { bytes } = await this.#send(thread, { job: "encode", bytes: pickled, compress });
    return bytes;
  }

  async decode(stored: Uint8Array<ArrayBuffer>, hunk: StoredHunk): Promise<DecodedHunk> {
    const thread = this.#freeThread(stored.length, INFLATED);
    if (thread === undefined) return releasing(stored, (engine) => engine.decodeHunk(stored, hunk));
    const { bytes, offsets, rest } = await this.#send(thread, { job: "decode", bytes: stored, hunk });
    return { bytes, offsets, rest };
  }

  close(): void {
    this.#isClosed = true;
    this.#end(new DOMException("the pool was closed", "AbortError"));
  }

  /** The thread with the least to do; none while none is ready, and for what is too small. */
  #freeThread(size: number, factor: number): Thread | undefined {
    if (size < WORTH_SENDING || this.#isClosed) return undefined;
    if (this.#work >= this.#options.startAfter && !this.#hasStarted && this.#wanted > 0) this.#start();
    this.#work += size * factor;
    let best: Thread | undefined;
    for (const thread of this.#threads) {
      if (thread.isReady && thread.pending.length < (best?.pending.length ?? TASKS_A_WORKER)) best = thread;
    }
    return best;
  }

  #start(): void {
    this.#hasStarted = true;
    const module = wasmModule();
    if (module === undefined) return this.#fall(new TypeError("the js codec works in one thread"));
    try {
      for (let i = 0; i < this.#wanted; i++) {
        const pending: Pending[] = [];
        const worker = this.#options.start(WORKER_SOURCE, {
          onMessage: (message) => this.#onMessage(thread, message as Answer | "ready"),
          onError: (cause) => this.#fall(cause),
        });
        const thread: Thread = { worker, isReady: false, pending };
        this.#threads.push(thread);
        worker.post(module, []);
      }
    } catch (cause) {
      this.#fall(cause);
    }
  }

  #send(thread: Thread, task: Task): Promise<Answer> {
    return new Promise((resolve, reject) => {
      thread.pending.push({ resolve, reject });
      thread.worker.post(task, [task.bytes.buffer]);
    });
  }

  #onMessage(thread: Thread, message: Answer | "ready"): void {
    if (message === "ready") {
      thread.isReady = true;
      return;
    }
    const pending = thread.pending.shift();
    if (message.error === undefined) pending?.resolve(message);
    else pending?.reject(new DiscoError(message.error.message, { code: message.error.code as ErrorCode }));
  }

  /** A thread that fails takes the others along: what was sent is lost, what comes is done here. */
  #fall(cause: unknown): void {
    if (this.#isClosed) return;
    this.#end(
      new DiscoError(`A worker thread of the codec failed: ${cause}; workers: 0 does without`, {
        code: "unsupported",
        cause,
      }),
    );
    this.#options.onFallback(cause);
  }

  #end(reason: unknown): void {
    const threads = this.#threads;
    this.#threads = [];
    for (const { worker, pending } of threads) {
      worker.terminate();
      for (const { reject } of pending) reject(reason);
    }
  }
}

async function releasing<T>(bytes: Uint8Array<ArrayBuffer>, work: (engine: Engine) => T): Promise<T> {
  try {
    return work(await engine());
  } finally {
    release(bytes.buffer);
  }
}
