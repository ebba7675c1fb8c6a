import type { Cli } from "./common/cli.ts";
import { COMMANDS } from "./commands.ts";

/** Milliseconds that a shell may wait for the names of tags. */
const PATIENCE = 1500;

/** Answers a shell that asks how a command line may go on: the words behind `ddfs`, the last one being typed. */
export async function complete(cli: Cli, words: string[]): Promise<void> {
  const { default: tab } = await import("@bomb.sh/tab");
  const typed = words.at(-1) ?? "";
  const spec = COMMANDS.find(({ name }) => words.slice(0, -1).includes(name));
  const wantsTags = spec?.completes === "tags" ||
    spec?.completes === "files" && words.slice(0, -1).at(-1) === spec.name;
  const tags = spec !== undefined && wantsTags && !typed.startsWith("-") ? await tagsLike(cli, typed) : [];
  for (const { name, summary, takes, options } of COMMANDS) {
    const command = tab.command(name, summary);
    for (const { flags, help, refused } of options) {
      const [, short, long = ""] = /^(?:-(\w), )?--([\w-]+)/.exec(flags) ?? [];
      if (refused === undefined) command.option(long, help, short);
    }
    const isMany = takes.includes("...");
    for (const argument of takes.match(/[\w-]+/g) ?? []) {
      command.argument(argument, (complete) => {
        for (const tag of tags) complete(tag, "");
      }, isMany && takes.endsWith(`${argument}...]`));
    }
  }
  tab.parse(words);
}

/** The names of tags that begin with what is typed; none when the master does not answer soon. */
async function tagsLike(cli: Cli, prefix: string): Promise<string[]> {
  try {
    return await (await cli.ddfs()).list(prefix, { deadline: PATIENCE, retry: { within: 0 } });
  } catch {
    return [];
  }
}
