// What the tests use and Node 20 lacks: Deno's files, by Deno's own shim, processes, and `Array.fromAsync`.
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { Deno as shim } from "@deno/shim-deno";

/** A process; Deno's `eval` is Node's `-e`. */
class Command {
  readonly #command: string;
  readonly #args: readonly string[];

  constructor(command: string, { args }: { readonly args: readonly string[] }) {
    this.#command = command;
    this.#args = args.map((argument) => argument === "eval" ? "-e" : argument);
  }

  spawn(): { readonly pid: number | undefined; readonly status: Promise<unknown>; kill(): void } {
    const child = spawn(this.#command, this.#args, { stdio: "ignore" });
    return { pid: child.pid, status: once(child, "exit"), kill: () => void child.kill() };
  }
}

async function fromAsync<T>(items: AsyncIterable<T>, map: (item: T) => unknown = (item) => item): Promise<unknown[]> {
  const list: unknown[] = [];
  for await (const item of items) list.push(map(item));
  return list;
}

const Deno: Record<string, unknown> = { ...shim, Command, pid: process.pid, execPath: () => process.execPath };

export { Deno, fromAsync as "Array.fromAsync" };
