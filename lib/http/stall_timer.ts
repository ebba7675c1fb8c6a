import type { Clock } from "../base/clock.ts";

/** A watch over waits. */
export interface StallTimer {
  /**
   * Begins a wait; gives a function that ends it, and returns the milliseconds that it took.
   *
   * @param waited Milliseconds that were waited before and count, too.
   */
  begin(waited?: number): () => number;
  /** Ends the watch. */
  stop(): void;
}

/**
 * Tells when one of many waits takes too long. One timer serves all of them: a blob comes in thousands of parts, and what each wait leaves to the
 * collector keeps the memory of parts waiting.
 *
 * @param timeout Milliseconds that a wait may take.
 * @param onStall Called once in a wait that takes longer.
 */
export function stallTimer(clock: Clock, timeout: number, onStall: () => void): StallTimer {
  // When the wait began; not a number while nobody waits.
  let since = NaN;
  let cancel: (() => void) | undefined;
  const arm = (milliseconds: number) => {
    cancel = clock.after(milliseconds, () => {
      cancel = undefined;
      const left = timeout - (clock.now() - since);
      if (left > 0) arm(left);
      if (left <= 0) onStall();
    });
  };
  const end = () => {
    const waited = clock.now() - since;
    since = NaN;
    return waited;
  };
  return {
    begin(waited = 0) {
      since = clock.now() - waited;
      if (!cancel) arm(timeout - waited);
      return end;
    },
    stop: () => cancel?.(),
  };
}
