import type { FileSource, Named, WriteOptions } from "../../mod.ts";
import { dryRun, wholeNumberOf } from "./arguments.ts";
import type { Cli } from "./cli.ts";
import type { CommandOptions } from "./command.ts";
import { usage } from "./exit_status.ts";
import { humanSize } from "./output.ts";
import { type ChosenFile, filesOf } from "./paths.ts";
import { showProgress } from "./progress.ts";
import { storeResumably } from "./stored_run.ts";
import { stdin } from "./terminal/streams.ts";

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
    if (arg.startsWith(STDIN)) streams.push([stdin(), arg.slice(STDIN.length)]);
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

/** Marks stdin and the name that its blob gets among the arguments. */
export const STDIN = "-=";

/** Says that the writing begins, as the original does. */
export async function announce(cli: Cli): Promise<void> {
  if (cli.json) return;
  await cli.print("pushing...", undefined);
  await cli.flush();
}

/** How blobs are placed, by the options. */
export function placement(options: CommandOptions): Pick<WriteOptions, "replicas" | "forceOn" | "update"> {
  const { forceon, update } = options;
  return {
    replicas: wholeNumberOf("replicas", options.replicas, 1),
    forceOn: forceon,
    update,
  };
}

/** What is known of files for the display. */
export function shownOf(files: readonly (ChosenFile & { readonly name: string })[]): {
  total: number;
  sizes: Map<string, number>;
} {
  return {
    total: files.reduce((sum, { size }) => sum + size, 0),
    sizes: new Map(files.map(({ name, size }) => [name, size])),
  };
}

/** What the library knows of names. */
export async function names(): Promise<{
  checkedTag: (tag: string) => void;
  safeName: (name: string) => string;
  baseName: (path: string) => string;
}> {
  const { parseTag, safeName } = await import("../../mod.ts");
  return {
    checkedTag: (tag) => void parseTag(tag),
    // Each byte of UTF-8 becomes an underscore, as in the original.
    safeName: (name) =>
      safeName(Array.from(new TextEncoder().encode(name), (byte) => String.fromCharCode(byte)).join("")),
    baseName: (path) => path.split("/").findLast((part) => part !== "") ?? "",
  };
}
