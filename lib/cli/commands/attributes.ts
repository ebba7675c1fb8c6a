import { dryRun } from "../common/arguments.ts";
import type { Cli } from "../common/cli.ts";
import type { CommandOptions } from "../common/options.ts";

/** Prints the attributes of a tag. */
export async function attrs(cli: Cli, [tag = ""]: string[]): Promise<void> {
  const { signal } = cli;
  for (const [name, value] of Object.entries(await (await cli.ddfs()).attrs(tag, { signal }))) {
    await cli.print(`${name}\t${value}`, { name, value });
  }
}

/** Prints an attribute. */
export async function getattr(cli: Cli, [tag = "", name = ""]: string[]): Promise<void> {
  const { signal } = cli;
  const value = await (await cli.ddfs()).getattr(tag, name, { signal });
  await cli.print(value ?? "None", { name, value });
}

/** Sets an attribute. */
export async function setattr(
  cli: Cli,
  [tag = "", name = "", value = ""]: string[],
  options: CommandOptions,
): Promise<void> {
  const { signal } = cli;
  if (options.dryRun !== true) await (await cli.ddfs()).setattr(tag, name, value, { signal });
  // A token is no attribute to be shown.
  await told(cli, options, `set ${name} of ${tag}`, { tag, name });
}

/** Deletes an attribute. */
export async function delattr(cli: Cli, [tag = "", name = ""]: string[], options: CommandOptions): Promise<void> {
  const { signal } = cli;
  if (options.dryRun !== true) await (await cli.ddfs()).delattr(tag, name, { signal });
  await told(cli, options, `delete ${name} of ${tag}`, { tag, name });
}

/** Changes the tokens of a tag. */
export async function chtok(cli: Cli, [tag = "", token = ""]: string[], options: CommandOptions): Promise<void> {
  const { signal } = cli;
  const { read = false, write = false } = options;
  const ddfs = await cli.ddfs();
  if (!read && !write) cli.warn("nothing is changed: say which token with -r (--read) or -w (--write)");
  if (options.dryRun !== true) {
    if (read) await ddfs.setattr(tag, "ddfs:read-token", token, { signal });
    if (write) await ddfs.setattr(tag, "ddfs:write-token", token, { signal });
  }
  const which = [read ? "read" : "", write ? "write" : ""].filter((word) => word !== "").join(" and ");
  await told(cli, options, `change the ${which || "(no)"} token of ${tag}`, { tag, read, write });
}

/** Says what was done, where that is asked for, or what would be done. */
async function told(cli: Cli, options: CommandOptions, text: string, value: object): Promise<void> {
  const { dryRun: isDry = false } = options;
  if (isDry || cli.json) await cli.print(dryRun(options, text), { ...value, dryRun: isDry });
}
