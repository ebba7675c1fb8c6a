import type { StoreSetup } from "../../stores/store.ts";

/**
 * Measures time from now on: rather too much than too little. A clock that is put back does not stop it, nor does a machine that sleeps.
 *
 * @param clocks The clock, and one that is never put back.
 * @returns A function that gives the milliseconds since.
 */
export function elapsing({ now, steady = () => performance.now() }: Pick<StoreSetup, "now" | "steady">): () => number {
  const wall = now();
  const start = steady();
  return () => Math.max(now() - wall, steady() - start);
}
