import type { Replicas, Resume } from "../../../mod.ts";
import { CommandError } from "./exit_status.ts";
import {
  appendText,
  createText,
  fileInfo,
  folderEntries,
  joinPath,
  makeFolder,
  moveFile,
  readText,
  removeFile,
} from "../terminal/files.ts";
import { isRunning, processId, sha256, stateFolder } from "../terminal/process.ts";

/** The subject of a journal: the same command on the same files finds it again. */
export interface JournalKey {
  /** `push` or `chunk`. */
  readonly command: string;
  /** The master's address, without a token. */
  readonly master: string;
  /** The tag, without a token. */
  readonly tag: string;
  /** The options that decide what is stored. */
  readonly options: unknown;
  /** The files: where, how large, when changed. */
  readonly files: readonly {
    readonly path: string;
    readonly size: number;
    readonly changed: number;
    readonly name: string;
  }[];
}

/** A line of a journal: a blob that was stored. */
interface Entry {
  readonly source: number;
  readonly replicas: Replicas;
  readonly offset?: number | undefined;
}

/** Milliseconds that a cluster keeps blobs that no tag holds, by default. */
const KEPT = 5 * 24 * 60 * 60 * 1000;

/** Writes down what was stored, so that a command that is ended, even by kill -9, can go on. */
export class Journal {
  readonly #path: string;
  readonly #entries: Entry[];
  readonly #lose: (error: unknown) => void;
  #isLost = false;
  #noted = 0;

  private constructor(path: string, entries: Entry[], lose: (error: unknown) => void) {
    this.#path = path;
    this.#entries = entries;
    this.#lose = lose;
  }

  /**
   * Opens the journal of a command.
   *
   * @param key What it is about.
   * @param isFresh Whether what an earlier run wrote is dropped.
   * @param lose Told when the journal cannot be written any longer: the work goes on without it.
   * @throws {CommandError} If another process is at the same work.
   * @throws {DiscoError} If the user has no folder for it (code `unsupported`).
   * @throws The error of the system, if there can be no journal.
   */
  static async open(key: JournalKey, isFresh: boolean, lose: (error: unknown) => void): Promise<Journal> {
    const state = stateFolder();
    if (state === undefined) throw await noState();
    const folder = joinPath(state, "ddfs");
    await makeFolder(folder, true);
    await removeOld(folder);
    const path = joinPath(folder, `${(await sha256(JSON.stringify(key))).slice(0, 40)}.jsonl`);
    lock(`${path}.lock`);
    if (isFresh) removeFile(path);
    const text = readText(path) ?? "";
    const entries = entriesOf(text);
    const journal = new Journal(path, entries, lose);
    // Behind what is no entry, none would be found again.
    if (text !== entries.map(lineOf).join("")) journal.#write(entries);
    return journal;
  }

  /** The blobs that an earlier run stored, in the form that the library takes. */
  get stored(): Resume[] {
    const bySource = new Map<number, { source: number; stored: Replicas[]; offset?: number | undefined }>();
    for (const { source, replicas, offset } of this.#entries) {
      const entry = bySource.get(source) ?? { source, stored: [] };
      entry.stored.push(replicas);
      entry.offset = offset;
      bySource.set(source, entry);
    }
    return [...bySource.values()];
  }

  /** The blobs that another run finds; none where the journal cannot be written any longer. */
  get count(): number {
    return this.#isLost ? 0 : this.#entries.length + this.#noted;
  }

  /** Keeps of what an earlier run stored only what is still there: of each file the blobs up to the first that is not. */
  async check(presentUrls: (urls: readonly string[]) => Promise<ReadonlySet<string>>): Promise<void> {
    const broken = new Set<number>();
    const present = await presentUrls(this.#entries.flatMap(({ replicas }) => replicas));
    const kept = this.#entries.filter(({ source, replicas }) => {
      if (!replicas.every((url) => present.has(url))) broken.add(source);
      return !broken.has(source);
    });
    if (kept.length === this.#entries.length) return;
    this.#entries.splice(0, this.#entries.length, ...kept);
    this.#write(kept);
  }

  /** Puts entries in the place of all that there are; whenever it is ended, one or the other is there. */
  #write(entries: readonly Entry[]): void {
    const next = `${this.#path}.new`;
    removeFile(next);
    appendText(next, entries.map(lineOf).join(""));
    moveFile(next, this.#path);
  }

  /** Notes a blob that is stored. */
  note(source: number, replicas: Replicas, offset?: number): void {
    if (this.#isLost) return;
    this.#tried(() => appendText(this.#path, lineOf({ source, replicas, offset })));
    this.#noted++;
  }

  /** The work is done: what was noted is of no use any longer. */
  finish(): void {
    this.#tried(() => removeFile(this.#path));
    this.close();
  }

  /** Does what the work does not depend on. */
  #tried(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!this.#isLost) this.#lose(error);
      this.#isLost = true;
    }
  }

  /** Lets other processes have it. */
  close(): void {
    removeFile(`${this.#path}.lock`);
  }
}

async function noState(): Promise<Error> {
  const { DiscoError } = await import("../../../mod.ts");
  return new DiscoError("neither XDG_STATE_HOME nor HOME is a path from the root", { code: "unsupported" });
}

/** One process works with a journal; the lock of one that has ended does not count. */
function lock(path: string): void {
  for (;;) {
    if (createText(path, String(processId()))) return;
    const owner = Number(readText(path));
    if (owner > 0 && owner !== processId() && isRunning(owner)) {
      throw new CommandError(
        `Process ${owner} does the same at the moment: wait for it; if that is another program, remove ${path}`,
      );
    }
    removeFile(path);
  }
}

function lineOf(entry: Entry): string {
  return JSON.stringify(entry) + "\n";
}

/** Tells whether a line is what note() writes: what a disk made of it is not gone on with. */
function isEntry({ source, replicas, offset = 0 }: Entry): boolean {
  const isUrls = Array.isArray(replicas) && replicas.length > 0 && replicas.every((url) => typeof url === "string");
  return isUrls && [source, offset].every((number) => Number.isSafeInteger(number) && number >= 0);
}

/** Reads a journal; its last line may have been cut off. */
function entriesOf(text: string): Entry[] {
  const entries: Entry[] = [];
  for (const line of text.split("\n")) {
    try {
      const entry: Entry = JSON.parse(line);
      if (!isEntry(entry)) break;
      entries.push(entry);
    } catch {
      break;
    }
  }
  return entries;
}

/** Removes journals whose blobs the cluster has collected by now. */
async function removeOld(folder: string): Promise<void> {
  for (const { name } of await folderEntries(folder)) {
    const path = joinPath(folder, name);
    const info = await fileInfo(path);
    if (info !== undefined && name.includes(".jsonl") && Date.now() - info.changed > KEPT) removeFile(path);
  }
}
