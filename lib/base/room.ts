/** Keeps some tasks under way at a time: each takes a part of a room until it ends, and begins when there is so much. */
export class Room {
  readonly #size: number;
  #free: number;
  readonly #tasks = new Set<Promise<void>>();

  /**
   * Makes an empty room.
   *
   * @param size How much has room in it, in any unit.
   */
  constructor(size: number) {
    this.#size = size;
    this.#free = size;
  }

  /**
   * Begins a task as soon as there is room for it.
   *
   * @param size How much of the room it takes; a task that is larger than the room takes all of it.
   * @param task Begins it, and ends with it.
   * @throws The error of a task that was waited for.
   */
  async begin(size: number, task: () => Promise<void>): Promise<void> {
    const own = Math.min(size, this.#size);
    while (own > this.#free) await Promise.race(this.#tasks);
    this.#free -= own;
    const run: Promise<void> = task().finally(() => {
      this.#free += own;
      this.#tasks.delete(run);
    });
    // Its error is seen by whoever waits for room or for the end.
    run.catch(() => {});
    this.#tasks.add(run);
  }

  /** Waits until all tasks have ended, however they did. */
  async emptied(): Promise<void> {
    await Promise.allSettled(this.#tasks);
  }
}
