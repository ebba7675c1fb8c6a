import type { DDFS } from "../../../mod.ts";
import type { Cli } from "./cli.ts";
import type { CommandOptions } from "./options.ts";
import { usage } from "./exit_status.ts";
import { isTerminal, stdin } from "../terminal/streams.ts";

/** Tags that are named one by one, or by what their names start with. */
export async function tagsOf(
  cli: Cli,
  ddfs: DDFS,
  tags: readonly string[],
  { prefixMode }: CommandOptions,
): Promise<string[]> {
  if (prefixMode !== true) return [...tags];
  const { signal } = cli;
  const lists = await Promise.all(tags.map((prefix) => ddfs.list(prefix, { signal })));
  // A tag whose name is "-" has no other way to be written.
  return lists.flat().map((name) => name === "-" ? "tag://-" : name);
}

/** Tells whether an argument means a tag: `tag://…`, or a bare name. */
export function isTagArgument(text: string): boolean {
  return text.startsWith("tag://") || text !== "-" && text !== "" && !text.includes("/");
}

/** Inputs as the original takes them: each argument or, without any, each line of stdin is one; several words in it are its replicas. */
export async function inputLists(cli: Cli, args: readonly string[]): Promise<string[][]> {
  if (args.length === 0 && isTyped()) cli.tell("Reading URLs from stdin, a line each; Ctrl-D ends them.");
  const lines = args.length > 0 ? args : await stdinLines();
  if (args.length > 0) return lines.map(argumentWords);
  return lines.map((line, i) => wordsOf(line, `line ${i + 1} of stdin is empty: a line is one input`));
}

/** The words of an argument, which are the replicas of one input. */
export function argumentWords(text: string, place: number): string[] {
  return wordsOf(text, `argument ${place + 1} is empty`);
}

function wordsOf(text: string, message: string): string[] {
  const words = text.split(/\s+/).filter((word) => word !== "");
  if (words.length > 0) return words;
  throw usage(message);
}

/** The lines of stdin, without their ends. */
export async function stdinLines(): Promise<string[]> {
  const text = await new Response(stdin()).text();
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** Tells whether somebody would have to type the input. */
export function isTyped(): boolean {
  return isTerminal("stdin");
}

/** A number from an option. */
export function numberOf(name: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value >= least) return value;
  throw usage(`--${name} ${JSON.stringify(text)}: it must be a number from ${least} up`);
}

/** A whole number from an option. */
export function wholeNumberOf(name: string, text: string | undefined, least: number): number | undefined {
  const value = numberOf(name, text, least);
  if (value === undefined || Number.isSafeInteger(value)) return value;
  throw usage(`--${name} ${JSON.stringify(text)}: it must be a whole number from ${least} up`);
}

/** Mebibytes from an option, as bytes. */
export function mebibytesOf(name: string, text: string | undefined): number | undefined {
  const value = numberOf(name, text, 0);
  if (value === undefined) return undefined;
  const bytes = Math.floor(value * 2 ** 20);
  if (bytes >= 1) return bytes;
  throw usage(`--${name} ${JSON.stringify(text)}: that is less than a byte; it is in MiB`);
}

/** Marks what was only looked at. */
export function dryRun(options: CommandOptions, text: string): string {
  return options.dryRun === true ? `(dry run) ${text}` : text;
}
