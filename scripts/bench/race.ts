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
  /** How many times as fast as the first contender it is in the same round, the median of all rounds. */
  readonly times: number;
  /** Bytes that came out. */
  readonly size: number;
}

/**
 * Measures contenders in turn, there and back again, so that whatever else the machine does concerns all of them; one round before the first is not
 * counted. Where the machine is slow for some rounds, speeds are compared within a round.
 *
 * @param contenders What to measure.
 * @param rounds How often, at most.
 * @param now Tells milliseconds.
 * @default {performance.now}
 * @param longest The milliseconds after which no more rounds begin, once one has counted.
 * @default {Infinity}
 * @returns What each was measured at, in the same order.
 */
export async function race(
  contenders: readonly Contender[],
  rounds: number,
  now: () => number = () => performance.now(),
  longest: number = Infinity,
): Promise<Standing[]> {
  const runners = contenders.map((contender) => ({ contender, times: [] as number[], size: 0 }));
  const start = now();
  for (let round = -1; round < rounds && (round < 1 || now() - start < longest); round++) {
    for (const runner of round % 2 === 0 ? runners : runners.toReversed()) {
      const began = now();
      runner.size = await runner.contender.run();
      if (round >= 0) runner.times.push(now() - began);
    }
  }
  const first = runners[0]?.times ?? [];
  return runners.map(({ contender: { name }, times, size }) => ({
    name,
    milliseconds: median(times),
    times: median(times.map((time, round) => (first[round] ?? NaN) / time)),
    size,
  }));
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? NaN;
}
