/** Keys that are remembered: a request that is given up comes late by seconds, not by so many others. */
const MOST = 10_000;

/** Makes a change once, however often its request comes: all that have one key share the first one's result. */
export class Repeats<Result> {
  readonly #made = new Map<string, Promise<Result>>();

  /**
   * Makes a change, or gives what it came to before; one that failed is made again.
   *
   * @param key What all requests for the change have in common; without one it is made each time.
   * @param change Makes it.
   */
  once(key: string | undefined, change: () => Promise<Result>): Promise<Result> {
    if (key === undefined) return change();
    const before = this.#made.get(key);
    if (before !== undefined) return before;
    const result = change();
    this.#made.set(key, result);
    result.catch(() => this.#made.delete(key));
    for (const oldest of this.#made.keys()) {
      if (this.#made.size <= MOST) break;
      this.#made.delete(oldest);
    }
    return result;
  }
}
