import type { ChunkOptions, Named, Source } from "../../../mod.ts";
import { dryRun, inputLists, isTagArgument, mebibytesOf, tagsOf } from "../common/arguments.ts";
import type { Cli } from "../common/cli.ts";
import type { CommandOptions } from "../common/options.ts";
import { usage } from "../common/exit_status.ts";
import { humanSize } from "../common/output.ts";
import { type ChosenFile, filesOf } from "../common/paths.ts";
import { showProgress } from "../common/progress.ts";
import { names, placement, STDIN, stdinName } from "../common/storing.ts";
import { readerOf } from "../common/readers.ts";
import { storeResumably } from "../common/stored_run.ts";
import { absolutePath, fileInfo } from "../terminal/files.ts";
import { stdin } from "../terminal/streams.ts";

/** Files that a warning names. */
const NAMED = 3;

/** One input: what the library is given, and the file that it is, where it is one. */
interface ChunkInput {
  readonly source: Named<Source>;
  readonly label: string;
  readonly file?: ChosenFile & { readonly name: string };
}

/** Splits inputs into records, stores these in chunks and tags them. */
export async function chunk(cli: Cli, [tag = "", ...args]: string[], options: CommandOptions): Promise<void> {
  const { checkedTag } = await names();
  checkedTag(tag);
  const reading = await readerOf(options.reader);
  const reader = typeof reading === "object" && !reading.isLines ? reading.reader : undefined;
  const how: ChunkOptions = {
    ...placement(options),
    chunkSize: mebibytesOf("size", options.size),
    maxRecordSize: mebibytesOf("max-record-size", options.maxRecordSize),
    decompress: options.raw !== true,
  };
  const inputs = await inputsOf(cli, args, options);
  if (options.dryRun === true) return await told(cli, tag, inputs, options);
  const ddfs = await cli.ddfs();
  const { ignoreMissing = false } = options;
  const files = inputs.flatMap(({ file }) => file === undefined ? [] : [file]);
  const sizes = files.some(({ path }) => path.endsWith(".gz"))
    ? undefined
    : files.reduce((sum, { size }) => sum + size, 0);
  const run = {
    command: "chunk",
    tag,
    how: { ...how, reader: options.reader },
    files: files.length < inputs.length || reader !== undefined ? undefined : files,
  } as const;
  const { blobs, kept } = await showProgress(
    cli,
    { total: files.length < inputs.length ? undefined : sizes },
    (shown) =>
      storeResumably(cli, ddfs, run, options, (resume, onStored) =>
        ddfs.chunk(
          tag,
          inputs.map(({ source }) => source),
          {
            ...how,
            reader,
            resume,
            ignoreMissing,
            signal: cli.signal,
            onProgress: (progress) => {
              onStored(progress);
              shown.options.onProgress?.(progress);
            },
          },
        )),
  );
  for (const replicas of blobs) await cli.print(`created: ${replicas.join("\t")}`, { tag, replicas });
  if (how.update) warnOfKept(cli, tag, inputs, kept);
}

/** The inputs that the arguments, or the lines of stdin, stand for: URLs and files first, then tags, as in the original. */
async function inputsOf(cli: Cli, args: string[], options: CommandOptions): Promise<ChunkInput[]> {
  const named: ChunkInput[] = [];
  const tags: string[] = [];
  for (const words of await listsOf(cli, args)) {
    const [first = ""] = words;
    const hasScheme = /^[a-z][a-z\d+.-]*:\/\//i.test(first);
    if (words.length > 1 && !hasScheme) {
      throw usage(
        `${
          JSON.stringify(words.join(" "))
        }: several words are the replicas of one input; write each file as an argument of its own`,
      );
    }
    if (first === "-" || first.startsWith(STDIN)) {
      const name = first === "-" ? "-" : await stdinName(first);
      named.push({ source: [stdin(), name], label: "stdin" });
    } else if (words.length === 1 && isTagArgument(first)) tags.push(first);
    else if (first.startsWith("raw://")) named.push({ source: [first, await rawName(first)], label: first });
    else if (hasScheme) named.push({ source: words.length === 1 ? first : words, label: first });
    else named.push(...await fileInputs(first, options));
  }
  if (named.filter(({ label }) => label === "stdin").length > 1) throw usage("stdin can be read once");
  const ddfs = await cli.ddfs();
  for (const tag of await tagsOf(cli, ddfs, tags, options)) {
    if (options.ignoreMissing !== true || await ddfs.exists(tag, { signal: cli.signal })) {
      named.push({ source: tag, label: tag });
    }
  }
  return named;
}

/** A text in a URL is called as the original calls it: by itself. */
async function rawName(url: string): Promise<string> {
  const { safeName, baseName } = await names();
  return safeName(baseName(url.slice("raw://".length))).slice(0, 100) || "raw";
}

/** Input lists; a path that is there is one, whatever is in its name. */
async function listsOf(cli: Cli, args: string[]): Promise<string[][]> {
  const lists: string[][] = [];
  for (const arg of args) {
    const isFile = arg.includes("/") && !arg.includes("://") && await fileInfo(arg) !== undefined;
    lists.push(...isFile ? [[arg]] : await inputLists(cli, [arg]));
  }
  return args.length > 0 ? lists : await inputLists(cli, []);
}

async function fileInputs(path: string, options: CommandOptions): Promise<ChunkInput[]> {
  const { safeName, baseName } = await names();
  const files = await filesOf([path], options, (folder) => {
    throw usage(`${folder} is a directory: -r chunks the files below it`);
  });
  const inputs: ChunkInput[] = [];
  for (const file of files) {
    const name = safeName(baseName(file.path));
    inputs.push({ source: [absolutePath(file.path), name], label: file.path, file: { ...file, name } });
  }
  return inputs;
}

async function told(cli: Cli, tag: string, inputs: readonly ChunkInput[], options: CommandOptions): Promise<void> {
  for (const { label, file } of inputs) {
    const size = file === undefined ? "" : ` (${humanSize(file.size)})`;
    await cli.print(dryRun(options, `chunk ${label}${size}`), { tag, input: label, size: file?.size, dryRun: true });
  }
}

/**
 * Warns of files that were left out although the blob that has their name may be another file's: a name has underscores for letters that it cannot have, so that
 * many names become one.
 *
 * @param kept The names of blobs that the tag had.
 */
function warnOfKept(
  cli: Cli,
  tag: string,
  inputs: readonly ChunkInput[],
  kept: readonly string[],
): void {
  const names = new Set(kept);
  const doubtful = inputs.flatMap(({ file }) => file === undefined ? [] : [file])
    .filter(({ path, name }) => names.has(`${name}-0`) && /[^ -~][^/]*$/.test(path));
  if (doubtful.length === 0) return;
  const shown = doubtful.slice(0, NAMED).map(({ path, name }) => `${path} is ${name}-0`).join(", ");
  const more = doubtful.length > NAMED ? `, and ${doubtful.length - NAMED} others` : "";
  cli.warn(
    `left out, as ${tag} has blobs of these names, perhaps from other files: ${shown}${more}. Store one under a name of your own: -=NAME < FILE`,
  );
}
