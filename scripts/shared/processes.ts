/** What came of a command. */
export interface Result {
  /** Whether it succeeded. */
  readonly success: boolean;
  /** What it printed, errors last. */
  readonly text: string;
}

/** Where a command runs, and what it finds in its environment. */
export type Place = Pick<Deno.CommandOptions, "cwd" | "env">;

/**
 * Runs a command to its end.
 *
 * @param place Where it runs.
 * @returns What came of it.
 */
export async function run(command: string, args: readonly string[], place: Place = {}): Promise<Result> {
  const { success, stdout, stderr } = await new Deno.Command(command, { ...place, args: [...args], stdin: "null" })
    .output();
  return { success, text: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

/**
 * Runs a command that must succeed.
 *
 * @param place Where it runs.
 * @returns What it printed.
 * @throws {Error} If it fails, with what it printed.
 */
export async function output(command: string, args: readonly string[], place: Place = {}): Promise<string> {
  const { success, text } = await run(command, args, place);
  if (!success) throw new Error(`${command} ${args.join(" ")} failed:\n${text}`);
  return text;
}
