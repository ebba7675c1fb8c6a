import { DiscoError } from "../../../errors.ts";

type FilePromises = typeof import("node:fs/promises");

/** The part of `node:fs/promises` that the disk store needs; Deno has it, too. */
export interface Files extends
  Pick<
    FilePromises,
    "lstat" | "mkdir" | "readFile" | "readdir" | "readlink" | "realpath" | "rename" | "rm" | "statfs"
  > {
  /** Opens a file to read it (`r`), or makes a new one to write it (`wx`). */
  open(path: string, flags: "r" | "wx", mode?: number): Promise<FileHandle>;
}

/** The part of an open file of `node:fs/promises` that the disk store needs. */
export interface FileHandle {
  /** Writes bytes from an offset on, all by default, at a place of the file, after what was written by default. */
  write(
    bytes: Uint8Array,
    offset?: number,
    length?: number | null,
    position?: number | null,
  ): Promise<{ readonly bytesWritten: number }>;
  /** Writes a text. */
  writeFile(text: string): Promise<void>;
  /** Reads some bytes of a place of the file to an offset. */
  read(
    into: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>;
  /** Makes durable what was written; of a folder, its names. */
  sync(): Promise<void>;
  /** Tells the size. */
  stat(): Promise<{ readonly size: number }>;
  /** Closes it. */
  close(): Promise<void>;
}

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
