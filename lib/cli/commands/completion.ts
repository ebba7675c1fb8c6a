import type { Cli } from "../common/cli.ts";
import { usage } from "../common/exit_status.ts";
import type { CommandOptions } from "../common/options.ts";

const SHELLS = ["bash", "zsh", "fish", "powershell"];

/** Prints the script that makes a shell complete the commands, their options, and the names of tags. */
export async function completion(_cli: Cli, [shell = ""]: string[], _options: CommandOptions): Promise<void> {
  if (!SHELLS.includes(shell)) throw usage(`There is no completion for ${JSON.stringify(shell)}: ${SHELLS.join(", ")}`);
  const { default: tab } = await import("@bomb.sh/tab");
  tab.setup("ddfs", "ddfs", shell);
}
