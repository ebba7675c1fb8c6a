import { turn } from "../../../lib/base/turn.ts";

/** Real milliseconds in which anything that is no timer has come to its end, on any machine. */
const PATIENCE = 60_000;

/** Time that passes only where nothing else is left to do. */
export class VirtualTime {
  /** Milliseconds since 1970. */
  now = Date.UTC(2026, 10, 22);
  readonly #timers = new Set<{ readonly at: number; readonly run: () => void }>();

  /** Calls a function after some milliseconds; gives one that calls it off. */
  readonly after = (milliseconds: number, run: () => void): () => void => {
    const timer = { at: this.now + milliseconds, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  /** Waits for some milliseconds. */
  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => void this.after(milliseconds, resolve));
  }

  /** Lets time pass until something has ended. */
  async until<T>(task: Promise<T>): Promise<T> {
    let isDone = false;
    const end = () => void (isDone = true);
    task.then(end, end);
    let busy = performance.now();
    while (!isDone) {
      await turn();
      let next: { readonly at: number; readonly run: () => void } | undefined;
      for (const timer of this.#timers) if (next === undefined || timer.at < next.at) next = timer;
      if (isDone || next === undefined) {
        if (performance.now() - busy > PATIENCE) throw new Error("nothing is left to wait for");
        continue;
      }
      busy = performance.now();
      this.#timers.delete(next);
      this.now = Math.max(this.now, next.at);
      next.run();
    }
    return await task;
  }
}
