import { tarBlobs } from "../../sources/tar_blobs.ts";
import { dryRun } from "../common/arguments.ts";
import type { Cli } from "../common/cli.ts";
import type { CommandOptions } from "../common/options.ts";
import { humanSize } from "../common/output.ts";
import { filesOf, filter } from "../common/paths.ts";
import { showProgress } from "../common/progress.ts";
import { announce, names, placement } from "../common/storing.ts";
import { joinPath, readStream, removeFolder, temporaryFolder, writeStream } from "../terminal/files.ts";

/** Stores each file of tar archives as a blob that is called as its whole path. */
export async function pushTarballs(cli: Cli, tag: string, paths: string[], options: CommandOptions): Promise<void> {
  const { checkedTag } = await names();
  checkedTag(tag);
  const placed = placement(options);
  const archives = await filesOf(
    paths,
    { recursive: options.recursive },
    (folder) => cli.print(`${folder} is a directory (not pushing).`, { folder, pushed: false }),
  );
  const fits = filter(options);
  const { dryRun: isDry = false } = options;
  // A blob is sent to several nodes, perhaps more than once: what is in an archive goes to files first.
  const folder = await temporaryFolder();
  try {
    const sources: [path: string, name: string][] = [];
    const how = { compress: options.compress === true, include: fits, signal: cli.signal };
    for (const { path: archive } of archives) {
      for await (const { name, path, blob, size } of tarBlobs(readStream(archive), how)) {
        if (isDry) {
          const text = `push ${path} of ${archive} as ${name} (${humanSize(size)})`;
          await cli.print(dryRun(options, text), { tag, path, archive, name, size, dryRun: true });
          continue;
        }
        const target = joinPath(folder, String(sources.length));
        await blob.stream().pipeTo(writeStream(target));
        sources.push([target, name]);
        await cli.print(`extracted ${name}`, { tag, path, archive, name });
      }
    }
    if (isDry) return;
    await announce(cli);
    const ddfs = await cli.ddfs();
    const { blobs } = await showProgress(
      cli,
      {},
      ({ options }) => ddfs.push(tag, sources, { ...placed, ...options, signal: cli.signal }),
    );
    if (cli.json) { for (const replicas of blobs) await cli.print("", { tag, replicas }); }
  } finally {
    await removeFolder(folder);
  }
}
