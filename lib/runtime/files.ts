// Files and folders of the machine, by node:fs, which Deno and Bun have too. Bundles for browsers take files_browser.ts instead.
import { pulledStream } from "../base/streams.ts";

/** A file that can be opened; again and again, if its size is known. */
export interface LocalFile {
  /** The path. */
  readonly path: string;
  /** The file's name; of a file in a folder that was given, its path below that folder, with `/` between the parts. */
  readonly name: string;
  /** Its size in bytes when it was looked at; `undefined` for pipes, devices, and the files of /proc and /sys, which do not say. */
  readonly size: number | undefined;
  /** Opens it, from its first byte; what is added to it meanwhile is not read. */
  open(): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
}

interface Info {
  readonly size: number;
  /** The number of pieces of 512 bytes that it takes on a disk; `undefined` on Windows. */
  readonly blocks?: number;
  readonly dev: number;
  readonly ino: number;
  isFile(): boolean;
  isDirectory(): boolean;
  isFIFO(): boolean;
  isCharacterDevice(): boolean;
}

/** The part of node:fs/promises that is used. */
interface Files {
  stat(path: string): Promise<Info>;
  open(path: string): Promise<FileHandle>;
  readdir(path: string): Promise<string[]>;
}

interface FileHandle {
  read(memory: Uint8Array, offset: number, length: number): Promise<{ readonly bytesRead: number }>;
  close(): Promise<void>;
}

interface Paths {
  basename(path: string): string;
  join(...parts: string[]): string;
}

/** Bytes of a file that are read at a time: in pieces of 64 KiB, a file takes three times as long. */
const READ_SIZE = 1 << 20;
/** The most that files claim whose content is made as they are read. */
const PAGE = 1 << 16;

const runtime = globalThis as {
  process?: { platform?: string; getBuiltinModule?(name: string): unknown };
};

/**
 * Looks at a file, or at all files in a folder and in the folders below it, in the order of their names.
 *
 * @returns The files; `undefined` if the runtime has no files. It fails as the runtime does if one cannot be read.
 */
export async function localFiles(path: string): Promise<LocalFile[] | undefined> {
  const files = runtime.process?.getBuiltinModule?.("node:fs/promises") as Partial<Files> | undefined;
  const paths = runtime.process?.getBuiltinModule?.("node:path") as Partial<Paths> | undefined;
  const { open, stat, readdir } = files ?? {};
  const { basename, join } = paths ?? {};
  if (open === undefined || stat === undefined || readdir === undefined) return undefined;
  if (basename === undefined || join === undefined) return undefined;
  const info = await stat(path);
  if (!info.isDirectory()) return [fileOf(open, path, basename(path), info)];
  const found: LocalFile[] = [];
  // A link to a folder above would go round.
  const visit = async (folder: string, below: string, above: readonly string[]) => {
    for (const entry of (await readdir(folder)).sort()) {
      const path = join(folder, entry);
      const info = await stat(path);
      const name = below + entry;
      if (!info.isDirectory()) {
        if (!info.isFile()) throw new TypeError(`in it, ${path} is a pipe or a device: give it by its own path`);
        found.push(fileOf(open, path, name, info));
      } else if (!above.includes(place(info))) await visit(path, `${name}/`, [...above, place(info)]);
    }
  };
  await visit(path, "", [place(info)]);
  return found;
}

/**
 * Gives the path that a `file:` URL means.
 *
 * @param url The URL, without a query or a fragment.
 * @throws {TypeError} If it names another machine, or has a `/` encoded.
 */
export function pathOfUrl({ hostname, pathname }: URL): string {
  const isWindows = runtime.process?.platform === "win32";
  if (/%2f/i.test(pathname) || (isWindows && /%5c/i.test(pathname))) {
    throw new TypeError("no name of a file has a / in it");
  }
  const path = decodeURIComponent(pathname);
  if (!isWindows) {
    if (hostname !== "" && hostname !== "localhost") throw new TypeError(`the files of ${hostname} are not here`);
    return path;
  }
  const drive = path.replace(/^\/(?=[A-Za-z]:)/, "");
  return hostname === "" ? drive : `//${hostname}${path}`;
}

function place({ dev, ino }: Info): string {
  return `${dev} ${ino}`;
}

function fileOf(open: Files["open"], path: string, name: string, info: Info): LocalFile {
  const { size, blocks } = info;
  if (!info.isFile() && !info.isFIFO() && !info.isCharacterDevice()) {
    throw new TypeError("it is neither a file nor a folder, nor a pipe: give a stream of it");
  }
  // Of /proc and /sys: they take no place, and have another size than they say.
  const isMade = size === 0 || (blocks === 0 && size <= PAGE);
  const known = info.isFile() && !isMade ? size : undefined;
  return { path, name, size: known, open: async () => streamed(await open(path), known) };
}

/** Reads a file that has some size, or all that comes; it is closed at its end, and when no more is wanted. */
function streamed(file: FileHandle, size: number = Infinity): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  const next = async () => {
    const length = Math.min(READ_SIZE, size - at);
    const memory = new Uint8Array(length);
    const { bytesRead } = length === 0 ? { bytesRead: 0 } : await file.read(memory, 0, length);
    at += bytesRead;
    if (bytesRead > 0) return memory.subarray(0, bytesRead);
    await file.close();
    return undefined;
  };
  const failed = async (cause: unknown) => {
    await file.close().catch(() => {});
    throw cause;
  };
  return pulledStream(() => next().catch(failed), () => file.close());
}
