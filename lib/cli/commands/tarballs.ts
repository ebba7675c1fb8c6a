import { dryRun } from "../common/arguments.ts";
import type { Cli } from "../common/cli.ts";
import type { CommandOptions } from "../common/options.ts";
import { humanSize } from "../common/output.ts";
import { filesOf, filter } from "../common/paths.ts";
import { showProgress } from "../common/progress.ts";
import { announce, names, placement } from "../common/storing.ts";
import { ungzipped } from "../common/gzip.ts";
import { partsOf } from "../common/readers.ts";
import { tarMembers } from "../common/tar.ts";
import { joinPath, readStream, removeFolder, temporaryFolder, writeStream } from "../terminal/files.ts";

/** Stores each file of tar archives as a blob that is called as its whole path. */
export async function pushTarballs(cli: Cli, tag: string, paths: string[], options: CommandOptions): Promise<void> {
  const { checkedTag, safeName } = await names();
  checkedTag(tag);
  const how = placement(options);
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
    for (const { path } of archives) {
      for await (const member of tarMembers(ungzipped(partsOf(readStream(path))), path)) {
        cli.signal.throwIfAborted();
        if (!fits(member.path)) continue;
        const name = safeName(member.path.replace(/^(?:\.?\/)+/, "")) + (options.compress === true ? "_gz" : "");
        if (isDry) {
          await cli.print(dryRun(options, `push ${member.path} of ${path} as ${name} (${humanSize(member.size)})`), {
            ...{ tag, path: member.path, archive: path, name, size: member.size, dryRun: true },
          });
          continue;
        }
        const target = joinPath(folder, String(sources.length));
        await written(member.content(), target, options.compress === true);
        sources.push([target, name]);
        await cli.print(`extracted ${name}`, { tag, path: member.path, archive: path, name });
      }
    }
    if (isDry) return;
    await announce(cli);
    const ddfs = await cli.ddfs();
    const { blobs } = await showProgress(
      cli,
      {},
      ({ options }) => ddfs.push(tag, sources, { ...how, ...options, signal: cli.signal }),
    );
    if (cli.json) { for (const replicas of blobs) await cli.print("", { tag, replicas }); }
  } finally {
    await removeFolder(folder);
  }
}

/** Writes bytes to a file, gzipped where that is wanted. */
async function written(parts: AsyncGenerator<Uint8Array<ArrayBuffer>>, path: string, isZipped: boolean): Promise<void> {
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: async (controller) => {
      const { done, value } = await parts.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  }, { highWaterMark: 0 });
  await (isZipped ? stream.pipeThrough(new CompressionStream("gzip")) : stream).pipeTo(writeStream(path));
}
