import { dryRun, inputLists, tagsOf } from "../common/arguments.ts";
import type { Cli } from "../common/cli.ts";
import type { CommandOptions } from "../common/options.ts";

/** Prints the replicas of each blob behind tags. */
export async function blobs(cli: Cli, tags: string[], options: CommandOptions): Promise<void> {
  const { signal } = cli;
  const ddfs = await cli.ddfs();
  const { ignoreMissing = false } = options;
  for (const tag of await tagsOf(cli, ddfs, tags, options)) {
    for await (const replicas of ddfs.blobs(tag, { ignoreMissing, signal })) {
      await cli.print(replicas.join("\t"), { replicas });
    }
  }
}

/** Prints what tags themselves hold. */
export async function urls(cli: Cli, tags: string[], options: CommandOptions): Promise<void> {
  const { signal } = cli;
  const ddfs = await cli.ddfs();
  for (const tag of await tagsOf(cli, ddfs, tags, options)) {
    for (const set of await ddfs.urls(tag, { signal })) await cli.print(set.join("\t"), { urls: set });
  }
}

/** Adds URLs to a tag. */
export async function tag(cli: Cli, args: string[], options: CommandOptions): Promise<void> {
  await write(cli, "add", args, options);
}

/** Replaces what a tag holds. */
export async function put(cli: Cli, args: string[], options: CommandOptions): Promise<void> {
  await write(cli, "put", args, options);
}

async function write(
  cli: Cli,
  how: "add" | "put",
  [tag = "", ...lists]: string[],
  options: CommandOptions,
): Promise<void> {
  const { signal } = cli;
  const ddfs = await cli.ddfs();
  const { dryRun: isDry = false } = options;
  const sets = await inputLists(cli, lists);
  if (!isDry) await (how === "add" ? ddfs.tag(tag, sets, { signal }) : ddfs.put(tag, sets, { signal }));
  if (!isDry && !cli.json) return;
  for (const urls of sets) {
    await cli.print(dryRun(options, `${how} ${urls.join("\t")}`), { tag, urls, dryRun: isDry });
  }
}
