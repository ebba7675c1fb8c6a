import type { Cli } from "./common/cli.ts";
import { COMMANDS } from "./commands.ts";
import type { CommandSpec } from "./common/command.ts";
import { COMMON } from "./option_specs.ts";
import { writeOut } from "./terminal/streams.ts";

/** Milliseconds that a shell may wait for the names of tags. */
const PATIENCE = 1500;

/** Answers a shell that asks how a command line may go on: the words behind `ddfs`, the last one being typed. */
export async function complete(cli: Cli, words: string[]): Promise<void> {
  const { default: tab } = await import("@bomb.sh/tab");
  const typed = words.at(-1) ?? "";
  const spec = COMMANDS.find(({ name }) => words.slice(0, -1).includes(name));
  if (spec !== undefined && wantsFiles(spec, words)) {
    // Nothing is offered and nothing ruled out: the shell completes paths itself.
    await writeOut(":0\n");
    return;
  }
  const wantsTags = spec !== undefined && spec.completes !== "none" && !typed.startsWith("-");
  const tags = wantsTags ? await tagsLike(cli, typed) : [];
  for (const { name, summary, takes, options } of COMMANDS) {
    const command = tab.command(name, summary);
    for (const { flags, help, refused } of [...options, ...COMMON]) {
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

/** Tells whether the word that is typed is a path: an option's, or an argument's. */
function wantsFiles({ name, takes, options, completes }: CommandSpec, words: readonly string[]): boolean {
  const typed = words.at(-1) ?? "";
  const before = words.at(-2) ?? "";
  if (typed.startsWith("-")) return false;
  const option = [...options, ...COMMON].find(({ flags }) => flags.split(/[ ,]+/).includes(before));
  if (option?.flags.includes("<") === true) return /<path>|--reader/.test(option.flags);
  const given = words.slice(words.indexOf(name) + 1, -1).filter((word) => !word.startsWith("-"));
  const named = takes.match(/\w+/g) ?? [];
  const argument = named[Math.min(given.length, named.length - 1)] ?? "";
  return ["file", "folder"].includes(argument) ||
    argument === "url" && (completes === "files" || typed.includes("/"));
}

/** The names of tags that begin with what is typed; none when the master does not answer soon. */
async function tagsLike(cli: Cli, prefix: string): Promise<string[]> {
  try {
    return await (await cli.ddfs()).list(prefix, { deadline: PATIENCE, retry: { within: 0 } });
  } catch {
    return [];
  }
}
