import type { Progress, ProgressOptions } from "../options.ts";

/** The counts of an operation. */
interface Counts {
  bytesIn: number;
  bytesOut: number;
  records: number;
  blobs: number;
}

/** The facts about a finished blob that are told. */
type Finished = Partial<Pick<Progress, "replicas" | "source" | "offset">>;

/** Adds to the counts of an operation, and tells its `onProgress`. */
export type Count = (name: string, more: Partial<Counts>, finished?: Finished) => void;

/**
 * Counts what an operation does.
 *
 * @param options The `onProgress` that is told.
 * @param sizes The sizes of all that will be read, in bytes; the total is known when they are.
 * @returns A function to call at each step, with the name of what is worked on.
 */
export function counter({ onProgress }: ProgressOptions, sizes: readonly (number | undefined)[] = [undefined]): Count {
  const counts: Counts = { bytesIn: 0, bytesOut: 0, records: 0, blobs: 0 };
  const total = totalOf(sizes);
  const keys = Object.keys(counts) as (keyof Counts)[];
  return (name, more, finished) => {
    for (const key of keys) counts[key] += more[key] ?? 0;
    onProgress?.({ ...counts, name, replicas: [], ...finished, total });
  };
}

/** Gives the sum of sizes; `undefined` if one is not known. */
export function totalOf(sizes: readonly (number | undefined)[]): number | undefined {
  const sum = sizes.reduce<number>((sum, size = NaN) => sum + size, 0);
  return Number.isNaN(sum) ? undefined : sum;
}
