import type { DiskFolder } from "./disk_folder.ts";
import type { Files } from "./files.ts";
import type { TagFiles } from "./node_store.ts";

/** A node's tags in a folder. */
export class DiskTags implements TagFiles {
  readonly #folder: DiskFolder;
  readonly #fs: Files;

  /** Uses a folder of tags. */
  constructor(folder: DiskFolder, fs: Files) {
    this.#folder = folder;
    this.#fs = fs;
  }

  list(): AsyncIterable<readonly string[]> {
    return this.#folder.list();
  }

  async read(object: string): Promise<string> {
    try {
      return await this.#fs.readFile(this.#folder.pathOf(object), "utf8");
    } catch (error) {
      // It may be gone because somebody else has the folder: that is the better reason.
      await this.#folder.check();
      throw error;
    }
  }

  async size(object: string): Promise<number | undefined> {
    return (await this.#folder.find(object))?.size;
  }

  async write(object: string, text: string): Promise<void> {
    const created = await this.#folder.create(object);
    try {
      await created.file.writeFile(text);
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
