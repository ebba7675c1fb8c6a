import { tagsOf } from "../common/arguments.ts";
import type { Cli } from "../common/cli.ts";
import { CommandError } from "../common/exit_status.ts";
import type { CommandOptions } from "../common/options.ts";
import { humanSize, table } from "../common/output.ts";

/** Prints the bytes behind tags, each blob counted once, and their sum. */
export async function du(cli: Cli, tags: string[], options: CommandOptions): Promise<void> {
  const { signal } = cli;
  const ddfs = await cli.ddfs();
  const { ignoreMissing = false, bytes: isExact = false } = options;
  const shown = (bytes: number) => isExact ? String(bytes) : humanSize(bytes);
  const named = tags.length === 0
    ? await tagsOf(cli, ddfs, [""], { prefixMode: true })
    : await tagsOf(cli, ddfs, tags, options);
  const total = { bytes: 0, blobs: 0, stored: 0, unknown: 0 };
  for (const tag of named) {
    const sum = { bytes: 0, blobs: 0, stored: 0, unknown: 0 };
    for await (const { size, replicas, error } of ddfs.sizes(tag, { ignoreMissing, signal })) {
      sum.blobs++;
      sum.bytes += size ?? 0;
      sum.stored += (size ?? 0) * replicas.length;
      if (size !== undefined) continue;
      sum.unknown++;
      cli.warn(`${replicas[0]}: its size is not known: ${error?.message}`);
    }
    for (const key of ["bytes", "blobs", "stored", "unknown"] as const) total[key] += sum[key];
    await cli.print(`${shown(sum.bytes)}\t${tag}`, { tag, ...sum });
  }
  if (named.length > 1 && !cli.json) await cli.print(`${shown(total.bytes)}\ttotal`, undefined);
  if (total.unknown > 0) {
    throw new CommandError(`The size of ${total.unknown} blobs is not known: the sums are too small`);
  }
}

/** Prints how full the nodes are. */
export async function df(cli: Cli, _args: string[], options: CommandOptions): Promise<void> {
  const nodes = await (await cli.ddfs()).nodes({ signal: cli.signal });
  const shown = (bytes: number) => options.bytes === true ? String(bytes) : humanSize(bytes);
  const row = (name: string, used: number, free: number) => {
    const share = used + free === 0 ? 0 : Math.round(100 * used / (used + free));
    return [name, shown(used + free), shown(used), shown(free), `${share}%`];
  };
  if (cli.json) {
    for (const { name, used, free } of nodes) await cli.print("", { node: name, size: used + free, used, free });
    return;
  }
  const rows = [["NODE", "SIZE", "USED", "FREE", "USE"], ...nodes.map(({ name, used, free }) => row(name, used, free))];
  if (nodes.length > 1) {
    const sum = (key: "used" | "free") => nodes.reduce((sum, node) => sum + node[key], 0);
    rows.push(row("total", sum("used"), sum("free")));
  }
  await cli.print(table(rows), undefined);
}

/** Prints the nodes and their state. */
export async function nodes(cli: Cli): Promise<void> {
  for (const { name, free, used, connected, blacklisted } of await (await cli.ddfs()).nodes({ signal: cli.signal })) {
    const state = connected ? blacklisted ? "blacklisted" : "connected" : "down";
    await cli.print(`${name}\t${state}\t${humanSize(used)} used\t${humanSize(free)} free`, {
      ...{ node: name, connected, blacklisted, used, free },
    });
  }
}
