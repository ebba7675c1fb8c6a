/** Tells running tasks that a DDFS closes, as an abort signal does, but for any number of listeners. */
export class Closing {
  readonly #listeners = new Set<() => void>();
  #begun = false;

  /** True once it closes, or is closed. */
  get begun(): boolean {
    return this.#begun;
  }

  /** Calls a function when it closes; gives one that calls it off. */
  whenBegun(run: () => void): () => void {
    this.#listeners.add(run);
    return () => void this.#listeners.delete(run);
  }

  /** Begins to close. */
  begin(): void {
    this.#begun = true;
    for (const run of [...this.#listeners]) run();
  }
}
