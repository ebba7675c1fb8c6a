/** Gives the items of batches one by one, at the cost of one promise each; an async generator takes three. */
export class FlatIterator<Item> implements AsyncIterableIterator<Item, undefined> {
  readonly #batches: AsyncIterator<readonly Item[]>;
  readonly #signal: AbortSignal | undefined;
  #batch: readonly Item[] = [];
  #at = 0;
  /** Calls of next() that wait for a batch take turns. */
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /**
   * Takes over batches.
   *
   * @param signal Keeps back what is left of a batch when it is aborted.
   */
  constructor(batches: AsyncIterator<readonly Item[]>, signal?: AbortSignal) {
    this.#batches = batches;
    this.#signal = signal;
  }

  /** Gives the next item. */
  next(): Promise<IteratorResult<Item, undefined>> {
    if (this.#waiting === 0 && this.#at < this.#batch.length && !this.#signal?.aborted) {
      return Promise.resolve({ done: false, value: this.#batch[this.#at++] as Item });
    }
    this.#waiting++;
    const result = this.#turn.then(() => this.#next()).finally(() => this.#waiting--);
    this.#turn = result.catch(() => {});
    return result;
  }

  /** Ends the batches. */
  async return(): Promise<IteratorResult<Item, undefined>> {
    this.#batch = [];
    await this.#batches.return?.();
    return { done: true, value: undefined };
  }

  /** Itself. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  async #next(): Promise<IteratorResult<Item, undefined>> {
    if (this.#signal?.aborted) {
      await this.return();
      throw this.#signal.reason;
    }
    while (this.#at >= this.#batch.length) {
      const { done, value } = await this.#batches.next();
      if (done) return { done, value: undefined };
      this.#batch = value;
      this.#at = 0;
    }
    return { done: false, value: this.#batch[this.#at++] as Item };
  }
}
