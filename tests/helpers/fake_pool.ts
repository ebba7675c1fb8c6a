import { engine } from "../../lib/codec/current.ts";
import type { HunkPool } from "../../lib/codec/pool.ts";

/** A pool that finishes hunks out of order, and counts. */
export interface FakePool extends HunkPool {
  /** How many hunks were begun. */
  readonly begun: () => number;
  /** How many hunks were under way at a time, at most. */
  readonly most: () => number;
  /** Whether it was closed. */
  readonly closed: () => boolean;
}

/**
 * Makes a pool.
 *
 * @param inFlight How many hunks it takes.
 * @param turns How many turns of the event loop the n-th hunk takes, to mix up their order.
 */
export function fakePool(inFlight: number, turns: (n: number) => number = () => 0): FakePool {
  let [begun, under, most, closed] = [0, 0, 0, false];
  const later = async <T>(work: () => Promise<T>): Promise<T> => {
    const n = begun++;
    most = Math.max(most, ++under);
    try {
      for (let i = turns(n); i > 0; i--) await new Promise((resolve) => setTimeout(resolve));
      return await work();
    } finally {
      under--;
    }
  };
  return {
    inFlight,
    encode: (pickled, compress, level) => later(async () => (await engine()).encodeHunk(pickled, compress, level)),
    decode: (stored, hunk) => later(async () => (await engine()).decodeHunk(stored, hunk)),
    spare: () => undefined,
    close: () => closed = true,
    begun: () => begun,
    most: () => most,
    closed: () => closed,
  };
}
