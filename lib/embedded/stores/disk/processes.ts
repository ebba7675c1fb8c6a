import { codeOf, type Files } from "./files.ts";

/** The processes that this one sees. */
export interface Processes {
  /** This process's id. */
  readonly pid: number;
  /** Names where ids of processes are those that this one sees: the start of the machine, and the container. `undefined` if that is not known. */
  place(): Promise<string | undefined>;
  /** Tells whether there certainly is no process of an id. */
  isGone(pid: number): Promise<boolean>;
}

/** The permissions that Deno grants a program. */
interface Permissions {
  query(permission: { name: string }): Promise<{ state: string }>;
}

/** The processes as the system has them. Where Deno would ask the user for a permission, nothing is known. */
export function systemProcesses(process: typeof import("node:process"), fs: Files): Processes {
  let place: Promise<string | undefined> | undefined;
  return {
    pid: process.pid,
    place: () => place ??= placeOf(fs),
    async isGone(pid) {
      if (!await isGranted(["run"])) return false;
      try {
        process.kill(pid, 0);
        return false;
      } catch (error) {
        return codeOf(error) === "ESRCH";
      }
    },
  };
}

async function placeOf(fs: Files): Promise<string | undefined> {
  // Deno lets only those read in /proc who have all permissions.
  if (!await isGranted(["read", "write", "net", "env", "run", "sys", "ffi"])) return undefined;
  try {
    const start = await fs.readFile("/proc/sys/kernel/random/boot_id", "utf8");
    return `${start.trim()} ${await fs.readlink("/proc/self/ns/pid")}`;
  } catch {
    return undefined;
  }
}

async function isGranted(names: readonly string[]): Promise<boolean> {
  const { Deno } = globalThis as { Deno?: { permissions?: Permissions } };
  const permissions = Deno?.permissions;
  if (permissions === undefined) return true;
  const states = await Promise.all(names.map((name) => permissions.query({ name })));
  return states.every(({ state }) => state === "granted");
}
