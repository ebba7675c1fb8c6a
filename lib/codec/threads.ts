import { DiscoError } from "../errors.ts";
import { fillsMemory } from "../base/bytes.ts";
import { inBackground, KEPT_IDLE, startWorker } from "../runtime/threads.ts";
import type { WorkerListener, WorkerThread } from "../runtime/threads_browser.ts";
import type { Task, TaskResult } from "./worker.ts";
import { WORKER_SOURCE } from "./worker_source.ts";

/** Tasks under way in a thread: the next one is there when it has done one. */
const TASKS_A_THREAD = 2;

/** The settings of {@linkcode Threads}. */
export interface ThreadStart {
  /** Starts a thread from its script, as the host does by default; fails where that is refused. */
  readonly start?: (source: string, listener: WorkerListener) => WorkerThread;
  /** Gives the compiled codec; `undefined` while the `js` engine runs. */
  readonly module: () => WebAssembly.Module | undefined;
  /** Milliseconds that threads are kept which nobody uses; by default what suits the host. */
  readonly keptIdle?: number;
}

/** A user of {@linkcode Threads}, for instance one operation of a client. */
export interface ThreadUser {
  /** The most threads that it may use. */
  readonly most: number;
  /** Told why there are none, once. */
  readonly onFallback: (cause: unknown) => void;
}

interface Pending {
  readonly resolve: (answer: TaskResult) => void;
  readonly reject: (error: unknown) => void;
}

/** A task that no thread has room for yet. */
interface Waiting extends Pending {
  readonly user: ThreadUser;
  readonly task: Task;
}

interface Thread {
  readonly worker: WorkerThread;
  isReady: boolean;
  readonly pending: Pending[];
}

/**
 * Worker threads of the codec. All that is under way in a realm shares them, so that many operations at a time do not start many times as many;
 * they end soon after the last operation that uses them, so that a script can exit.
 */
export class Threads {
  readonly #how: Required<ThreadStart>;
  readonly #users = new Set<ThreadUser>();
  /** The users that know of the refusal. */
  readonly #told = new Set<ThreadUser>();
  #threads: Thread[] = [];
  /** The tasks that were given while the threads had no room. */
  #waiting: Waiting[] = [];
  #refusal: { readonly cause: unknown } | undefined;
  /** Ends the threads that nobody uses. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The codec that the threads have. */
  #module: WebAssembly.Module | undefined;

  /**
   * Makes a set of threads; none is started yet.
   *
   * @param how Starts a thread, and gives it the codec.
   */
  constructor(how: ThreadStart) {
    this.#how = { start: startWorker, keptIdle: KEPT_IDLE, ...how };
  }

  /**
   * Makes sure that the threads of a user are there, or on their way. It starts one at a time: Deno stands still for 40 ms for each, in which
   * those that run already can work.
   *
   * @returns Whether some are on their way: another turn of the event loop, and another call, bring them nearer.
   */
  prepare(user: ThreadUser): boolean {
    if (this.#users.size === 0) this.#begin();
    this.#users.add(user);
    if (this.#threads.length < user.most && this.#refusal === undefined) this.#startOne();
    if (this.#refusal === undefined) return this.#threads.filter(({ isReady }) => isReady).length < user.most;
    this.#tell(user, this.#refusal.cause);
    return false;
  }

  /**
   * Gives a task to the thread of a user that has the least to do; while none has room, it waits for the first that does.
   *
   * @param task The task; its memory moves to the thread, or a copy of stored data that shares it with something else.
   * @returns The answer; `undefined` while no thread is ready, and then the caller keeps the task.
   */
  run(user: ThreadUser, task: Task): Promise<TaskResult> | undefined {
    let best: Thread | undefined;
    for (const thread of this.#threads.slice(0, user.most)) {
      if (thread.isReady && thread.pending.length < (best?.pending.length ?? Infinity)) best = thread;
    }
    if (best === undefined) return undefined;
    const idlest = best;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ user, task, resolve, reject });
      this.#fill(idlest);
    });
  }

  /**
   * Ends a user's work. With the last user the threads end: at once where they have something under way, else when they were idle for a while.
   */
  leave(user: ThreadUser): void {
    this.#users.delete(user);
    this.#told.delete(user);
    this.#waiting = this.#waiting.filter((waiting) => waiting.user !== user);
    if (this.#users.size > 0) return;
    clearTimeout(this.#timer);
    const { keptIdle } = this.#how;
    const isBusy = this.#threads.some(({ pending }) => pending.length > 0);
    if (isBusy || keptIdle === 0) return this.#end(ended());
    if (this.#threads.length === 0) return;
    this.#threads.forEach(({ worker }) => worker.rest());
    this.#timer = setTimeout(() => this.#end(ended()), keptIdle);
    inBackground(this.#timer);
  }

  /** Prepares for the first user: forgets a failure of earlier threads, and ends threads that have another codec. */
  #begin(): void {
    clearTimeout(this.#timer);
    this.#refusal = undefined;
    const module = this.#how.module();
    if (module !== this.#module) this.#end(ended());
    this.#module = module;
  }

  #startOne(): void {
    const module = this.#module;
    if (module === undefined) return this.#refuse(new TypeError("the js codec works in one thread"));
    const pending: Pending[] = [];
    try {
      const worker = this.#how.start(WORKER_SOURCE, {
        onMessage: (message) => {
          if (!this.#threads.includes(thread)) return;
          if (message === "ready") thread.isReady = true;
          else pending.shift()?.resolve(message as TaskResult);
          this.#fill(thread);
        },
        onError: (cause) => {
          if (this.#threads.includes(thread)) this.#refuse(cause);
        },
      });
      const thread: Thread = { worker, isReady: false, pending };
      this.#threads.push(thread);
      worker.post(module, []);
    } catch (cause) {
      this.#refuse(cause);
    }
  }

  /** Sends a thread what waits for one, as long as it has room. */
  #fill(thread: Thread): void {
    const { worker, pending } = thread;
    const at = this.#threads.indexOf(thread);
    while (pending.length < TASKS_A_THREAD) {
      const next = this.#waiting.findIndex(({ user }) => at < user.most);
      const [waiting] = next < 0 ? [] : this.#waiting.splice(next, 1);
      if (waiting === undefined) break;
      pending.push(waiting);
      const task = sent(waiting.task);
      worker.post(task, [task.bytes.buffer]);
    }
    // An operation that nobody goes on with, nor ends, keeps no process from its end.
    if (thread.isReady && pending.length === 0) worker.rest();
  }

  /** Ends all threads because one failed. The tasks that were sent are lost; later ones are done without threads. */
  #refuse(cause: unknown): void {
    this.#refusal = { cause };
    this.#end(
      new DiscoError(`A worker thread of the codec failed: ${cause}; workers: 0 does without`, {
        code: "unsupported",
        cause,
      }),
    );
    for (const user of this.#users) this.#tell(user, cause);
  }

  #tell(user: ThreadUser, cause: unknown): void {
    if (this.#told.has(user)) return;
    this.#told.add(user);
    user.onFallback(cause);
  }

  #end(reason: unknown): void {
    const threads = this.#threads;
    this.#threads = [];
    for (const { worker, pending } of threads) {
      worker.terminate();
      for (const { reject } of pending) reject(reason);
    }
    for (const { reject } of this.#waiting.splice(0)) reject(reason);
  }
}

/** Gives what is sent of a task: a copy of stored data that shares its memory with something else. */
function sent(task: Task): Task {
  return "hunk" in task && !fillsMemory(task.bytes) ? { ...task, bytes: new Uint8Array(task.bytes) } : task;
}

function ended(): DOMException {
  return new DOMException("the threads were ended", "AbortError");
}
