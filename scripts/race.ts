/** Something to be measured beside others. */
export interface Contender {
  /** What the table calls it. */
  readonly name: string;
  /** Does the work once; returns how many bytes came out. */
  run(): number | Promise<number>;
}

/** What is measured: contenders, the first of which the others are compared with. */
export interface Discipline {
  readonly name: string;
  /** Bytes of text that each contender works on. */
  readonly bytes: number;
  readonly contenders: readonly Contender[];
  /** Gives back what the contenders hold, once they are measured. */
  readonly end?: () => void;
}

/** What a contender was measured at. */
export interface Standing {
  readonly name: string;
  /** Milliseconds that the work takes, the median of all rounds. */
  readonly milliseconds: number;
  /** Bytes that came out. */
  readonly size: number;
}

/**
 * Measures contenders in turn, so that whatever else the machine does concerns all of them; one round before the first is not
 * counted.
 *
 * @param contenders What to measure.
 * @param rounds How often.
 * @returns What each was measured at, in the same order.
 */
export async function race(contenders: readonly Contender[], rounds: number): Promise<Standing[]> {
  const times = contenders.map((): number[] => []);
  const sizes = contenders.map(() => 0);
  for (let round = -1; round < rounds; round++) {
    for (const [i, contender] of contenders.entries()) {
      const began = performance.now();
      sizes[i] = await contender.run();
      if (round >= 0) times[i]?.push(performance.now() - began);
    }
  }
  return contenders.map(({ name }, i) => ({ name, milliseconds: median(times[i] ?? []), size: sizes[i] ?? 0 }));
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? NaN;
}
