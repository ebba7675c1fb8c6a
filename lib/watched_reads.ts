import { onAbort } from "./abort.ts";
import { type Clock, TimeUp } from "./clock.ts";

/** What {@linkcode watchedReads} works with. */
export interface WatchedReads<Part> {
  /** The clock. */
  readonly clock: Clock;
  /** Milliseconds that a read may take. */
  readonly timeout: number;
  /** What the reads belong to: aborted when one takes too long; when it is aborted, the read that is under way fails. */
  readonly attempt: AbortController;
  /** Reads the next part; one read at a time. */
  readonly read: () => Promise<Part>;
}

/**
 * Watches the reads of a body. One listener and one timer serve all of them: a blob comes in thousands of parts, and what each leaves to the collector keeps
 * the memory of parts waiting.
 *
 * @returns A function that reads the next part, and one that lets go of the timer and the signal.
 */
export function watchedReads<Part>(
  { clock, timeout, attempt, read }: WatchedReads<Part>,
): { readonly next: () => Promise<Part>; readonly stop: () => void } {
  let since: number | undefined;
  let fail = (_cause: unknown) => {};
  let cancelTimer: (() => void) | undefined;
  const release = onAbort(attempt.signal, (reason) => fail(reason));
  const arm = (milliseconds: number) => {
    cancelTimer = clock.after(milliseconds, () => {
      cancelTimer = undefined;
      if (since === undefined) return;
      const left = timeout - (clock.now() - since);
      if (left > 0) arm(left);
      else attempt.abort(new TimeUp(timeout));
    });
  };
  return {
    next: () =>
      new Promise((resolve, reject) => {
        fail = reject;
        if (attempt.signal.aborted) return fail(attempt.signal.reason);
        since = clock.now();
        if (cancelTimer === undefined) arm(timeout);
        read().then((part) => {
          since = undefined;
          resolve(part);
        }, reject);
      }),
    stop() {
      cancelTimer?.();
      release();
    },
  };
}
