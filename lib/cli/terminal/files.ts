import {
  appendFileSync,
  chmodSync,
  closeSync,
  constants,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, mkdtemp, open, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Readable, Writable } from "node:stream";

/** A file or folder. */
export interface FileInfo {
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970 of its last change. */
  readonly changed: number;
  /** True for a folder. */
  readonly isFolder: boolean;
  /** True for a file; a device, a pipe or a socket is neither. */
  readonly isFile: boolean;
  /** True for a file where others than its owner may read it. */
  readonly isPublic: boolean;
}

/** Looks at a file; nothing where there is none. */
export async function fileInfo(path: string): Promise<FileInfo | undefined> {
  try {
    const info = await stat(path);
    return {
      size: info.size,
      changed: info.mtimeMs,
      isFolder: info.isDirectory(),
      isFile: info.isFile(),
      isPublic: info.isFile() && (info.mode & 0o077) !== 0,
    };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** The names in a folder, sorted. */
export async function folderEntries(path: string): Promise<{ name: string; isFolder: boolean; isFile: boolean }[]> {
  const entries = await readdir(path, { withFileTypes: true });
  return entries.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory(), isFile: entry.isFile() }))
    .sort((one, other) => one.name < other.name ? -1 : 1);
}

/** Reads a text; nothing where there is no such file. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Appends a text to a file that only its owner may read; it is with the system when this returns, and outlives the program. */
export function appendText(path: string, text: string): void {
  appendFileSync(path, text, { mode: 0o600 });
}

/** Makes a file with a text in it; false where there is one. */
export function createText(path: string, text: string): boolean {
  try {
    const file = openSync(path, "wx", 0o600);
    writeFileSync(file, text);
    closeSync(file);
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === "EEXIST") return false;
    throw error;
  }
}

/** Removes a file, if it is there. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** Gives a file another name; one that is there is replaced. */
export function moveFile(from: string, to: string): void {
  renameSync(from, to);
}

/** Makes a folder and those above it; `isPrivate` for its owner alone. */
export async function makeFolder(path: string, isPrivate: boolean = false): Promise<void> {
  await mkdir(path, { recursive: true });
  if (isPrivate) chmodSync(path, 0o700);
}

/** Makes a folder for a while. */
export async function temporaryFolder(): Promise<string> {
  return await mkdtemp(join(tmpdir(), "ddfs-"));
}

/** Removes a folder and all that is in it. */
export async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}

/** Opens a file to write anew. */
export function writeStream(path: string): WritableStream<Uint8Array> {
  return Writable.toWeb(createWriteStream(path)) as WritableStream<Uint8Array>;
}

/** A file whose bytes are written at places of one's own. */
export interface PlacedFile {
  /** Bytes that were in it when it was opened. */
  readonly size: number;
  /** Writes all of the bytes. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  /** Cuts off what is behind a place. */
  cut(size: number): Promise<void>;
  close(): Promise<void>;
}

/** Opens a file to write at places, and makes it where there is none; what is in it stays, whoever else writes it at the time. */
export async function placedFile(path: string): Promise<PlacedFile> {
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT);
  return {
    size: (await file.stat()).size,
    async write(bytes, position) {
      for (let at = 0; at < bytes.length;) {
        at += (await file.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
      }
    },
    cut: (size) => file.truncate(size),
    close: () => file.close(),
  };
}

/** Puts a path together. */
export function joinPath(...parts: string[]): string {
  return join(...parts);
}

/** A path from the root. */
export function absolutePath(path: string): string {
  return resolve(path);
}

function isMissing(error: unknown): boolean {
  const { code = "" } = error as { code?: string };
  return code === "ENOENT" || code === "ENOTDIR";
}

/** Opens a file to read. */
export function readStream(path: string): ReadableStream<Uint8Array<ArrayBuffer>> {
  return Readable.toWeb(createReadStream(path, { highWaterMark: 1 << 20 })) as ReadableStream<Uint8Array<ArrayBuffer>>;
}
