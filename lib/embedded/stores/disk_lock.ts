import { DiscoError } from "../../errors.ts";
import { codeOf, type Files } from "./files.ts";

/** The part of `node:process` that the lock needs. */
export interface Processes {
  /** This process's id. */
  readonly pid: number;
  /** Sends a signal; 0 only finds out whether the process is there. */
  kill(pid: number, signal: 0): true;
}

/** The folders that this process has locked, or is about to. */
const held = new Set<string>();

/**
 * Locks a folder: no other process on this machine opens it until this one gives it free, or ends.
 *
 * @param root Its real path.
 * @param fs The file system.
 * @param processes The processes.
 * @returns A function that gives it free.
 * @throws {DiscoError} If it is locked (code `locked`).
 */
export async function lockFolder(root: string, fs: Files, processes: Processes): Promise<() => Promise<void>> {
  const lock = `${root}/ddfs.lock`;
  if (held.has(root)) throw locked(root, lock, processes.pid);
  held.add(root);
  try {
    const holder = await seize(lock, fs, processes);
    if (holder !== undefined) throw locked(root, lock, holder);
  } catch (error) {
    held.delete(root);
    throw error;
  }
  return async () => {
    await fs.rm(lock, { force: true });
    held.delete(root);
  };
}

/**
 * Makes a file this process's. One whose process has ended is replaced, never removed first: only who has seized the claim
 * to succeed exactly that holder does it, so that of many who find it dead there is one successor.
 *
 * @returns Nothing, or the id of the process that has it.
 */
async function seize(path: string, fs: Files, processes: Processes): Promise<number | undefined> {
  const id = crypto.randomUUID();
  const draft = `${path}.${id}`;
  await fs.writeFile(draft, `${processes.pid} ${id}`);
  try {
    for (;;) {
      // A link appears with its content, or fails when there is one: nobody sees an empty file.
      if (await linked(fs, draft, path)) return undefined;
      const holder = await fs.readFile(path, "utf8").catch(missing);
      if (holder === undefined) continue;
      const pid = parseInt(holder);
      if (isAlive(pid, processes)) return pid;
      const claim = `${path}.after.${holder.replace(/[^\w-]/g, "").slice(0, 50)}`;
      const rival = await seize(claim, fs, processes);
      if (rival !== undefined) return rival;
      try {
        if (await fs.readFile(path, "utf8").catch(missing) === holder) {
          await fs.rename(draft, path);
          return undefined;
        }
      } finally {
        await fs.rm(claim, { force: true });
      }
    }
  } finally {
    await fs.rm(draft, { force: true });
  }
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

/** Tells whether a holder still runs. A holder with this process's id is an earlier one, since ids begin anew in each container. */
function isAlive(pid: number, processes: Processes): boolean {
  if (!(pid > 0) || pid === processes.pid) return false;
  try {
    return processes.kill(pid, 0);
  } catch (error) {
    return codeOf(error) !== "ESRCH";
  }
}

function locked(root: string, lock: string, pid: number): DiscoError {
  return new DiscoError(
    `The folder ${JSON.stringify(root)} is in use by process ${pid}: end that first, or, if it is no DDFS, remove ` +
      JSON.stringify(lock),
    { code: "locked" },
  );
}

function missing(error: unknown): undefined {
  if (codeOf(error) !== "ENOENT") throw error;
}
