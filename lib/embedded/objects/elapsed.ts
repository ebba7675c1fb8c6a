/**
 * Measures time from now on: rather too much than too little. A clock that is put back does not stop it, nor does a machine that sleeps.
 *
 * @param now Tells the time in milliseconds.
 * @returns A function that gives the milliseconds since.
 */
export function elapsing(now: () => number): () => number {
  const wall = now();
  const steady = performance.now();
  return () => Math.max(now() - wall, performance.now() - steady);
}
