import type { FileHandle, Files } from "./files.ts";

/** The most folders that stay open: those of a node's blobs. */
const MOST = 256;

/** A folder that is open. */
interface OpenFolder {
  readonly handle: Promise<FileHandle>;
  /** The number of those who wait until its names are durable. */
  waiting: number;
  /** The fsync that is under way, and the one that comes after it. */
  syncing: Promise<void>;
  next: Promise<void> | undefined;
}

/** Makes durable which names are in folders. They stay open: what is stored in a small file costs little more than an opening. */
export class OpenFolders {
  readonly #fs: Files;
  /** The one that was used last is the last. */
  readonly #open = new Map<string, OpenFolder>();
  #most = MOST;

  /** Uses the system's files. */
  constructor(fs: Files) {
    this.#fs = fs;
  }

  /** Makes durable which names are in a folder now: by an fsync that begins after this was called, one for all who wait for the next. */
  async sync(path: string): Promise<void> {
    const folder = this.#opened(path);
    folder.waiting++;
    try {
      await (folder.next ??= folder.syncing.catch(() => {}).then(async () => {
        const handle = await folder.handle;
        folder.next = undefined;
        await (folder.syncing = handle.sync());
      }));
    } catch (error) {
      // It may have been moved, or its disk may be gone.
      if (this.#open.get(path) === folder) this.#open.delete(path);
      throw error;
    } finally {
      folder.waiting--;
      await this.#tidy(path, folder);
    }
  }

  /** Closes all folders; one that is used later is closed at once. */
  async close(): Promise<void> {
    this.#most = 0;
    for (const [path, folder] of this.#open) await this.#tidy(path, folder);
  }

  #opened(path: string): OpenFolder {
    const folder = this.#open.get(path) ??
      { handle: this.#fs.open(path, "r"), waiting: 0, syncing: Promise.resolve(), next: undefined };
    this.#open.delete(path);
    this.#open.set(path, folder);
    return folder;
  }

  /** Closes the folders that were not used for the longest time where there are too many, and one that was given up. */
  async #tidy(path: string, folder: OpenFolder): Promise<void> {
    const given = this.#open.get(path) === folder ? [] : [folder];
    for (const [path, folder] of this.#open) {
      if (this.#open.size <= this.#most) break;
      if (folder.waiting > 0) continue;
      this.#open.delete(path);
      given.push(folder);
    }
    for (const { handle, waiting } of given) {
      if (waiting === 0) await handle.then((handle) => handle.close()).catch(() => {});
    }
  }
}
