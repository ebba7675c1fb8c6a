import { DiscoError } from "../../../errors.ts";
import type { DiskFolder } from "./folder.ts";
import type { FileHandle, Files } from "./files.ts";
import type { LargeTags, OpenTag, TagFiles } from "../node_store.ts";

/** A node's tags in a folder. */
export class DiskTags implements TagFiles {
  readonly #folder: DiskFolder;
  readonly #fs: Files;
  readonly large: LargeTags = {
    open: (object) => this.#reading(() => this.#open(object)),
    write: (object, pieces) =>
      this.#write(object, async (file) => {
        for await (const piece of pieces) {
          for (let at = 0; at < piece.length;) at += (await file.write(piece, at)).bytesWritten;
        }
      }),
  };

  /** Uses a folder of tags. */
  constructor(folder: DiskFolder, fs: Files) {
    this.#folder = folder;
    this.#fs = fs;
  }

  list(): AsyncIterable<readonly string[]> {
    return this.#folder.list();
  }

  read(object: string): Promise<string> {
    return this.#reading(() => this.#fs.readFile(this.#folder.pathOf(object), "utf8"));
  }

  async size(object: string): Promise<number | undefined> {
    return (await this.#folder.find(object))?.size;
  }

  write(object: string, text: string): Promise<void> {
    return this.#write(object, (file) => file.writeFile(text));
  }

  async #reading<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      // It may be gone because somebody else has the folder: that is the better reason.
      await this.#folder.check();
      throw error;
    }
  }

  async #open(object: string): Promise<OpenTag> {
    const file = await this.#fs.open(this.#folder.pathOf(object), "r");
    return {
      size: (await file.stat()).size,
      async read(into, at) {
        for (let filled = 0; filled < into.length;) {
          const { bytesRead } = await file.read(into, filled, into.length - filled, at + filled);
          if (bytesRead === 0) throw new DiscoError(`${object} ended at ${at + filled}`, { code: "source-failed" });
          filled += bytesRead;
        }
      },
      close: () => file.close(),
    };
  }

  async #write(object: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
    const created = await this.#folder.create(object);
    try {
      await write(created.file);
      await this.#folder.publish(created, object);
    } finally {
      await this.#folder.end(created);
    }
  }

  remove(object: string): Promise<void> {
    return this.#folder.remove(object);
  }

  settle(): Promise<void> {
    return this.#folder.settle();
  }
}
