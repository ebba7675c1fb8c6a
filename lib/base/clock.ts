import { raceAbort } from "./abort.ts";
import { DiscoError } from "../errors.ts";

/** Time, for time-outs and pauses; a test passes one of its own. */
export interface Clock {
  /**
   * Tells the time.
   *
   * @returns Milliseconds since some fixed moment; never goes backwards.
   */
  now(): number;

  /**
   * Calls a function once, later.
   *
   * @param milliseconds How much later, less than 2^31.
   * @returns A function that calls it off.
   */
  after(milliseconds: number, run: () => void): () => void;
}

/** The runtime's own clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** Waits; ends at once with the signal's reason when it is aborted. */
export function sleep(clock: Clock, milliseconds: number, signal?: AbortSignal): Promise<void> {
  let cancel = () => {};
  return raceAbort(new Promise<void>((resolve) => cancel = clock.after(milliseconds, resolve)), signal).finally(cancel);
}

/** Makes the error of an attempt whose time is up. */
export function timeUp(milliseconds: number, what: string = "nothing came"): DiscoError {
  return new DiscoError(`${what} for ${Math.round(milliseconds)} ms`, { code: "timeout" });
}
