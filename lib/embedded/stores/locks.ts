/** Runs the tasks of one name one after the other. */
export class Locks {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs a task when all earlier ones of that name have ended. */
  async run<T>(name: string, task: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name) ?? Promise.resolve();
    const mine = before.then(() => task(), () => task());
    this.#last.set(name, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(name) === mine) this.#last.delete(name);
    }
  }
}
