import type { DDFS, RecordsOptions, Source } from "../../../mod.ts";
import { argumentWords, inputLists, isTagArgument, tagsOf } from "../common/arguments.ts";
import { type Cli, messageOf } from "../common/cli.ts";
import type { CommandOptions } from "../common/options.ts";
import { base64, textOf } from "../../records/json_text.ts";
import { type Shown, showProgress } from "../common/progress.ts";
import { partsOf, readerOf, type Reading } from "../common/readers.ts";
import { printedColumns } from "../common/record_text.ts";
import { stdin } from "../terminal/streams.ts";

/** Writes the contents of blobs one after the other. */
export async function cat(cli: Cli, args: string[], options: CommandOptions): Promise<void> {
  const { signal } = cli;
  const ddfs = await cli.ddfs();
  const { ignoreMissing = false } = options;
  const sets = async function* (): AsyncGenerator<string[], void> {
    yield* args.map(argumentWords).filter((_, i) => !isTagArgument(args[i] ?? ""));
    for (const tag of await tagsOf(cli, ddfs, args.filter(isTagArgument), options)) {
      yield* ddfs.blobs(tag, { ignoreMissing, signal });
    }
  };
  await showProgress(cli, { output: true }, async (shown) => {
    for await (const replicas of sets()) {
      const blob = await ddfs.open(replicas, { signal }).catch((error) => {
        if (!ignoreMissing || error?.code !== "not-found") throw error;
        cli.warn(`left out: ${messageOf(error)}`);
        return undefined;
      });
      if (blob === undefined) continue;
      const { name, url, size } = blob;
      if (cli.json) {
        const bytes = await blob.bytes();
        const text = textOf(bytes);
        await cli.print("", {
          name,
          url,
          size: bytes.length,
          ...text === undefined ? { base64: base64(bytes) } : { text },
        });
        continue;
      }
      for await (const part of partsOf(blob.stream())) {
        shown.add(part.length, name, size);
        await cli.write(part);
      }
    }
  });
}

/** Writes records, a line each. */
export async function xcat(cli: Cli, args: string[], options: CommandOptions): Promise<void> {
  const reading = await readerOf(options.reader);
  await showProgress(cli, { output: true }, async (shown) => {
    const all = <Records>(read: Read<Records>) => recordsOf(cli, args, options, reading, shown, read);
    if (cli.json) {
      for await (const records of all((ddfs, source, how) => ddfs.recordBatches(source, how))) {
        for (const record of records) await cli.print("", record);
      }
      return;
    }
    const read = all((ddfs, source, how) => ddfs.recordColumns(source, { ...how, text: false }));
    for await (const columns of read) await cli.write(printedColumns(columns));
  });
}

/** Reads a source. */
type Read<Records> = (ddfs: DDFS, source: Source, how: RecordsOptions) => AsyncIterable<Records>;

/** The records of URLs, then of tags, a batch at a time, as `read` gives them. */
export async function* recordsOf<Records>(
  cli: Cli,
  args: string[],
  options: CommandOptions,
  reading: Reading | undefined,
  shown: Shown,
  read: Read<Records>,
): AsyncGenerator<Records, void> {
  const { signal } = cli;
  const ddfs = await cli.ddfs();
  const { ignoreMissing = false } = options;
  const inputs = await inputLists(cli, args);
  const isTag = ([first = "", second]: string[]) => second === undefined && isTagArgument(first);
  const reader = reading === undefined || reading === "chunks" ? undefined : reading.reader;
  const how: RecordsOptions = { ignoreMissing, signal, reader, ...shown.options };
  for (const input of inputs) {
    if (!isTag(input)) yield* read(ddfs, sourceOf(input), how);
  }
  const tags = inputs.filter(isTag).flat();
  for (const tag of await tagsOf(cli, ddfs, tags, options)) {
    if (ignoreMissing && !await ddfs.exists(tag, { signal })) continue;
    yield* read(ddfs, tag, how);
  }
}

function sourceOf(input: string[]): Source {
  const [first = ""] = input;
  if (first === "-") return stdin();
  return input.length === 1 ? first : input;
}
