import type { Cli } from "./cli.ts";
import type { CommandOptions } from "./options.ts";

/** An option: how it is written, what it does. */
export interface OptionSpec {
  /** As commander reads it: `-n, --replicas <n>`. */
  readonly flags: string;
  /** Its line in the help. */
  readonly help: string;
  /** True where it may be given several times. */
  readonly many?: boolean;
  /** The reason for which it is refused, for options that only the original has. */
  readonly refused?: string;
  /** The default, in words or as a value. */
  readonly otherwise?: string;
}

/** A command. */
export interface CommandSpec {
  /** Its name. */
  readonly name: string;
  /** Its arguments, as commander reads them: `<tag> [url...]`. */
  readonly takes: string;
  /** True where it does nothing without arguments, as in the original; whoever types it is told. */
  readonly isIdle?: boolean;
  /** Its line in the help. */
  readonly summary: string;
  /** The rest of its help. */
  readonly details?: string;
  readonly options: readonly OptionSpec[];
  /** The kind of its arguments, for the completion. */
  readonly completes?: "tags" | "files" | "none";
  /** Loads what runs it. */
  readonly load: () => Promise<Run>;
}

/**
 * Runs a command.
 *
 * @returns The exit status, where it is not 0.
 */
export type Run = (cli: Cli, args: string[], options: CommandOptions) => Promise<number | void>;
