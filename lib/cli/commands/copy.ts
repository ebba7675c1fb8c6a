import type { CopyPlace, CopyResult, CopyWait } from "../../embedded/mod.ts";
import type { Cli } from "../common/cli.ts";
import { CommandError, EXIT } from "../common/exit_status.ts";
import type { CommandOptions } from "../common/options.ts";
import { humanSize } from "../common/output.ts";
import { showProgress } from "../common/progress.ts";
import { fileInfo, folderEntries, joinPath } from "../terminal/files.ts";
import { isBucket, objectsAt } from "./bucket.ts";

/** Hosts that a message names. */
const HOSTS = 5;

/** Copies a whole DDFS from a folder or a bucket to another one. */
export async function copy(cli: Cli, [from = "", to = ""]: string[], options: CommandOptions): Promise<number | void> {
  const nodes = options.nodes?.split(",").map((name) => name.trim());
  const source = await sourceAt(from, nodes);
  const target = isBucket(to) ? { objects: await objectsAt(to) } : { root: to };
  const { copyStore } = await import("../../embedded/mod.ts");
  const { keepGoing = false } = options;
  const result = await showProgress(cli, {}, async ({ options: { onProgress } }) => {
    let finished = 0;
    return await copyStore(source, target, {
      signal: cli.signal,
      keepGoing,
      onWait: (wait) => cli.tell(waiting(wait)),
      onProgress(progress) {
        const { blobs, tags } = progress;
        const isDone = blobs + tags > finished;
        finished = blobs + tags;
        onProgress?.({ ...progress, records: 0, replicas: [], ...isDone && { source: 0 } });
      },
    });
  });
  for (const { name, error } of result.failed) cli.warn(`${name}: ${error.message}`);
  const { blobs, hosts } = result.elsewhere;
  if (blobs > 0) {
    const names = hosts.length > HOSTS ? `${hosts.slice(0, HOSTS).join(", ")} and others` : hosts.join(", ");
    cli.warn(
      `${count(blobs, "blob")} that tags name ${blobs === 1 ? "is" : "are"} elsewhere, and not copied: on ${names}`,
    );
  }
  await cli.print(summary(result), { from, to, ...result, failed: result.failed.map(({ name }) => name) });
  return result.failed.length > 0 ? EXIT.failed : undefined;
}

/** A place to copy from; of a folder with several nodes, their names. */
async function sourceAt(place: string, nodes: string[] | undefined): Promise<CopyPlace> {
  if (isBucket(place)) return { objects: await objectsAt(place), ...nodes !== undefined && { nodes } };
  if (nodes !== undefined) {
    for (const node of nodes) {
      const folder = joinPath(place, node, "vol0");
      if ((await fileInfo(folder))?.isFolder !== true) {
        throw new CommandError(`${folder}: No such folder`, EXIT.notFound);
      }
    }
    return { root: place, nodes };
  }
  const info = await fileInfo(place);
  if (info?.isFolder !== true) throw new CommandError(`${place}: No such folder`, EXIT.notFound);
  const entries = await folderEntries(place);
  if (entries.some(({ name }) => name === "vol0")) return { root: place };
  const found: string[] = [];
  for (const { name, isFolder } of entries) {
    if (isFolder && await fileInfo(joinPath(place, name, "vol0")) !== undefined) found.push(name);
  }
  if (found.length > 0) return { root: place, nodes: found.sort() };
  throw new CommandError(
    `${place} holds no DDFS: name the folder that has vol0; a node of Disco has it in DISCO_ROOT/ddfs`,
  );
}

function waiting({ place, for: awaited, seconds }: CopyWait): string {
  return awaited === "writers"
    ? `Waiting ${seconds} seconds until nobody writes to ${place} any more.`
    : `Waiting up to ${seconds} seconds for a sign of life: a copy has ${place}, or was killed.`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

function summary({ blobs, tags, failed }: CopyResult): string {
  const before = blobs.before + tags.before === 0
    ? ""
    : `; ${count(blobs.before, "blob")} and ${count(tags.before, "tag")} of these were there`;
  const left = failed.length === 0 ? "" : `; ${failed.length} could not be copied`;
  return `${count(blobs.all, "blob")} (${humanSize(blobs.bytes)}) and ${count(tags.all, "tag")}${before}${left}`;
}
