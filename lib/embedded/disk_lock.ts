import { DiscoError } from "../errors.ts";
import type { Files } from "./disk_store.ts";

/** What the lock needs of `node:process`. */
export interface Processes {
  /** This process's id. */
  readonly pid: number;
  /** Sends a signal; 0 only finds out whether the process is there. */
  kill(pid: number, signal: 0): true;
}

/** The locks this process holds: a stale one can have its id, where ids begin anew with each start of a container. */
const held = new Set<string>();

let attempts = 0;

/**
 * Locks a folder: no other process opens it until this one gives it free, or ends.
 *
 * @param root Its real path.
 * @returns A function that gives it free.
 * @throws {DiscoError} If it is locked (code `locked`).
 */
export async function lockFolder(root: string, fs: Files, processes: Processes): Promise<() => Promise<void>> {
  const { pid } = processes;
  const lock = `${root}/ddfs.lock`;
  const mine = `${lock}.${pid}.${++attempts}`;
  // A link appears with its content, or fails when there is one: no other process sees an empty lock.
  await fs.writeFile(mine, `${pid}\n`);
  try {
    while (!await linked(fs, mine, lock)) {
      const holder = await fs.readFile(lock, "utf8").catch(missing);
      if (holder === undefined) continue;
      if (isHeld(lock, parseInt(holder), processes)) {
        throw new DiscoError(
          `The folder ${JSON.stringify(root)} is in use by process ${parseInt(holder)}: end that first, or, if it is ` +
            `no DDFS, remove ${JSON.stringify(lock)}`,
          { code: "locked" },
        );
      }
      await removeStale(fs, lock, `${mine}.stale`, holder);
    }
  } finally {
    await fs.rm(mine, { force: true });
  }
  held.add(lock);
  return async () => {
    if (held.delete(lock)) await fs.rm(lock, { force: true });
  };
}

async function linked(fs: Files, from: string, to: string): Promise<boolean> {
  try {
    await fs.link(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

function isHeld(lock: string, pid: number, processes: Processes): boolean {
  if (!(pid > 0)) return false;
  if (pid === processes.pid) return held.has(lock);
  try {
    return processes.kill(pid, 0);
  } catch (error) {
    return codeOf(error) !== "ESRCH";
  }
}

/** Takes a stale lock away; a fresh one that another process has put in its place meanwhile is put back. */
async function removeStale(fs: Files, lock: string, aside: string, stale: string): Promise<void> {
  try {
    await fs.rename(lock, aside);
  } catch (error) {
    return missing(error);
  }
  if (await fs.readFile(aside, "utf8") !== stale) await linked(fs, aside, lock);
  await fs.rm(aside, { force: true });
}

function missing(error: unknown): undefined {
  if (codeOf(error) !== "ENOENT") throw error;
}

/** The system's code of an error, like `ENOENT`. */
export function codeOf(error: unknown): unknown {
  return Object(error).code;
}
