import { DiscoError } from "../../../errors.ts";
import { codeOf, type FileHandle, type Files } from "./files.ts";
import type { Processes } from "./processes.ts";

/** The parts of the system that a lease uses. */
export interface LeaseSystem {
  readonly fs: Files;
  readonly processes: Processes;
  /** Calls a function after some milliseconds; a timer `inBackground` keeps no process alive. Gives a function that calls it off. */
  readonly after: (milliseconds: number, run: () => void, inBackground: boolean) => () => void;
}

/** Milliseconds between two signs of life. */
const BEAT = 1000;
/** Looks at somebody else's lock in that time. */
const LOOKS = 2;
/** Signs of life that may fail to come: where a machine is busy, they come late, but not that late. */
const MISSED = 10;

/** The folders that this thread has, or is about to get. */
const held = new Set<string>();

/** The right to use a folder. */
export interface FolderRight {
  /** False if the folder is only read. */
  readonly mayWrite: boolean;
  /** True if the one who had the folder before did not give it up. */
  readonly isTakenOver: boolean;
  /** The reason why the folder may not be used any more; `undefined` while it may. */
  lost(): DiscoError | undefined;
  /** Fails if the folder may not be changed. */
  check(): Promise<void>;
  /** Gives the folder up. */
  release(): Promise<void>;
}

/**
 * The right to change a folder. One DDFS at a time has it, whatever its thread, process, container or runtime is.
 *
 * The file `ddfs.lock` names who has it. They change a number in it each second; who finds the file looks whether that happens, and after ten
 * seconds without it replaces the file by their own. Who was stopped for so long finds another one's name in it: the file is read before each
 * change of the folder. Neither clocks nor process ids decide; only a process that has certainly ended is not waited for.
 */
export class Lease implements FolderRight {
  readonly mayWrite = true;
  /** True if the one who had the folder before did not give it up. */
  readonly isTakenOver: boolean;
  readonly #root: string;
  readonly #lock: Lock;
  readonly #system: LeaseSystem;
  #lost: DiscoError | undefined;
  #isReleased = false;
  #cancelBeat = () => {};
  #beating: Promise<void> = Promise.resolve();
  /** The look at the lock that is under way, and the one that comes after it. */
  #looking: Promise<void> = Promise.resolve();
  #nextLook: Promise<void> | undefined;

  private constructor(root: string, lock: Lock, isTakenOver: boolean, system: LeaseSystem) {
    this.isTakenOver = isTakenOver;
    this.#root = root;
    this.#lock = lock;
    this.#system = system;
    this.#beatLater();
  }

  /**
   * Takes a folder.
   *
   * @param root Its real path.
   * @throws {DiscoError} If somebody else has it (code `locked`).
   */
  static async take(root: string, system: LeaseSystem): Promise<Lease> {
    if (held.has(root)) throw inUse(root, `this process, ${system.processes.pid}`);
    held.add(root);
    try {
      const { lock, isTakenOver } = await seize(root, system);
      return new Lease(root, lock, isTakenOver, system);
    } catch (error) {
      held.delete(root);
      throw error;
    }
  }

  /** The reason why the folder may not be changed any more; `undefined` while it may. */
  lost(): DiscoError | undefined {
    return this.#lost;
  }

  /**
   * Makes sure that the folder may still be changed: the lock is looked at after this was called, by one look for all who wait for the next.
   *
   * @throws {DiscoError} If somebody else has it by now (code `locked`).
   */
  check(): Promise<void> {
    return this.#nextLook ??= this.#looking.catch(() => {}).then(() => {
      this.#nextLook = undefined;
      return this.#looking = this.#look();
    });
  }

  async #look(): Promise<void> {
    if (this.#lost !== undefined) throw this.#lost;
    const text = await readLock(pathOf(this.#root), this.#system.fs);
    if (text !== undefined && this.#lock.isIn(text)) return;
    const reason = text === undefined
      ? "its ddfs.lock is gone"
      : `this process gave no sign of life for ${BEAT * MISSED / 1000} s, and ${holderIn(text)} has taken it over`;
    throw this.#lost ??= new DiscoError(
      `The folder ${JSON.stringify(this.#root)} is lost, nothing more is written to it: ${reason}`,
      { code: "locked" },
    );
  }

  /** Gives the folder up. */
  async release(): Promise<void> {
    this.#isReleased = true;
    this.#cancelBeat();
    await this.#beating;
    await this.#lock.close();
    try {
      const isOurs = await this.check().then(() => true, () => false);
      if (isOurs) await this.#system.fs.rm(pathOf(this.#root), { force: true });
    } finally {
      held.delete(this.#root);
    }
  }

  #beatLater(): void {
    this.#cancelBeat = this.#system.after(BEAT, () => void (this.#beating = this.#beat()), true);
  }

  /** Gives a sign of life, and finds out whether somebody has taken over. Where one fails, the next may come in time. */
  async #beat(): Promise<void> {
    await this.#lock.beat().catch(() => {});
    await this.check().catch(() => {});
    if (this.#lost === undefined && !this.#isReleased) this.#beatLater();
  }
}

/**
 * Takes a folder, or, where its disk does not let anybody write to it, the right to read it.
 *
 * @param root Its real path.
 * @throws {DiscoError} If somebody else has it (code `locked`).
 */
export async function takeToRead(root: string, system: LeaseSystem): Promise<FolderRight> {
  try {
    return await Lease.take(root, system);
  } catch (error) {
    if (!["EROFS", "EACCES", "EPERM"].includes(String(codeOf(error)))) throw error;
    // Others may write to it elsewhere: where it is mounted another time, or as another user.
    const text = await readLock(pathOf(root), system.fs);
    if (text !== undefined) await isDead(root, text, system);
    return {
      ...{ mayWrite: false, isTakenOver: false, lost: () => undefined },
      check: () => Promise.reject(error),
      release: () => Promise.resolve(),
    };
  }
}

/** A lock file that is ours. */
class Lock {
  readonly #file: FileHandle;
  readonly #id: string;
  readonly #holder: string;
  #beats = 0;

  private constructor(file: FileHandle, id: string, holder: string) {
    this.#file = file;
    this.#id = id;
    this.#holder = holder;
  }

  /** Makes a lock file; `undefined` if there is one. */
  static async create(path: string, { fs, processes }: LeaseSystem): Promise<Lock | undefined> {
    const holder = { pid: processes.pid, place: await processes.place() };
    try {
      const lock = new Lock(await fs.open(path, "wx"), crypto.randomUUID(), JSON.stringify(holder));
      await lock.beat();
      return lock;
    } catch (error) {
      if (codeOf(error) === "EEXIST") return undefined;
      throw error;
    }
  }

  /** Tells whether a lock file's text is this one's. */
  isIn(text: string): boolean {
    return text.startsWith(this.#id);
  }

  /** Changes the number in it. The file stays the same: one that somebody else has put in its place is not touched. */
  async beat(): Promise<void> {
    const number = String(++this.#beats).padStart(12, "0");
    await this.#file.write(new TextEncoder().encode(`${this.#id} ${number} ${this.#holder}\n`), 0, null, 0);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** Makes the folder's lock ours, at once or when its holder gives no sign of life. */
async function seize(root: string, system: LeaseSystem): Promise<{ lock: Lock; isTakenOver: boolean }> {
  const { fs } = system;
  const path = pathOf(root);
  for (;;) {
    const lock = await Lock.create(path, system);
    if (lock !== undefined) return { lock, isTakenOver: false };
    const text = await readLock(path, fs);
    if (text === undefined) continue;
    if (!await isDead(root, text, system)) continue;
    // Of many who find it dead, one may replace it. Should that one end before it does, another one may after as long a time.
    const claim = `${path}.after.${text.replace(/[^\w-]/g, "").slice(0, 36)}`;
    const successor = await Lock.create(claim, system);
    if (successor === undefined) {
      if (await isDead(root, text, system, claim)) await fs.rm(claim, { force: true });
      continue;
    }
    if (await readLock(path, fs) === text && await renamed(claim, path, fs)) {
      return { lock: successor, isTakenOver: true };
    }
    await successor.close();
    await fs.rm(claim, { force: true });
  }
}

/**
 * Looks at a lock until it is known whether its holder is dead.
 *
 * @param text What is in it.
 * @param claim The lock of one who is about to replace it: whether that one is dead is asked then.
 * @returns `false` if the lock, or the claim, is another one by now or gone.
 * @throws {DiscoError} If the holder gives a sign of life (code `locked`).
 */
async function isDead(root: string, text: string, system: LeaseSystem, claim?: string): Promise<boolean> {
  const { fs, processes, after } = system;
  if (claim === undefined && await hasEnded(text, processes)) return true;
  const claimant = claim && await readLock(claim, fs);
  for (let look = 0; look < MISSED * LOOKS; look++) {
    await new Promise<void>((resolve) => after(BEAT / LOOKS, resolve, false));
    const now = await readLock(pathOf(root), fs);
    if (now === undefined) return false;
    if (now !== text) throw inUse(root, holderIn(now));
    if (claim !== undefined && (claimant === undefined || await readLock(claim, fs) !== claimant)) return false;
  }
  return true;
}

/** Tells whether a lock's holder certainly has ended. */
async function hasEnded(text: string, processes: Processes): Promise<boolean> {
  const { pid, place } = parsed(text);
  if (pid === 0 || place === undefined || place !== await processes.place()) return false;
  return await processes.isGone(pid);
}

async function renamed(from: string, to: string, fs: Files): Promise<boolean> {
  try {
    await fs.rename(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw error;
  }
}

function pathOf(root: string): string {
  return `${root}/ddfs.lock`;
}

/** The text of a lock; `undefined` if there is none. */
async function readLock(path: string, fs: Files): Promise<string | undefined> {
  try {
    return await fs.readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    if (codeOf(error) !== "EISDIR") throw error;
    throw new DiscoError(`${path} is a folder, where a file should be: remove it`, { code: "locked", cause: error });
  }
}

/** Reads from a lock's text who its holder is, as far as it says so. */
function parsed(text: string): { readonly pid: number; readonly place: string | undefined } {
  try {
    const { pid, place } = Object(JSON.parse(text.slice(text.indexOf("{"))));
    return { pid: Number(pid) || 0, place: typeof place === "string" ? place : undefined };
  } catch {
    return { pid: 0, place: undefined };
  }
}

function holderIn(text: string): string {
  const { pid } = parsed(text);
  return pid > 0 ? `process ${pid}` : "another process";
}

function inUse(root: string, holder: string): DiscoError {
  return new DiscoError(`The folder ${JSON.stringify(root)} is in use by ${holder}: end that first`, {
    code: "locked",
  });
}
