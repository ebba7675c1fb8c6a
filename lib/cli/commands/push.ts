import type { FileSource, Named } from "../../../mod.ts";
import { dryRun } from "../common/arguments.ts";
import type { Cli } from "../common/cli.ts";
import type { CommandOptions } from "../common/options.ts";
import { usage } from "../common/exit_status.ts";
import { humanSize } from "../common/output.ts";
import { filesOf } from "../common/paths.ts";
import { showProgress } from "../common/progress.ts";
import { announce, names, placement, shownOf, STDIN, stdinName } from "../common/storing.ts";
import { storeResumably } from "../common/stored_run.ts";
import { stdin } from "../terminal/streams.ts";

/** Stores files as blobs and tags them. */
export async function push(cli: Cli, [tag = "", ...paths]: string[], options: CommandOptions): Promise<void> {
  if (options.tarballs !== true) return await pushFiles(cli, tag, paths, options);
  const { pushTarballs } = await import("./tarballs.ts");
  await pushTarballs(cli, tag, paths, options);
}

async function pushFiles(cli: Cli, tag: string, args: string[], options: CommandOptions): Promise<void> {
  const { checkedTag, safeName, baseName } = await names();
  checkedTag(tag);
  const how = placement(options);
  const streams: Named<FileSource>[] = [];
  const paths: string[] = [];
  for (const arg of args) {
    if (arg === "-") throw usage("stdin has no name: write -=NAME");
    if (arg.startsWith(STDIN)) streams.push([stdin(), await stdinName(arg)]);
    else paths.push(arg);
  }
  if (streams.length > 1) throw usage("stdin can be read once");
  const files = (await filesOf(paths, options, (folder) =>
    cli.print(`${folder} is a directory (not pushing).`, {
      folder,
      pushed: false,
    }))).map((file) => ({ ...file, name: safeName(baseName(file.path)) }));
  if (options.dryRun === true) {
    for (const { path, name, size } of files) {
      await cli.print(dryRun(options, `push ${path} as ${name} (${humanSize(size)})`), {
        tag,
        path,
        name,
        size,
        dryRun: true,
      });
    }
    for (const [, name] of streams as [unknown, string][]) {
      await cli.print(dryRun(options, `push stdin as ${name}`), { tag, path: "-", name, dryRun: true });
    }
    return;
  }
  await announce(cli);
  const ddfs = await cli.ddfs();
  const sources: Named<FileSource>[] = [...files.map(({ path, name }): [string, string] => [path, name]), ...streams];
  const run = { command: "push", tag, how, files: streams.length > 0 ? undefined : files } as const;
  const { blobs } = await showProgress(
    cli,
    shownOf(files),
    (shown) =>
      storeResumably(cli, ddfs, run, options, (resume, onStored) =>
        ddfs.push(tag, sources, {
          ...how,
          resume,
          signal: cli.signal,
          onProgress: (progress) => {
            onStored(progress);
            shown.options.onProgress?.(progress);
          },
        })),
  );
  if (cli.json) { for (const replicas of blobs) await cli.print("", { tag, replicas }); }
}
