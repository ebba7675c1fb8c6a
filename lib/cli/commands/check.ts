import { dryRun, tagsOf } from "../common/arguments.ts";
import type { Cli } from "../common/cli.ts";
import { EXIT, usage } from "../common/exit_status.ts";
import type { CommandOptions } from "../common/options.ts";
import { humanSize } from "../common/output.ts";
import { showProgress } from "../common/progress.ts";

/** Statuses by the states of replicas, the worst first. */
const STATUSES = [
  ["corrupt", EXIT.corrupt],
  ["differs", EXIT.corrupt],
  ["missing", EXIT.notFound],
  ["unreachable", EXIT.unreachable],
] as const;

/** Reads every replica of every blob behind tags, and prints those that are not good. */
export async function verify(cli: Cli, tags: string[], options: CommandOptions): Promise<number> {
  const ddfs = await cli.ddfs();
  const { ignoreMissing = false, repair = false, unconditional = false, dryRun: isDry = false } = options;
  if (unconditional && !repair) throw usage("--unconditional goes with --repair");
  const counts = new Map<string, number>();
  const count = (state: string) => counts.set(state, (counts.get(state) ?? 0) + 1);
  await showProgress(cli, { output: true }, async (shown) => {
    for (const tag of await tagsOf(cli, ddfs, tags, options)) {
      const reports = ddfs.verify(tag, {
        ...shown.options,
        ignoreMissing,
        repair: repair && !isDry && (unconditional ? "unconditional" : true),
        signal: cli.signal,
      });
      for await (const { tag, blob, url, state, size, range, error, repaired } of reports) {
        count(repaired !== undefined && state !== "good" ? "repaired" : state);
        if (state === "good" && options.all !== true) continue;
        const words = [state, blob, url, error?.message.replaceAll(/\s*\n\s*/g, " ") ?? ""];
        if (repaired !== undefined) words.push(`repaired: ${repaired.join(" ")}`);
        const line = words.filter((word) => word !== "").join("\t");
        await cli.print(repair && isDry ? dryRun(options, `repair ${line}`) : line, {
          ...{ tag, blob, url, state, size, range, error: error?.message, repaired, dryRun: isDry },
        });
      }
    }
  });
  const sum = [...counts].map(([state, count]) => `${count} ${state}`).join(", ");
  cli.tell(sum === "" ? "no blobs" : sum);
  return STATUSES.find(([state]) => counts.has(state))?.[1] ?? EXIT.ok;
}

/** Starts a collection of garbage, or joins the one that runs, and prints what came of it. */
export async function gc(cli: Cli, _args: string[], options: CommandOptions): Promise<void> {
  if (options.dryRun === true) {
    return await cli.print(dryRun(options, "collect garbage"), { collected: false, dryRun: true });
  }
  let last = "";
  const { tags, blobs } = await (await cli.ddfs()).gc({
    signal: cli.signal,
    onProgress: ({ status }) => {
      if (status !== last) cli.tell(status);
      last = status;
    },
  });
  const line = (what: string, { kept, deleted }: typeof tags) => {
    const amounts = [kept, deleted].map(({ objects, bytes }) => `${objects} (${humanSize(bytes)})`);
    return `${what}\t${amounts[0]} kept\t${amounts[1]} deleted`;
  };
  await cli.print([line("tags", tags), line("blobs", blobs)], { tags, blobs });
}
