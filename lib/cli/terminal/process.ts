import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { styleText } from "node:util";

/** The arguments after the program's own name. */
export function programArguments(): string[] {
  return process.argv.slice(2);
}

/** A variable of the environment; nothing where it is not set or empty. */
export function variable(name: string): string | undefined {
  return process.env[name] || undefined;
}

/**
 * The folder for what programs remember of their runs; nothing where the user has none. A relative path would lead to the current folder: the XDG Base
 * Directory Specification has it ignored.
 */
export function stateFolder(): string | undefined {
  const given = variable("XDG_STATE_HOME");
  if (given !== undefined && isAbsolute(given)) return given;
  // An empty HOME is given as it is.
  const home = homedir() || "";
  return isAbsolute(home) ? join(home, ".local", "state") : undefined;
}

/** The number of this process. */
export function processId(): number {
  return process.pid;
}

/** Tells whether a process of this machine runs. */
export function isRunning(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}

/** The signals that end a program: Ctrl-C, a service manager, a terminal that goes away. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Calls a function for each signal that asks the program to end. */
export function onEndSignal(listener: () => void): void {
  for (const signal of SIGNALS) process.on(signal, listener);
}

/** Ends the program at once, by a signal if it was ended by one. */
export function exit(status: number, isInterrupted: boolean = false): never {
  if (isInterrupted) {
    // Node waits at its end for a pipe that it opens until somebody writes to it: a signal waits for nothing. Shells have the same status of it.
    for (const signal of SIGNALS) process.removeAllListeners(signal);
    process.kill(process.pid, "SIGINT");
  }
  process.exit(status);
}

/** Writes a text in colour where the terminal shows colours, and NO_COLOR is not set. */
export function coloured(colour: "red" | "green" | "yellow" | "dim" | "bold", text: string): string {
  if (variable("NO_COLOR") !== undefined || process.stderr.isTTY !== true) return text;
  return styleText(colour, text);
}

/** Imports a module by its path. */
export async function importModule(path: string): Promise<Record<string, unknown>> {
  return await import(pathToFileURL(path).href);
}

/** The bytes of memory that the process has. */
export function memoryInUse(): number {
  return process.memoryUsage().rss;
}

/** SHA-256 of a text or of a stream of bytes, in hexadecimal digits. */
export async function sha256(content: string | AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  if (typeof content === "string") hash.update(content);
  else for await (const part of content) hash.update(part);
  return hash.digest("hex");
}
