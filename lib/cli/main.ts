/**
 * The `ddfs` command: reads and writes DDFS from a shell.
 *
 * Installed with `deno install -gA -n ddfs jsr:@ddfs/client/cli`, or as the `ddfs` of the npm package. Its commands are described in
 * this folder's README.md, and by `ddfs --help`.
 *
 * @module
 */
import { Cli, messageOf } from "./common/cli.ts";
import type { CommandSpec } from "./common/command.ts";
import { EXIT, Interrupted, statusOf, usage } from "./common/exit_status.ts";
import { READER } from "./option_specs.ts";
import { help, parse, program, type Start } from "./program.ts";
import type { CommandOptions } from "./common/options.ts";
import { isMasterNamed } from "./common/settings.ts";
import { fileInfo } from "./terminal/files.ts";
import { exit, onEndSignal, programArguments } from "./terminal/process.ts";
import { ClosedPipe, writeError } from "./terminal/streams.ts";

/** The advice where what is read may be no chunk. */
const NO_CHUNK = 'If it is no chunk: -R None reads the lines of a text, and "ddfs cat" prints what push has stored';

/** The advice where a tag does not exist that no argument names, such as one that another tag links to. */
const IGNORE_MISSING = "--ignore-missing leaves out tags that do not exist";

if (import.meta.main) await main();

/**
 * Runs the command that this program was started with, and ends the program. The module does so by itself where it is the program.
 *
 * @example A program of its own, as the npm package has it
 * ```ts ignore
 * import { main } from "@ddfs/client/cli";
 *
 * await main();
 * ```
 */
export async function main(): Promise<void> {
  const stop = new AbortController();
  onEndSignal(() => {
    // Who asks a second time does not want to wait.
    if (stop.signal.aborted) exit(EXIT.interrupted, true);
    stop.abort(new Interrupted());
  });
  const status = await run(programArguments(), stop.signal);
  exit(status, status === EXIT.interrupted);
}

/**
 * Runs a command.
 *
 * @param args The arguments, without the program's name.
 * @param signal Ends it.
 * @returns The exit status.
 */
async function run(args: readonly string[], signal: AbortSignal): Promise<number> {
  const start: Start = async (spec, cli, args, options) => {
    try {
      const run = await spec.load();
      const status = await run(cli, args, options) ?? EXIT.ok;
      await cli.flush();
      return status;
    } catch (error) {
      const mayLackReader = options.reader === undefined && spec.options.includes(READER);
      const hint = mayLackReader && isAtBegin(error) ? NO_CHUNK : await hintFor(error, args, { cli, options }) ??
        (isOfOtherTag(error, args) && takesMissing(spec) ? IGNORE_MISSING : undefined);
      return await failed(cli, error, hint);
    }
  };
  const root = program(signal, start);
  try {
    const [first, topic, ...more] = args.filter((arg) => arg !== "--json");
    if (first === "help") {
      if (more.length > 0) throw usage("help says more of one command: write ddfs help COMMAND");
      await help(root, topic);
      return EXIT.ok;
    }
    const words = args[0] === "complete" && args[1] === "--" ? args.slice(2) : undefined;
    if (words !== undefined) {
      const { complete } = await import("./complete.ts");
      await complete(new Cli({}, signal), words);
      return EXIT.ok;
    }
    return await parse(root, args);
  } catch (error) {
    if (error instanceof ClosedPipe) return EXIT.ok;
    const status = statusOf(error);
    const end = args.indexOf("--");
    const isJson = args.slice(0, end < 0 ? undefined : end).includes("--json");
    if (isJson) await tellAsJson(error, messageOf(error), status);
    else writeError(`ddfs: ${messageOf(error)}\n`);
    return status;
  }
}

async function tellAsJson(error: unknown, message: string, status: number): Promise<void> {
  const { code, url } = Object(error) as { code?: string; url?: string };
  const { jsonLine } = await import("./common/output.ts");
  writeError(jsonLine({ error: message, code, url, status }) + "\n");
}

/** Tells of an error; what was printed before stays. */
async function failed(cli: Cli, error: unknown, hint: string | undefined): Promise<number> {
  if (error instanceof ClosedPipe) return EXIT.ok;
  const status = statusOf(error);
  try {
    await cli.flush();
  } catch (error) {
    if (error instanceof ClosedPipe) return EXIT.ok;
    throw error;
  }
  if (error instanceof Interrupted) return status;
  const message = messageOf(error) + (hint === undefined ? "" : `\n${hint}`);
  if (cli.json) await tellAsJson(error, message, status);
  else {
    const stack = cli.options.verbose && error instanceof Error ? `\n${stackOf(error)}` : "";
    writeError(`ddfs: ${message}${stack}\n`);
  }
  return status;
}

/** Tells whether what was read is damaged where it begins, as everything is that is no chunk. */
function isAtBegin(error: unknown): boolean {
  const { code, range } = Object(error) as { code?: string; range?: readonly number[] };
  return code === "corrupt-hunk" && range?.[0] === 0;
}

/** Tells whether a tag is missing that no argument names. */
function isOfOtherTag(error: unknown, args: readonly string[]): boolean {
  const { code, url = "" } = Object(error) as { code?: string; url?: string };
  const [, tag] = /\/ddfs\/tag\/([^/]+)$/.exec(url) ?? [];
  return code === "not-found" && tag !== undefined && !args.some((arg) => arg.endsWith(tag));
}

function takesMissing({ options }: CommandSpec): boolean {
  return options.some(({ flags }) => flags.includes("--ignore-missing"));
}

/** Finds words that may help. Folders and buckets have neither a master nor tags among the arguments. */
async function hintFor(
  error: unknown,
  args: readonly string[],
  { cli, options }: { readonly cli: Cli; readonly options: CommandOptions },
): Promise<string | undefined> {
  if (!cli.isClient) return undefined;
  const { code } = Object(error) as { code?: string };
  if (code === "unreachable" && !isMasterNamed(cli.options)) {
    return "No master is named (-M, DISCO_MASTER), and none is here. To start one: ddfs serve ./volume";
  }
  if (code === "unsupported" && options.repair === true) return "On the command line: --repair --unconditional";
  if (code !== "not-found") return undefined;
  for (const arg of args) {
    if (!arg.includes("/") && await fileInfo(arg) !== undefined) {
      return `${JSON.stringify(arg)} is read as a tag; for the file of that name, write "./${arg}"`;
    }
  }
  return undefined;
}

function stackOf(error: Error): string {
  const { cause } = error;
  const own = error.stack ?? error.message;
  return cause instanceof Error ? `${own}\ncaused by ${stackOf(cause)}` : own;
}
