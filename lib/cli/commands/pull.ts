import type { DDFS, Replicas } from "../../../mod.ts";
import { dryRun, wholeNumberOf } from "../common/arguments.ts";
import { type Cli, messageOf } from "../common/cli.ts";
import { CommandError, statusOf, usage } from "../common/exit_status.ts";
import type { CommandOptions } from "../common/options.ts";
import { humanSize } from "../common/output.ts";
import { filter } from "../common/paths.ts";
import { type Shown, showProgress } from "../common/progress.ts";
import { partsOf } from "../common/readers.ts";
import { fileInfo, joinPath, makeFolder, moveFile, placedFile, removeFile } from "../terminal/files.ts";

const AT_ONCE = 4;

/** A blob and the file that it goes to. */
interface Download {
  readonly name: string;
  readonly path: string;
  /** The stamp of when the blob was stored, which tells it from others of its name; empty where it has none. */
  readonly stamp: string;
  readonly size: number;
  readonly replicas: Replicas;
}

/** Writes the blobs behind a tag to files; what is there in full stays, what is there in part is gone on with. */
export async function pull(cli: Cli, [tag = "", folder = ""]: string[], options: CommandOptions): Promise<void> {
  if ((await fileInfo(folder))?.isFolder === false) throw usage(`${folder} is no folder: name one to write blobs to`);
  const ddfs = await cli.ddfs();
  const downloads = await downloadsOf(cli, ddfs, tag, folder, options);
  const { dryRun: isDry = false } = options;
  const left: Download[] = [];
  for (const download of downloads) {
    const info = await fileInfo(download.path);
    if (info?.isFolder === true) throw new CommandError(`${download.path} is a folder`);
    if (info?.isFile === false) throw new CommandError(`${download.path} is there, and no file: it is not replaced`);
    if (info?.size !== download.size) left.push(download);
  }
  if (isDry) {
    for (const { name, path, size } of left) {
      await cli.print(dryRun(options, `pull ${name} to ${path} (${humanSize(size)})`), {
        tag,
        name,
        path,
        size,
        dryRun: true,
      });
    }
    return;
  }
  await makeFolder(folder);
  const total = left.reduce((sum, { size }) => sum + size, 0);
  const sizes = new Map(left.map(({ name, size }) => [name, size]));
  await showProgress(cli, { total, sizes }, async (shown) => {
    const queue = left.values();
    const errors: unknown[] = [];
    const work = async () => {
      for (const download of queue) {
        if (errors.length > 0) return;
        await fetched(cli, ddfs, download, shown);
        shown.done(download.name);
        const { name, path, size } = download;
        if (cli.json) await cli.print("", { tag, name, path, size });
      }
    };
    const count = wholeNumberOf("jobs", options.jobs, 1) ?? AT_ONCE;
    await Promise.all(
      Array.from({ length: Math.min(count, left.length) }, () => work().catch((error) => errors.push(error))),
    );
    if (errors.length > 0) throw errors[0];
  });
  cli.tell(`${left.length} pulled, ${downloads.length - left.length} were there.`);
}

/** Finds the blobs, and a file name for each: those that share a name are called by their time stamps, too. */
async function downloadsOf(
  cli: Cli,
  ddfs: DDFS,
  tag: string,
  folder: string,
  options: CommandOptions,
): Promise<Download[]> {
  const { safeName } = await import("../../../mod.ts");
  const { ignoreMissing = false } = options;
  const fits = filter(options);
  const found: { name: string; size: number; replicas: Replicas }[] = [];
  const counts = new Map<string, number>();
  for await (const { name, size, replicas, error } of ddfs.sizes(tag, { ignoreMissing, signal: cli.signal })) {
    if (!fits(name)) continue;
    if (size === undefined) throw error ?? new CommandError(`${name}: its size is not known`);
    const safe = safeName(name) || "blob";
    counts.set(safe, (counts.get(safe) ?? 0) + 1);
    found.push({ name: safe, size, replicas });
  }
  const taken = new Set<string>();
  return found.map(({ name, size, replicas }) => {
    const [url = ""] = replicas;
    const stamp = /\$([0-9a-f-]+)$/.exec(url)?.[1] ?? "";
    const wanted = (counts.get(name) ?? 0) > 1 && stamp !== "" ? `${name}~${stamp}` : name;
    let unique = wanted;
    for (let n = 2; taken.has(unique); n++) unique = `${wanted}~${n}`;
    taken.add(unique);
    return { name: unique, stamp, size, replicas, path: joinPath(folder, unique) };
  });
}

/**
 * Loads a blob into a file beside its own, which is renamed when all is there. What is there in part is gone on with where it is of this very blob: one that
 * took its name since has another stamp. Several runs at a time write the same bytes to the same places, and none leaves a gap before its own.
 */
async function fetched(cli: Cli, ddfs: DDFS, download: Download, shown: Shown): Promise<void> {
  const { name, path, stamp, size, replicas } = download;
  const { signal } = cli;
  // Without a stamp nothing says that another run means the same bytes.
  const part = `${path}~${stamp || crypto.randomUUID()}.part`;
  try {
    shown.add(0, name, size);
    const blob = await ddfs.open(replicas, { signal });
    const file = await placedFile(part);
    // Asked of the opened file: the name may be another's by now. One that has all bytes, or more, is written anew.
    const start = file.size < size ? file.size : 0;
    let position = start;
    try {
      shown.add(start, name);
      for await (const bytes of partsOf(blob.stream(start > 0 ? { range: { start } } : {}))) {
        await file.write(bytes, position);
        position += bytes.length;
        shown.add(bytes.length, name);
      }
      if (position !== size) throw new CommandError(`${name}: ${position} bytes came of ${size}`);
      if (file.size > size) await file.cut(size);
    } finally {
      await file.close();
    }
    await putInPlace(download, part);
  } catch (error) {
    if (stamp === "") removeFile(part);
    signal.throwIfAborted();
    throw error instanceof CommandError
      ? error
      : Object.assign(new CommandError(`${path}: ${messageOf(error)}`, statusOf(error)), { cause: error });
  }
}

/** Gives a part that is whole its name, unless another run that wrote it, too, did so before. */
async function putInPlace({ path, size }: Download, part: string): Promise<void> {
  const isWhole = async (file: string) => {
    const info = await fileInfo(file);
    return info?.isFolder === false && info.size === size;
  };
  // One that is shorter was begun by a third run after that.
  let cause: unknown;
  if (await isWhole(part)) {
    try {
      return moveFile(part, path);
    } catch (error) {
      cause = error;
    }
  }
  if (await isWhole(path)) return;
  throw cause ?? new CommandError(`${path}: another run took ${part} away, but did not put it here; run this again`);
}
