import { DiscoError } from "../../errors.ts";

/** The part of `node:fs/promises` that the disk store needs; Deno has it, too. */
export type Files = typeof import("node:fs/promises");

/** An open file. */
export type FileHandle = Awaited<ReturnType<Files["open"]>>;

/** Gives a module that Deno and Node have built in; not by an import, so that bundlers for other places need not know it. */
export function builtin<T>(name: string): T {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  const module = process?.getBuiltinModule?.(name);
  if (module !== undefined) return module as T;
  throw new DiscoError("This runtime has no file system: embedded() without a root keeps everything in memory", {
    code: "unsupported",
  });
}

/** Gives the system's code of an error, like `ENOENT`. */
export function codeOf(error: unknown): unknown {
  return Object(error).code;
}
