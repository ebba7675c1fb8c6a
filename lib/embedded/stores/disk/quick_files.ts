import { DiscoError } from "../../../errors.ts";
import type { FileHandle, Files } from "./files.ts";

/** The part of `node:fs` that is used here. */
export type SyncFiles = Pick<
  typeof import("node:fs"),
  "closeSync" | "fstat" | "fsync" | "mkdirSync" | "openSync" | "read" | "renameSync" | "write" | "writeSync"
>;

/** The most bytes that are written at once: a system copies them into its memory. */
const SMALL = 1 << 16;
/** Milliseconds that such a call takes where it has to wait for a disk. */
const SLOW = 5;
/** Milliseconds in which no other is made at once after that. */
const CAUTIOUS = 1000;

/**
 * Makes files of those of the system: what changes only the system's memory, as making, renaming and closing a file do, and writing some bytes to it, is
 * done at once, in the thread that asks. By another thread it would cost ten times as much, and of such calls small blobs consist. What waits for a disk
 * (fsync), or may (reading), is left to others. So is everything for a while, once a call was slow: a disk on a network, or a busy one.
 *
 * @param files The system's files.
 * @param sync Those that are done at once.
 * @param now Gives the present time in milliseconds.
 */
export function quickFiles(files: Files, sync: SyncFiles, now: () => number): Files {
  let cautious = -Infinity;
  const quick = <T>(run: () => T): T => {
    const began = now();
    try {
      return run();
    } finally {
      const ended = now();
      if (ended - began > SLOW) cautious = ended + CAUTIOUS;
    }
  };
  const isQuick = () => now() >= cautious;
  return {
    ...files,
    async open(path, flags, mode) {
      if (flags === "r" || !isQuick()) return await files.open(path, flags, mode);
      return opened(quick(() => sync.openSync(path, flags, mode)));
    },
    async rename(from, to) {
      return isQuick() ? quick(() => sync.renameSync(from, to)) : await files.rename(from, to);
    },
  };

  /** Makes a handle of an open file, which may be changed at once, too. */
  function opened(file: number): FileHandle {
    let isOpen = true;
    // Its number may be another file's by then.
    const open = () => {
      if (!isOpen) throw new DiscoError("The file is closed", { code: "server-error" });
      return file;
    };
    const handle: FileHandle = {
      async write(bytes, offset = 0, length = null, position = null) {
        const size = length ?? bytes.length - offset;
        if (size <= SMALL && isQuick()) {
          return { bytesWritten: quick(() => sync.writeSync(open(), bytes, offset, size, position)) };
        }
        return { bytesWritten: await called((done) => sync.write(open(), bytes, offset, size, position, done)) };
      },
      async writeFile(text) {
        const bytes = new TextEncoder().encode(text);
        for (let at = 0; at < bytes.length;) at += (await handle.write(bytes, at)).bytesWritten;
      },
      read: async (into, offset, length, position) => ({
        bytesRead: await called((done) => sync.read(open(), into, offset, length, position, done)),
      }),
      sync: () => called((done) => sync.fsync(open(), done)),
      stat: () => called((done) => sync.fstat(open(), done)),
      // deno-lint-ignore require-await
      async close() {
        if (isOpen) quick(() => sync.closeSync(file));
        isOpen = false;
      },
    };
    return handle;
  }
}

/** Gives what a function calls back with. */
function called<T>(call: (done: (error: Error | null, value?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => call((error, value) => error === null ? resolve(value as T) : reject(error)));
}
