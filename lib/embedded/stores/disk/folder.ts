import { atOnce } from "../../../base/at_once.ts";
import { DiscoError } from "../../../errors.ts";
import { codeOf, type FileHandle, type Files } from "./files.ts";
import { NewNames } from "./new_names.ts";
import { folderOf, isStorable } from "../object_names.ts";
import type { OpenFolders } from "./open_folders.ts";

/** A file that is being written. */
export interface NewFile {
  readonly file: FileHandle;
  /** The folder that it is in. */
  readonly part: string;
  /** The file that holds it until it is complete. */
  readonly partial: string;
  /** True once the file has its object's name, and is no partial one any more. */
  isNamed: boolean;
}

/** Options for opening a folder of objects. */
export interface DiskFolderOptions {
  /** A folder above it that is durable. */
  readonly root: string;
  readonly fs: Files;
  /** Makes names durable. */
  readonly folders: OpenFolders;
  /** Fails when the folder may no longer be changed. */
  readonly guard: () => Promise<void>;
  /** False if it is only read, and may be missing. */
  readonly mayWrite: boolean;
  /** True if the last process that had the folder may have left changes that are not durable yet. */
  readonly unsettled: boolean;
}

/** Folders that are looked through at a time. */
const WIDTH = 16;
/** The most characters of a file's name. */
const MAX_FILE_NAME = 255;
const PARTIAL = "!partial";
/** The beginning of the name of an object that is about to be removed; it comes back when whoever wanted that must not. */
const REMOVED = `${PARTIAL}-removed.`;
/** Names of partial files are this process's own: another one that still runs must not remove them. */
const RUN = crypto.randomUUID().slice(0, 8);
/** A stored object is never changed. */
const FILE_MODE = 0o400;

let partials = 0;

/**
 * The objects of one kind, `XX/NAME$STAMP`, as a real node has them. What is half-written has a name that begins with `!partial`.
 *
 * One process at a time may change them; one that was stopped for so long that another took its place must not. So it asks `guard` after its
 * partial file is there and before that gets its name, and whoever takes its place removes all partial files: a rename that comes too late fails.
 * What is removed for good gets a name of that kind first, and is back when somebody took the place meanwhile.
 */
export class DiskFolder {
  readonly #path: string;
  readonly #fs: Files;
  readonly #folders: OpenFolders;
  readonly #guard: () => Promise<void>;
  readonly #mayWrite: boolean;
  readonly #new = new NewNames();
  /** The folders that are there, or are being made. */
  readonly #made = new Map<string, Promise<void>>();
  /** The folders with removals that a power cut could undo. */
  readonly #unsettled = new Set<string>();

  private constructor(path: string, { fs, folders, guard, mayWrite }: DiskFolderOptions) {
    this.#path = path;
    this.#fs = fs;
    this.#folders = folders;
    this.#guard = guard;
    this.#mayWrite = mayWrite;
  }

  /** Opens a folder; makes it if it is missing, and removes what was left half-written, unless it is only read. */
  static async open(path: string, options: DiskFolderOptions): Promise<DiskFolder> {
    const folder = new DiskFolder(path, options);
    if (!options.mayWrite) return folder;
    await makeFolder(path, options.fs, options.root);
    if (options.unsettled) await syncFolder(path, options.fs);
    const failures: unknown[] = [];
    await atOnce(WIDTH, await folder.#parts(), async (part) => {
      // All have ended before an error goes on: somebody else may get the folder then.
      if (failures.length === 0) await folder.#look(part, options.unsettled).catch((error) => failures.push(error));
    });
    if (failures.length > 0) throw failures[0];
    return folder;
  }

  /** Learns which objects are in a folder, and removes what was left half-written, or puts it back. */
  async #look(part: string, unsettled: boolean): Promise<void> {
    if (unsettled) await syncFolder(part, this.#fs);
    for (const { name } of await this.#filesIn(part)) {
      const isRemoved = name.startsWith(REMOVED);
      this.#new.found(isRemoved ? name.slice(REMOVED.length) : name);
      if (isRemoved) await this.#restore(part, name.slice(REMOVED.length));
      else if (name.startsWith(PARTIAL)) await this.#fs.rm(`${part}/${name}`, { force: true });
    }
  }

  /** Fails when the folder may no longer be changed. */
  check(): Promise<void> {
    return this.#guard();
  }

  /** Gives the path of an object. */
  pathOf(object: string): string {
    if (!isStorable(object)) throw invalid(object);
    return `${this.#partOf(object)}/${object}`;
  }

  /** Size and time of an object; `undefined` if it is not there, or no file. */
  async find(object: string): Promise<{ size: number; modified: number } | undefined> {
    try {
      const info = await this.#fs.lstat(this.pathOf(object));
      return info.isFile() ? { size: info.size, modified: info.mtimeMs } : undefined;
    } catch (error) {
      if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return undefined;
      throw error;
    }
  }

  /** Tells whether there is an object of a name, or anything else that is a file. */
  async has(object: string): Promise<boolean> {
    return !this.#new.has(object) && await this.find(object) !== undefined;
  }

  /** Lists the objects, those of one folder at a time. */
  async *list(): AsyncGenerator<readonly string[], void> {
    for (const part of await this.#parts()) {
      yield (await this.#filesIn(part)).map(({ name }) => name).filter(isStorable);
    }
  }

  /** Creates the file that becomes an object once it is whole. Its name ends like the object's: a real node's collector looks there. */
  async create(object: string): Promise<NewFile> {
    const part = this.#partOf(object);
    await this.#make(part);
    const prefix = `${PARTIAL}-${RUN}${(++partials).toString(16)}.`;
    const partial = `${part}/${prefix}${object.slice(-(MAX_FILE_NAME - prefix.length))}`;
    return { part, partial, file: await this.#fs.open(partial, "wx", FILE_MODE), isNamed: false };
  }

  /** Gives a whole file its object's name, durably or not at all. */
  async publish(created: NewFile, object: string): Promise<void> {
    const { part, partial, file } = created;
    if (!isStorable(object)) throw invalid(object);
    // Both have ended before an error goes on: nothing is closed while it is synced.
    for (const step of await Promise.allSettled([file.sync(), this.#guard()])) {
      if (step.status === "rejected") throw step.reason;
    }
    this.#new.written(object);
    await this.#fs.rename(partial, `${part}/${object}`);
    created.isNamed = true;
    try {
      await this.#sync(part);
    } catch (error) {
      await this.remove(object);
      throw error;
    }
  }

  /** Ends the writing of a file. Where that fails, the next start removes what is left. */
  async end({ file, partial, isNamed }: NewFile): Promise<void> {
    await file.close().catch(() => {});
    if (!isNamed) await this.#fs.rm(partial, { force: true }).catch(() => {});
  }

  /** Removes an object that nobody will want again, unless somebody else has the folder by then. */
  async discard(object: string): Promise<void> {
    const [part, path] = [this.#partOf(object), this.pathOf(object)];
    if (REMOVED.length + object.length > MAX_FILE_NAME) return await this.remove(object);
    await this.#guard();
    const renamed = await this.#fs.rename(path, `${part}/${REMOVED}${object}`).then(() => true, missing);
    if (renamed === undefined) return;
    try {
      await this.#guard();
    } catch (error) {
      await this.#restore(part, object);
      throw error;
    }
    await this.#fs.rm(`${part}/${REMOVED}${object}`, { force: true });
    this.#unsettled.add(part);
  }

  /** Removes an object; a power cut may bring it back until {@linkcode settle}. */
  async remove(object: string): Promise<void> {
    await this.#guard();
    await this.#fs.rm(this.pathOf(object), { force: true });
    this.#unsettled.add(this.#partOf(object));
  }

  /** Makes all removals durable. */
  async settle(): Promise<void> {
    for (const part of this.#unsettled) await this.#sync(part);
  }

  #partOf(object: string): string {
    return `${this.#path}/${folderOf(object)}`;
  }

  /** Makes a folder. Whoever comes second waits, too, until it is durable. */
  #make(part: string): Promise<void> {
    let made = this.#made.get(part);
    if (made === undefined) {
      made = this.#fs.mkdir(part).then(() => this.#folders.sync(this.#path), existing);
      made.catch(() => this.#made.delete(part));
      this.#made.set(part, made);
    }
    return made;
  }

  async #sync(part: string): Promise<void> {
    const wasUnsettled = this.#unsettled.delete(part);
    try {
      await this.#folders.sync(part);
    } catch (error) {
      if (wasUnsettled) this.#unsettled.add(part);
      throw error;
    }
  }

  /** Gives an object back that was about to be removed, unless it is there again. */
  async #restore(part: string, object: string): Promise<void> {
    const removed = `${part}/${REMOVED}${object}`;
    if (isStorable(object) && await this.find(object) === undefined) {
      await this.#fs.rename(removed, `${part}/${object}`).catch(missing);
    } else {
      await this.#fs.rm(removed, { force: true });
    }
  }

  async #parts(): Promise<string[]> {
    const all = await this.#fs.readdir(this.#path, { withFileTypes: true }).catch((error) => {
      if (this.#mayWrite || codeOf(error) !== "ENOENT") throw error;
      return [];
    });
    const parts = all.filter((entry) => entry.isDirectory() && /^[0-9a-f]{2}$/.test(entry.name));
    return parts.map(({ name }) => `${this.#path}/${name}`);
  }

  /** Lists the files in a folder; anything else that is there does not belong to the store. */
  async #filesIn(part: string): Promise<{ name: string }[]> {
    const all = await this.#fs.readdir(part, { withFileTypes: true });
    return all.filter((entry) => entry.isFile());
  }
}

/** Makes a folder and those above it; all below `root` are durable then, though an earlier process may have made them and been killed. */
async function makeFolder(path: string, fs: Files, root: string): Promise<void> {
  await fs.mkdir(path, { recursive: true });
  for (let made = path; made !== root; made = parentOf(made)) await syncFolder(parentOf(made), fs);
}

/** Makes a store's folder and those above it, as durably as it may: those that it may not read are taken to be durable. */
export async function makeRoot(path: string, fs: Files): Promise<void> {
  const first = await fs.mkdir(path, { recursive: true });
  for (let made = path; parentOf(made) !== made; made = parentOf(made)) {
    try {
      await syncFolder(parentOf(made), fs);
    } catch (error) {
      if (first !== undefined && made.length >= first.length) throw error;
      return;
    }
  }
}

/** Makes durable which names are in a folder. */
export async function syncFolder(path: string, fs: Files): Promise<void> {
  const folder = await fs.open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function invalid(object: string): DiscoError {
  return new DiscoError(`Invalid object name ${object}`, { code: "invalid-name" });
}

function existing(error: unknown): void {
  if (codeOf(error) !== "EEXIST") throw error;
}

function missing(error: unknown): undefined {
  if (codeOf(error) !== "ENOENT") throw error;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}
