import type { WriteOptions } from "../../../mod.ts";
import { wholeNumberOf } from "./arguments.ts";
import type { Cli } from "./cli.ts";
import type { CommandOptions } from "./options.ts";
import { usage } from "./exit_status.ts";
import type { ChosenFile } from "./paths.ts";

/** Stands for the `-=` of `-=NAME`, stdin under a name, which would be taken for an option. */
export const STDIN = "\0stdin=";

/** The name of `-=NAME`, checked before anything is said or sent. */
export async function stdinName(arg: string): Promise<string> {
  const name = arg.slice(STDIN.length);
  const { safeName } = await names();
  if (name === "") throw usage("-= has no name: write -=NAME");
  if (safeName(name) === name) return name;
  throw usage(`-=${name}: a name has only A-Z a-z 0-9 _ - @ :, so write -=${safeName(name)}`);
}

/** Says that the writing begins, as the original does. */
export async function announce(cli: Cli): Promise<void> {
  if (cli.json) return;
  await cli.print("pushing...", undefined);
  await cli.flush();
}

/** The options of the library that say where blobs are placed. */
export function placement(options: CommandOptions): Pick<WriteOptions, "replicas" | "forceOn" | "update"> {
  const { forceon, update } = options;
  return {
    replicas: wholeNumberOf("replicas", options.replicas, 1),
    forceOn: forceon,
    update,
  };
}

/** The sizes of files, for the display. */
export function shownOf(files: readonly (ChosenFile & { readonly name: string })[]): {
  total: number;
  sizes: Map<string, number>;
} {
  return {
    total: files.reduce((sum, { size }) => sum + size, 0),
    sizes: new Map(files.map(({ name, size }) => [name, size])),
  };
}

/** The library's functions about names; it is loaded for them. */
export async function names(): Promise<{
  checkedTag: (tag: string) => void;
  safeName: (name: string) => string;
  baseName: (path: string) => string;
}> {
  const { parseTag, safeName } = await import("../../../mod.ts");
  return {
    checkedTag: (tag) => void parseTag(tag),
    // Each byte of UTF-8 becomes an underscore, as in the original.
    safeName: (name) =>
      safeName(Array.from(new TextEncoder().encode(name), (byte) => String.fromCharCode(byte)).join("")),
    baseName: (path) => path.split("/").findLast((part) => part !== "") ?? "",
  };
}
