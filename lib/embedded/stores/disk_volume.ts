import { DiscoError } from "../../errors.ts";
import { codeOf, type Files } from "./files.ts";
import { folderOf, isStorable } from "./object_names.ts";
import type { BlobInfo, BlobWriter, Kind, Space, StoredObject, Volume } from "./store.ts";

type FileHandle = Awaited<ReturnType<Files["open"]>>;

/** Bytes that are read at a time. */
const PIECE = 256 * 1024;
/** The most characters of a file's name. */
const MAX_FILE_NAME = 255;
const PARTIAL = "!partial";
/** A stored object is never changed. */
const FILE_MODE = 0o400;

let partials = 0;

/** A node's volume in a folder. What is half-written has a name that begins with `!partial`. */
export class DiskVolume implements Volume {
  readonly #folder: string;
  readonly #fs: Files;
  /** Blobs that are being given their names. */
  readonly #naming = new Set<string>();

  private constructor(folder: string, fs: Files) {
    this.#folder = folder;
    this.#fs = fs;
  }

  /** Opens `vol0` in a node's folder, makes what is missing, and removes what was left half-written. */
  static async open(node: string, fs: Files): Promise<DiskVolume> {
    const volume = new DiskVolume(`${node}/vol0`, fs);
    for (const kind of ["blob", "tag"] as const) {
      await volume.#makeFolder(`${volume.#folder}/${kind}`);
      for await (const { folder, name } of volume.#names(kind)) {
        if (name.startsWith(PARTIAL)) await fs.rm(`${folder}/${name}`, { force: true });
      }
    }
    return volume;
  }

  async find(object: string): Promise<BlobInfo | undefined> {
    try {
      const { size, mtimeMs } = await this.#fs.stat(this.#path("blob", object));
      return { size, modified: mtimeMs };
    } catch (error) {
      if (codeOf(error) === "ENOENT") return undefined;
      throw error;
    }
  }

  async create(object: string): Promise<BlobWriter> {
    const path = this.#path("blob", object);
    const { file, partial } = await this.#createPartial("blob", object);
    return {
      close: () => this.#end(file, partial),
      write: async (bytes) => {
        for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten;
      },
      commit: async () => {
        if (this.#naming.has(object)) return false;
        this.#naming.add(object);
        try {
          if (await this.find(object) !== undefined) return false;
          await file.sync();
          await this.#publish(partial, path);
          return true;
        } finally {
          this.#naming.delete(object);
        }
      },
    };
  }

  async *read(object: string, start: number, length: number): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
    const file = await this.#fs.open(this.#path("blob", object), "r");
    try {
      for (let at = start; at < start + length;) {
        const piece = new Uint8Array(Math.min(PIECE, start + length - at));
        const { bytesRead } = await file.read(piece, 0, piece.length, at);
        if (bytesRead === 0) throw new DiscoError(`The blob ${object} ended at ${at}`, { code: "source-failed" });
        at += bytesRead;
        yield piece.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
  }

  readTag(object: string): Promise<string> {
    return this.#fs.readFile(this.#path("tag", object), "utf8");
  }

  async writeTag(object: string, content: string): Promise<void> {
    const path = this.#path("tag", object);
    const { file, partial } = await this.#createPartial("tag", object);
    try {
      await file.writeFile(content);
      await file.sync();
      await this.#publish(partial, path);
    } finally {
      await this.#end(file, partial);
    }
  }

  async *list(kind: Kind): AsyncGenerator<StoredObject, void> {
    for await (const { folder, name } of this.#names(kind)) {
      if (name.startsWith("!")) continue;
      try {
        const { size, mtimeMs } = await this.#fs.stat(`${folder}/${name}`);
        yield { object: name, size, modified: mtimeMs };
      } catch (error) {
        // It may have been removed since its folder was read.
        if (codeOf(error) !== "ENOENT") throw error;
      }
    }
  }

  async remove(kind: Kind, object: string): Promise<void> {
    await this.#fs.rm(this.#path(kind, object), { force: true });
  }

  async space(): Promise<Space> {
    const { bavail, bfree, blocks, bsize } = await this.#fs.statfs(this.#folder);
    return { free: Math.floor(bavail * bsize / 1024), used: Math.ceil((blocks - bfree) * bsize / 1024) };
  }

  #path(kind: Kind, object: string): string {
    if (!isStorable(object)) throw new DiscoError(`Invalid object name ${object}`, { code: "invalid-name" });
    return `${this.#folder}/${kind}/${folderOf(object)}/${object}`;
  }

  /** Creates the file that is renamed once it is whole. Its name ends like the object's: a real node's collector looks there. */
  async #createPartial(kind: Kind, object: string): Promise<{ partial: string; file: FileHandle }> {
    const folder = `${this.#folder}/${kind}/${folderOf(object)}`;
    await this.#makeFolder(folder);
    const prefix = `${PARTIAL}-${(++partials).toString(16)}.`;
    const partial = `${folder}/${prefix}${object.slice(-(MAX_FILE_NAME - prefix.length))}`;
    return { partial, file: await this.#fs.open(partial, "wx", FILE_MODE) };
  }

  /** Ends the writing of a file. Where that fails, the next start removes what is left. */
  async #end(file: FileHandle, partial: string): Promise<void> {
    await file.close().catch(() => {});
    await this.#fs.rm(partial, { force: true }).catch(() => {});
  }

  /** Gives a whole file its name, durably or not at all. */
  async #publish(partial: string, path: string): Promise<void> {
    await this.#fs.rename(partial, path);
    try {
      await this.#syncFolder(path);
    } catch (error) {
      await this.#fs.rm(path, { force: true });
      throw error;
    }
  }

  /** Makes a folder and those above it, durably. */
  async #makeFolder(path: string): Promise<void> {
    const first = await this.#fs.mkdir(path, { recursive: true });
    if (first === undefined) return;
    for (let made = path; made.length >= first.length; made = parentOf(made)) await this.#syncFolder(made);
  }

  /** Makes the name of a file or folder durable. */
  async #syncFolder(path: string): Promise<void> {
    const folder = await this.#fs.open(parentOf(path), "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  async *#names(kind: Kind): AsyncGenerator<{ folder: string; name: string }, void> {
    const all = `${this.#folder}/${kind}`;
    for (const part of await this.#fs.readdir(all)) {
      if (!/^[0-9a-f]{2}$/.test(part)) continue;
      const folder = `${all}/${part}`;
      for (const name of await this.#fs.readdir(folder)) yield { folder, name };
    }
  }
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}
