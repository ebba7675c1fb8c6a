import { DiscoError } from "../../../errors.ts";
import { DiskFolder, makeRoot } from "./folder.ts";
import { type FolderRight, Lease, type LeaseSystem, takeToRead } from "./lease.ts";
import { DiskTags } from "./tags.ts";
import { DiskVolume } from "./volume.ts";
import { builtin } from "./files.ts";
import type { NodeStore } from "../node_store.ts";
import { OpenFolders } from "./open_folders.ts";
import { systemProcesses } from "./processes.ts";
import { quickFiles, type SyncFiles } from "./quick_files.ts";
import { hasVolume, type UnservedVolume, unservedVolumes } from "./unserved_volumes.ts";

/**
 * Opens a folder in the layout of a real node: `vol0/{blob,tag}/XX/NAME$STAMP`, below a folder of its own for each node
 * that has a name. What an earlier process left half-written is removed.
 *
 * @param root The folder, by its path or its `file:` URL; made if it is missing.
 * @param nodes The nodes' names.
 * @param own What of the system is replaced, for tests.
 * @throws {DiscoError} If another DDFS has it open (code `locked`), or it cannot be used (code `server-error`).
 */
export function openDiskStore(
  root: string | URL,
  nodes: readonly string[],
  own: Partial<LeaseSystem> = {},
): Promise<NodeStore> {
  return open(root, nodes, { ...theSystem(), ...own }, (folder, system) => Lease.take(folder, system));
}

/** Opens such a folder to read it: one that may not be written, as it is mounted read-only, is left as it is. */
export function openDiskSource(
  root: string | URL,
  nodes: readonly string[],
  own: Partial<LeaseSystem> = {},
): Promise<NodeStore> {
  return open(root, nodes, { ...theSystem(), ...own }, takeToRead);
}

async function open(
  root: string | URL,
  nodes: readonly string[],
  system: LeaseSystem,
  take: (folder: string, system: LeaseSystem) => Promise<FolderRight>,
): Promise<NodeStore> {
  const { fs } = system;
  try {
    const path = builtin<typeof import("node:path")>("node:path").resolve(pathOf(root));
    await makeRoot(path, fs);
    const folder = await fs.realpath(path);
    const lease = await take(folder, system);
    const folders = new OpenFolders(fs);
    const close = async () => {
      await folders.close();
      await lease.release();
    };
    try {
      const { mayWrite, isTakenOver } = lease;
      const unserved = () => unservedVolumes(folder, nodes, fs);
      if (mayWrite && !await hasVolume(folder, nodes, fs)) refuseOthers(folder, await unserved());
      const options = { root: folder, fs, folders, guard: () => lease.check(), mayWrite, unsettled: isTakenOver };
      const volumes = new Map<string, DiskVolume>();
      const tagFiles = new Map<string, DiskTags>();
      for (const node of nodes) {
        const path = `${node === "" ? folder : `${folder}/${node}`}/vol0`;
        volumes.set(node, new DiskVolume(await DiskFolder.open(`${path}/blob`, options), path, fs));
        tagFiles.set(node, new DiskTags(await DiskFolder.open(`${path}/tag`, options), fs));
      }
      const unservedPaths = async () => (await unserved()).map(({ path }) => path);
      return { volumes, tagFiles, unserved: unservedPaths, lost: () => lease.lost(), close };
    } catch (error) {
      await close();
      throw error;
    }
  } catch (cause) {
    if (cause instanceof DiscoError) throw cause;
    throw new DiscoError(`The folder ${JSON.stringify(String(root))} cannot hold a DDFS: ${String(cause)}`, {
      code: "server-error",
      cause,
    });
  }
}

/** Refuses a folder with what is of other nodes alone: a DDFS without anything in it would hide that. */
function refuseOthers(folder: string, others: readonly UnservedVolume[]): void {
  if (others.length === 0) return;
  const names = [...new Set(others.map(({ node }) => node === "" ? "one without a name" : node))];
  const message = `The folder ${JSON.stringify(folder)} has tags of other nodes: ${
    names.join(", ")
  }. Name these nodes, or choose another folder`;
  throw new DiscoError(message, { code: "not-found" });
}

/** Files, processes and timers of the runtime. */
function theSystem(): LeaseSystem {
  const promises = builtin<typeof import("node:fs/promises")>("node:fs/promises");
  const fs = quickFiles(promises, builtin<SyncFiles>("node:fs"), () => performance.now());
  const { setTimeout, clearTimeout } = builtin<typeof import("node:timers")>("node:timers");
  return {
    fs,
    processes: systemProcesses(builtin<typeof import("node:process")>("node:process"), fs),
    after(milliseconds, run, inBackground) {
      const timer = setTimeout(run, milliseconds);
      if (inBackground) timer.unref();
      return () => clearTimeout(timer);
    },
  };
}

function pathOf(root: string | URL): string {
  const isUrl = root instanceof URL || /^file:/i.test(root);
  return isUrl ? builtin<typeof import("node:url")>("node:url").fileURLToPath(root) : root;
}
