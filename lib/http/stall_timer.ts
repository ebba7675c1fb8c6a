import { type Clock, timeUp } from "../base/clock.ts";

/** Watches how long somebody waits. */
export interface StallTimer {
  /** Begins a wait; returns what ends it, and tells how many milliseconds it took. */
  begin(): () => number;
  /** Ends the watch. */
  stop(): void;
}

/**
 * Aborts an attempt when one of many waits takes too long. One timer serves all of them: a blob comes in thousands of parts, and what each wait leaves to the
 * collector keeps the memory of parts waiting.
 *
 * @param timeout Milliseconds that a wait may take.
 * @param attempt What is aborted.
 * @returns The watch.
 */
export function stallTimer(clock: Clock, timeout: number, attempt: AbortController): StallTimer {
  // When the wait began; not a number while nobody waits.
  let since = NaN;
  let cancel: (() => void) | undefined;
  const arm = (milliseconds: number) => {
    cancel = clock.after(milliseconds, () => {
      cancel = undefined;
      const left = timeout - (clock.now() - since);
      if (left > 0) arm(left);
      if (left <= 0) attempt.abort(timeUp(timeout));
    });
  };
  const end = () => {
    const waited = clock.now() - since;
    since = NaN;
    return waited;
  };
  return {
    begin() {
      since = clock.now();
      if (!cancel) arm(timeout);
      return end;
    },
    stop: () => cancel?.(),
  };
}
