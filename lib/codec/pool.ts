import { wholeNumber } from "../check.ts";
import { cores } from "../runtime/host.ts";
import { raceAbort } from "../base/abort.ts";
import { fillsMemory } from "../base/bytes.ts";
import { turn } from "../base/turn.ts";
import { engine, wasmModule } from "./current.ts";
import type { DecodedHunk, Level, StoredHunk } from "./engine.ts";
import { release } from "../runtime/release.ts";
import type { Threads, ThreadUser } from "./threads.ts";
import { accepted, failed } from "./wasm_engine.ts";
import type { EncodedHunk, Task, TaskResult } from "./worker.ts";

/** Encodes and decodes hunks, several at a time where there are worker threads. */
export interface HunkPool {
  /** The number of hunks that it is worth giving the pool at a time. */
  readonly inFlight: number;

  /**
   * Makes a hunk of pickles.
   *
   * @param pickled The pickles; their memory is taken over, and becomes spare.
   * @param compress Whether to compress them.
   * @param level The effort.
   * @default {1}
   * @returns The hunk, header and data.
   */
  encode(pickled: Uint8Array<ArrayBuffer>, compress: boolean, level?: Level): Promise<Uint8Array<ArrayBuffer>>;

  /**
   * Reads a hunk's data back.
   *
   * @param stored The data after the header; its memory is taken over, if there is nothing else in it.
   * @param hunk What the header says.
   * @returns The records' places, and the pickles left for the general unpickler.
   * @throws {DiscoError} If the data is not what the header says (code `corrupt-hunk`).
   */
  decode(stored: Uint8Array<ArrayBuffer>, hunk: StoredHunk): Promise<DecodedHunk>;

  /**
   * Gives memory that pickles were in, for the next ones: to take a page of new memory can take longer than to compress what goes there.
   *
   * @returns The memory, with room for a hunk; `undefined` while there is none to spare.
   */
  spare(): Uint8Array<ArrayBuffer> | undefined;

  /** Ends the pool, and what it has under way. */
  close(): void;
}

/** Threads by default, where there are as many cores. */
const MOST_BY_DEFAULT = 4;
/** Hunks to give a pool at a time for each thread: two are under way in it, one waits for whichever has room first. */
const HUNKS_A_THREAD = 3;
/**
 * So much work takes longer in one thread than to start others and do it there. Of what is read, stored bytes count: each is some four of records, which are
 * read four times as fast as they are written.
 */
const WORTH_STARTING = 24 << 20;
/** The work after which as much again is likely to come, if it is not known how much there is. */
const START_AFTER = 1 << 24;
/** Milliseconds for which work is remembered, as long as threads are kept. */
const LATELY = 2000;
/** Bytes of memory that are worth keeping: what has room for a hunk, and not for a few. */
const SPARE = { least: 1 << 20, most: 1 << 22 } as const;
/** Smaller data is not worth the way to another thread. */
const WORTH_SENDING = 1 << 14;

/** The settings of a pool of hunks. */
export interface PoolOptions {
  /** Told once why threads cannot be had; this thread does all the work then. */
  readonly onFallback?: ((cause: unknown) => void) | undefined;
  /** The bytes that will come, where they are known: threads start at once when these are worth it, else when much was done lately. */
  readonly expected?: number | undefined;
  /** The threads; those of this realm by default. */
  readonly threads?: Threads | undefined;
}

/** The work that all pools of this realm did lately, of which many may do little each: its bytes, and the time of the last ones by `performance.now()`. */
export const lately: { bytes: number; at: number } = { bytes: 0, at: 0 };

/**
 * Makes a pool on the current engine. Its threads start when the work is worth them, and until they run, this thread does it.
 *
 * @param workers How many threads, 0 for none.
 * @default {"one a core, at most 4"}
 * @param options What it works with.
 * @returns The pool.
 * @throws {DiscoError} If `workers` is no whole number from 0 up (code `invalid-argument`).
 */
export function hunkPool(workers: number = Math.min(cores(), MOST_BY_DEFAULT), options: PoolOptions = {}): HunkPool {
  wholeNumber({ workers }, "workers", 0);
  return new Pool(workers, options);
}

class Pool implements HunkPool {
  readonly inFlight: number;
  readonly #user: ThreadUser;
  #threads: Threads | undefined;
  readonly #closing = new AbortController();
  readonly #spare: ArrayBuffer[] = [];
  /** The work lately from which on threads are wanted. */
  #startAt: number;

  constructor(most: number, { onFallback = () => {}, expected, threads }: PoolOptions) {
    this.inFlight = Math.max(1, HUNKS_A_THREAD * most);
    this.#user = { most, onFallback };
    this.#threads = threads;
    const least = expected === undefined ? START_AFTER : expected < WORTH_STARTING ? WORTH_STARTING : 0;
    this.#startAt = most === 0 ? Infinity : least;
  }

  async encode(
    pickled: Uint8Array<ArrayBuffer>,
    compress: boolean,
    level: Level = 1,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const answer = await this.#inThread({ bytes: pickled, compress, level }) as EncodedHunk | undefined;
    const hunk = answer?.hunk ?? (await engine()).encodeHunk(pickled, compress, level);
    const memory = answer?.memory ?? pickled.buffer;
    if (memory.byteLength >= SPARE.least && memory.byteLength <= SPARE.most) this.#spare.push(memory);
    return hunk;
  }

  async decode(stored: Uint8Array<ArrayBuffer>, hunk: StoredHunk): Promise<DecodedHunk> {
    const answer = await this.#inThread({ bytes: stored, hunk }) as DecodedHunk | undefined;
    if (answer !== undefined) return accepted(answer, hunk);
    try {
      return (await engine()).decodeHunk(stored, hunk);
    } finally {
      if (fillsMemory(stored)) release(stored.buffer);
    }
  }

  spare(): Uint8Array<ArrayBuffer> | undefined {
    const memory = this.#spare.pop();
    return memory && new Uint8Array(memory);
  }

  close(): void {
    this.#closing.abort(new DOMException("the pool was closed", "AbortError"));
    this.#threads?.leave(this.#user);
  }

  /** Has a task done by a thread; `undefined` while no thread is ready, or if it is not worth it. */
  async #inThread(task: Task): Promise<Exclude<TaskResult, Error> | undefined> {
    const { signal } = this.#closing;
    const { length } = task.bytes;
    if (length < WORTH_SENDING || signal.aborted || !this.#wantsThreads(length)) return undefined;
    const threads = await this.#loaded();
    if (signal.aborted) return undefined;
    if (threads?.prepare(this.#user)) await turn();
    if (signal.aborted) return undefined;
    const running = threads?.run(this.#user, task);
    if (running === undefined) return undefined;
    const answer = await raceAbort(running, signal);
    if (answer instanceof Error) throw failed(answer);
    return answer;
  }

  /** Counts work, and tells whether threads are wanted for it: those that run for others, or were needed a moment ago, are. */
  #wantsThreads(work: number): boolean {
    const now = performance.now();
    lately.bytes = now - lately.at > LATELY ? work : lately.bytes + work;
    lately.at = now;
    return lately.bytes >= this.#startAt;
  }

  async #loaded(): Promise<Threads | undefined> {
    try {
      return this.#threads ??= await realmThreads();
    } catch (cause) {
      if (this.#startAt < Infinity) this.#user.onFallback(cause);
      this.#startAt = Infinity;
      return undefined;
    }
  }
}

let shared: Promise<Threads> | undefined;

/** Loads the threads of this realm, and the script that runs in them: most jobs are too small to need either. */
function realmThreads(): Promise<Threads> {
  return shared ??= import("./threads.ts").then(({ Threads }) => new Threads({ module: wasmModule }));
}
