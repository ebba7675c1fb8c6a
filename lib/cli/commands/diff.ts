import type { DDFS, Replicas } from "../../../mod.ts";
import type { Cli } from "../common/cli.ts";
import { CommandError, EXIT } from "../common/exit_status.ts";
import type { CommandOptions } from "../common/options.ts";
import { partsOf } from "../common/readers.ts";
import { sha256 } from "../terminal/process.ts";

/** A blob, by what is compared of it. */
interface Content {
  readonly name: string;
  readonly size: number;
  readonly replicas: Replicas;
}

/** Compares the blobs behind two tags by name and size, or by content; status 1 where they differ. */
export async function diff(cli: Cli, [one = "", other = ""]: string[], options: CommandOptions): Promise<number> {
  const ddfs = await cli.ddfs();
  const [left, right] = await Promise.all([contents(cli, ddfs, one), contents(cli, ddfs, other)]);
  let differences = 0;
  const tell = async (sign: "-" | "+" | "!", name: string, before?: number, after?: number) => {
    differences++;
    const sizes = [before, after].filter((size) => size !== undefined);
    await cli.print(`${sign} ${name}\t${sizes.join("\t")}`, {
      name,
      change: { "-": "removed", "+": "added", "!": "changed" }[sign],
      sizes: { [one]: before, [other]: after },
    });
  };
  for (const name of [...new Set([...left.keys(), ...right.keys()])].sort()) {
    const removed = [...left.get(name) ?? []];
    const added: Content[] = [];
    for (const blob of right.get(name) ?? []) {
      const same = await indexOfSame(cli, ddfs, removed, blob, options.checksum === true);
      if (same < 0) added.push(blob);
      else removed.splice(same, 1);
    }
    while (removed.length > 0 || added.length > 0) {
      const before = removed.shift()?.size;
      const after = added.shift()?.size;
      await tell(after === undefined ? "-" : before === undefined ? "+" : "!", name, before, after);
    }
  }
  return differences === 0 ? EXIT.ok : EXIT.failed;
}

/** The blobs behind a tag by their names. */
async function contents(cli: Cli, ddfs: DDFS, tag: string): Promise<Map<string, Content[]>> {
  const found = new Map<string, Content[]>();
  for await (const { name, size, replicas, error } of ddfs.sizes(tag, { ignoreMissing: false, signal: cli.signal })) {
    if (size === undefined) throw error ?? new CommandError(`${name}: its size is not known`);
    const others = found.get(name);
    if (others === undefined) found.set(name, [{ name, size, replicas }]);
    else others.push({ name, size, replicas });
  }
  return found;
}

/** The place of a blob that is the same as another one. */
async function indexOfSame(
  cli: Cli,
  ddfs: DDFS,
  blobs: readonly Content[],
  blob: Content,
  isChecked: boolean,
): Promise<number> {
  for (const [i, other] of blobs.entries()) {
    if (other.size !== blob.size) continue;
    if (!isChecked || other.replicas[0] === blob.replicas[0]) return i;
    const [one, two] = await Promise.all([digest(cli, ddfs, other), digest(cli, ddfs, blob)]);
    if (one === two) return i;
  }
  return -1;
}

async function digest(cli: Cli, ddfs: DDFS, { replicas }: Content): Promise<string> {
  return await sha256(partsOf((await ddfs.open(replicas, { signal: cli.signal })).stream()));
}
