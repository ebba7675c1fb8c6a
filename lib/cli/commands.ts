import type { CommandSpec } from "./common/command.ts";
import { ORIGINAL } from "./original.ts";
import { OURS } from "./ours.ts";

/** All commands, by name. */
export const COMMANDS: readonly CommandSpec[] = [...ORIGINAL, ...OURS]
  .sort((one, other) => one.name < other.name ? -1 : 1);
