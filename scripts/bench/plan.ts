import type { Measured } from "./table.ts";

/** What is measured, and how. */
export interface BenchPlan {
  /** The texts; the corpora when there are none. */
  readonly files: readonly string[];
  /** MiB of each that are used. */
  readonly mib: number;
  /** How often, at most. */
  readonly rounds: number;
  /** Seconds for all of it, about. */
  readonly seconds: number | undefined;
  /** Worker threads, where these are measured. */
  readonly workers: number;
  /** How the names of the disciplines begin that are measured; all by default. */
  readonly only: readonly string[] | undefined;
  /** The DDFS for what is measured end to end. */
  readonly master: string;
}

/** What is printed: the runtime, how far it is, or a result. */
export type BenchReport =
  | { readonly about: string }
  | { readonly done: number; readonly steps: number }
  | { readonly measured: Measured };
