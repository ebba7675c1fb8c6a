import { Command, CommanderError, Option } from "commander";
import { Cli } from "./common/cli.ts";
import type { CommandSpec, OptionSpec } from "./common/command.ts";
import { isTyped } from "./common/arguments.ts";
import type { CommandOptions, CommonOptions } from "./common/options.ts";
import { COMMANDS } from "./commands.ts";
import { COMMON } from "./option_specs.ts";
import { EXIT, MEANINGS, usage } from "./common/exit_status.ts";
import { table } from "./common/output.ts";
import { STDIN } from "./common/storing.ts";
import { writeError, writeOut } from "./terminal/streams.ts";
import { VERSION } from "./version.ts";

const AFTER = `
A first DDFS of your own: ddfs serve ./volume. Without a master, disco://localhost is asked.
Settings come from the environment: DISCO_MASTER, DISCO_MASTER_HOST, DISCO_PORT, DISCO_PROXY, DDFS_READ_TOKEN,
DDFS_WRITE_TOKEN, DDFS_TOKEN. ~/.disco and /etc/disco/settings.py are Python programs and not read.
"ddfs help COMMAND" says more of a command, "ddfs help exit-status" what the exit status says.`;

const COMMON_HELP = '-M, -t, --json, --quiet and other options that all commands have: "ddfs --help".';

/** Takes a command that was found, with its arguments. */
export type Start = (spec: CommandSpec, cli: Cli, args: string[], options: CommandOptions) => Promise<number>;

/**
 * Makes the program of all commands.
 *
 * @param signal Ends what a command does.
 * @param start Runs the command.
 */
export function program(signal: AbortSignal, start: Start): Command {
  const root = new Command("ddfs").description("Reads and writes DDFS, the Disco Distributed Filesystem.")
    .version(VERSION, "--version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand(false)
    .addHelpText("after", AFTER)
    .showSuggestionAfterError(true)
    .exitOverride()
    // The error is thrown, too, and told where all others are.
    .configureOutput({ writeErr: writeError, outputError: () => {} });
  for (const option of COMMON) root.addOption(optionOf(option));
  for (const spec of COMMANDS) {
    const command = root.command(`${spec.name} ${spec.takes}`.trim()).description(spec.summary)
      .helpOption("-h, --help", "print help").allowExcessArguments(false)
      .exitOverride((error) => {
        if (error.code !== "commander.missingArgument") throw error;
        throw usage(`${oneLine(error.message)}: write ddfs ${spec.name} ${spec.takes}`);
      });
    for (const option of spec.options) command.addOption(optionOf(option));
    command.addHelpText("after", `${spec.details === undefined ? "" : `\n${spec.details}`}\n${COMMON_HELP}`);
    command.action(async () => {
      const options = command.optsWithGlobals() as CommandOptions & CommonOptions;
      refuse(spec, options);
      const cli = new Cli(options, signal);
      const args = command.processedArgs.flat().filter((arg) => arg !== undefined).map(String);
      if (spec.isIdle === true && args.length === 0 && isTyped()) {
        cli.tell(`There is nothing to do: write ddfs ${spec.name} ${spec.takes}`);
      }
      status.set(root, await start(spec, cli, args, options));
    });
  }
  return root;
}

/** The exit statuses of programs that have run. */
const status = new WeakMap<Command, number>();

/** Parses the arguments, and runs what they say. */
export async function parse(root: Command, args: readonly string[]): Promise<number> {
  const prepared = prepare(args);
  try {
    const { operands, unknown } = root.parseOptions(prepared);
    if (operands.length === 0 && unknown.length === 0) {
      const cli = new Cli(root.opts<CommonOptions>(), AbortSignal.abort());
      const { master } = await cli.ddfs();
      await cli.print(`Disco master at ${master}`, { master });
      await cli.flush();
      return EXIT.ok;
    }
    await root.parseAsync(prepared, { from: "user" });
    return status.get(root) ?? EXIT.ok;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return EXIT.ok;
    throw usage(oneLine(error.message));
  }
}

/** Prints help about a command, or about exit statuses. */
export async function help(root: Command, topic: string | undefined): Promise<void> {
  if (topic === "exit-status") {
    await writeOut(table(MEANINGS).join("\n") + "\n");
    return;
  }
  const command = topic === undefined ? root : root.commands.find((command) => command.name() === topic);
  if (command === undefined) throw usage(`There is no command ${JSON.stringify(topic)}: see ddfs --help`);
  // helpInformation() would leave out what was added behind it.
  let text = "";
  command.configureOutput({ writeOut: (part) => void (text += part) }).outputHelp();
  await writeOut(text);
}

/** Options that were refused come with the reason. */
function refuse(spec: CommandSpec, options: object): void {
  for (const { flags, refused } of [...COMMON, ...spec.options]) {
    const given = refused === undefined ? undefined : Object(options)[new Option(flags).attributeName()];
    if (given !== undefined) throw usage(`${flags.split(/[ ,<]/)[0]}: ${refused}`);
  }
}

function optionOf({ flags, help, many, refused, otherwise }: OptionSpec): Option {
  const option = new Option(flags, otherwise === undefined ? help : `${help} (default: ${otherwise})`);
  if (refused !== undefined) option.hideHelp();
  if (many === true) option.argParser((value: string, before: string[] | undefined) => [...before ?? [], value]);
  return option;
}

/**
 * Makes of arguments what commander understands. Long options of a command may be shortened, behind it, as far as one option alone begins so; `-=NAME`
 * is an argument.
 */
function prepare(args: readonly string[]): string[] {
  const at = args.findIndex((arg) => COMMANDS.some(({ name }) => name === arg));
  const spec = COMMANDS.find(({ name }) => name === args[at]);
  if (spec === undefined) return [...args];
  const names = [...COMMON, ...spec.options].flatMap(({ flags }) => /--[\w-]+/.exec(flags) ?? []);
  let isOver = false;
  return args.map((arg, i) => {
    isOver ||= arg === "--";
    const [name = "", ...value] = arg.split("=");
    if (arg.startsWith("-=")) return STDIN + arg.slice(2);
    if (isOver || i < at || !/^--\w/.test(name) || names.includes(name)) return arg;
    const found = names.filter((other) => other.startsWith(name));
    return found.length === 1 ? [found[0], ...value].join("=") : arg;
  });
}

function oneLine(text: string): string {
  return text.trim().replace(/^error: /, "").replaceAll(/\s*\n\s*/g, " ");
}
