import { dryRun, tagsOf } from "../common/arguments.ts";
import { type Cli, messageOf } from "../common/cli.ts";
import type { CommandOptions } from "../common/options.ts";
import { EXIT, statusOf } from "../common/exit_status.ts";
import { jsonLine } from "../common/output.ts";

/** Lists the names of tags; `-r` with the blobs behind each. */
export async function ls(cli: Cli, prefixes: string[], options: CommandOptions): Promise<number> {
  const { signal } = cli;
  const ddfs = await cli.ddfs();
  let status: number = EXIT.ok;
  for (const prefix of prefixes.length > 0 ? prefixes : [""]) {
    for (const tag of await ddfs.list(prefix, { signal })) {
      if (options.recursive !== true) {
        await cli.print(tag, { tag });
        continue;
      }
      const blobs: string[][] = [];
      try {
        const ignoreMissing = options.ignoreMissing ?? false;
        for await (const replicas of ddfs.blobs(tag, { ignoreMissing, signal })) blobs.push(replicas);
      } catch (error) {
        signal.throwIfAborted();
        status = statusOf(error);
        cli.warn(messageOf(error));
      }
      await cli.print([tag, ...blobs.map((replicas) => replicas.join("\t")), ""], { tag, blobs });
    }
  }
  return status;
}

/** Prints the path of each tag that can be reached. */
export async function find(cli: Cli, tags: string[], options: CommandOptions): Promise<void> {
  const { signal } = cli;
  const ddfs = await cli.ddfs();
  const { ignoreMissing = false, warnMissing = false } = options;
  for (const tag of await tagsOf(cli, ddfs, tags, options)) {
    const missing: string[][] = [];
    const tell = async () => {
      for (const path of missing.splice(0)) {
        await cli.print(warnMissing || !ignoreMissing ? `Tag not found: ${path.join("\t")}` : path.join("\t"), {
          path,
          missing: true,
        });
      }
    };
    const entries = ddfs.walk(tag, {
      ignoreMissing: ignoreMissing || warnMissing,
      onMissing: (path) => missing.push(path),
      signal,
    });
    try {
      for await (const { path } of entries) {
        await tell();
        await cli.print(path.join("\t"), { path });
      }
    } finally {
      await tell();
    }
  }
}

/** Prints a tag as the master has it. */
export async function get(cli: Cli, [tag = ""]: string[]): Promise<void> {
  const { version, id, lastModified, urls, userData } = await (await cli.ddfs()).get(tag, { signal: cli.signal });
  const value = { version, id, "last-modified": lastModified, urls, "user-data": userData };
  await cli.print(jsonLine(value), value);
}

/** Prints when each tag was changed, its version, its id and its attributes. */
export async function stat(cli: Cli, tags: string[], options: CommandOptions): Promise<void> {
  const { signal } = cli;
  const ddfs = await cli.ddfs();
  for (const tag of await tagsOf(cli, ddfs, tags, options)) {
    const { version, id, lastModified, userData } = await ddfs.get(tag, { signal });
    await cli.print([`${lastModified}\t${version}\t${id}\t${jsonLine(userData)}`], {
      "last-modified": lastModified,
      version,
      id,
      "user-data": userData,
    });
  }
}

/** Tells whether a tag exists: `True` on stdout, or `False` on stderr. */
export async function exists(cli: Cli, [tag = ""]: string[]): Promise<number> {
  const { signal } = cli;
  const isThere = await (await cli.ddfs()).exists(tag, { signal }).catch((error) => {
    // What no tag can be called does not exist.
    if (error?.code === "invalid-tag") return false;
    throw error;
  });
  if (isThere || cli.json) await cli.print("True", { tag, exists: isThere });
  else cli.tell("False");
  return isThere ? EXIT.ok : EXIT.failed;
}

/** Makes the tags that are missing. */
export async function touch(cli: Cli, tags: string[], options: CommandOptions): Promise<void> {
  const { signal } = cli;
  const ddfs = await cli.ddfs();
  for (const tag of tags) {
    if (options.dryRun !== true) await ddfs.tag(tag, [], { signal });
    if (options.dryRun === true || cli.json) {
      await cli.print(dryRun(options, `touch ${tag}`), { tag, dryRun: options.dryRun === true });
    }
  }
}

/** Deletes tags. */
export async function rm(cli: Cli, tags: string[], options: CommandOptions): Promise<void> {
  const { signal } = cli;
  const ddfs = await cli.ddfs();
  const { dryRun: isDry = false, prefixMode: isListed = false } = options;
  for (const tag of await tagsOf(cli, ddfs, tags, options)) {
    // A master says "deleted" of any name. One that it cannot read is there, and can be deleted.
    const wasThere = isListed || await ddfs.exists(tag, { signal }).catch((error) => {
      if (error?.status === undefined) throw error;
      return true;
    });
    if (!isDry) await ddfs.delete(tag, { signal });
    if (!wasThere && !cli.json) cli.tell(`There was no tag ${tag}`);
    await cli.print(isDry ? dryRun(options, `delete ${tag}`) : "deleted", {
      tag,
      deleted: wasThere && !isDry,
      dryRun: isDry,
    });
  }
}

/** Gives a tag the URLs of another one. */
export async function cp(cli: Cli, [source = "", target = ""]: string[], options: CommandOptions): Promise<void> {
  const { signal } = cli;
  const ddfs = await cli.ddfs();
  const { dryRun: isDry = false } = options;
  const urls = await ddfs.urls(source, { signal });
  const sets = urls.filter((set) => set.length > 0);
  if (!isDry) await ddfs.put(target, sets, { signal });
  if (isDry || cli.json) {
    const text = dryRun(options, `replace ${target} with ${sets.length} URLs of ${source}`);
    await cli.print(text, { source, target, urls: sets.length, dryRun: isDry });
  }
}
