import { dropped, onAbort } from "./abort.ts";
import { soon, turn } from "./turn.ts";

/** An iteration that has begun. */
export interface Iteration<Item> {
  /** The iterator that gives the items. */
  readonly items: AsyncIterator<Item, unknown>;
  /** Ends what the items may be waiting for. */
  readonly stop: AbortController;
  /** Called when it is over, with the error that ended it; what it throws takes the place of that. */
  readonly end: (error?: unknown) => void;
}

interface Waiting<Item> {
  resolve(result: IteratorResult<Item, undefined>): void;
  reject(error: unknown): void;
}

/**
 * Gives the items of a generator, and can be ended at any time: an abort fails the next() that waits, and return() ends it, at once, though the
 * generator may be stuck. A generator by itself lets both wait until it yields.
 */
export class EndableIterator<Item> implements AsyncIterableIterator<Item, undefined> {
  readonly #begin: () => Iteration<Item>;
  readonly #drop: () => void;
  #iteration: Iteration<Item> | undefined;
  readonly #waiting = new Set<Waiting<Item>>();
  /** Lets go of the signal. */
  #release = () => {};
  /** The reason why it ended, until it was thrown to a caller. */
  #failure: { readonly reason: unknown } | undefined;
  #isOver = false;

  /**
   * Makes one.
   *
   * @param begin Begins the iteration, when the first item is asked for.
   * @param drop Called when it is ended before it has begun.
   */
  constructor(begin: () => Iteration<Item>, drop: () => void = () => {}) {
    this.#begin = begin;
    this.#drop = drop;
  }

  /** Gives the next item. */
  next(): Promise<IteratorResult<Item, undefined>> {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) return Promise.reject(failure.reason);
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      const waiting = { resolve, reject };
      this.#waiting.add(waiting);
      const failed = (error: unknown) => {
        if (!this.#waiting.delete(waiting)) return;
        this.#end(error);
        reject(error);
      };
      try {
        this.#begun().items.next().then((result) => {
          if (!this.#waiting.delete(waiting)) return;
          if (result.done !== true) return resolve(result);
          this.#end();
          resolve({ done: true, value: undefined });
        }, failed).catch(reject);
      } catch (error) {
        failed(error);
      }
    });
  }

  /** Ends it. */
  async return(): Promise<IteratorResult<Item, undefined>> {
    const iteration = this.#iteration;
    if (!this.#isOver && iteration === undefined) this.#drop();
    if (!this.#isOver && iteration !== undefined) {
      const isWaiting = this.#waiting.size > 0;
      for (const { resolve } of this.#waiting) resolve({ done: true, value: undefined });
      this.#waiting.clear();
      try {
        this.#end();
      } finally {
        if (isWaiting) iteration.stop.abort(new DOMException("no more is wanted", "AbortError"));
        await soon(iteration.items.return?.());
      }
    }
    this.#isOver = true;
    return { done: true, value: undefined };
  }

  /** Itself. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  #begun(): Iteration<Item> {
    if (this.#iteration !== undefined) return this.#iteration;
    const iteration = this.#iteration = this.#begin();
    this.#release = onAbort(iteration.stop.signal, (reason) => void this.#fail(iteration, reason));
    return iteration;
  }

  async #fail({ items }: Iteration<Item>, reason: unknown): Promise<void> {
    // The items may end by themselves, and put their things in order before.
    if (this.#waiting.size > 0) await turn();
    if (this.#isOver) return;
    let failure = reason;
    try {
      this.#end(reason);
    } catch (error) {
      failure = error;
    }
    dropped(() => items.return?.());
    const [first, ...others] = this.#waiting;
    this.#waiting.clear();
    if (first === undefined) this.#failure = { reason: failure };
    first?.reject(failure);
    for (const { resolve } of others) resolve({ done: true, value: undefined });
  }

  #end(error?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#release();
    this.#iteration?.end(error);
  }
}

/**
 * Iterates until a signal is aborted, or as long as items are wanted.
 *
 * @param begin Begins, when the first item is asked for; it is given a signal that ends it for both reasons.
 * @returns The items.
 */
export function endable<Item>(
  signal: AbortSignal | undefined,
  begin: (signal: AbortSignal) => AsyncIterator<Item, unknown>,
): EndableIterator<Item> {
  return new EndableIterator(() => {
    signal?.throwIfAborted();
    const stop = new AbortController();
    const end = onAbort(signal, (reason) => stop.abort(reason));
    return { items: begin(stop.signal), stop, end };
  });
}
