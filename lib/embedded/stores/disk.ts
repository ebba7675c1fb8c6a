import { DiscoError } from "../../errors.ts";
import { DiskFolder, makeFolder } from "./disk_folder.ts";
import { lockFolder } from "./disk_lock.ts";
import { DiskTags } from "./disk_tags.ts";
import { DiskVolume } from "./disk_volume.ts";
import { builtin, type Files } from "./files.ts";
import type { NodeStore } from "./node_store.ts";

/**
 * Opens a folder in the layout of a real node: `vol0/{blob,tag}/XX/NAME$STAMP`, below a folder of its own for each node
 * that has a name. What an earlier process left half-written is removed.
 *
 * @param root The folder; made if it is missing.
 * @param nodes The nodes' names.
 * @param files The file system.
 * @throws {DiscoError} If another process has it open (code `locked`), or it cannot be used (code `server-error`).
 */
export async function openDiskStore(root: string, nodes: readonly string[], files?: Files): Promise<NodeStore> {
  const fs = files ?? builtin<Files>("node:fs/promises");
  const process = builtin<typeof import("node:process")>("node:process");
  try {
    await makeFolder(root, fs);
    const folder = await fs.realpath(root);
    const unlock = await lockFolder(folder, fs, process);
    try {
      const options = { fs, guard: () => Promise.resolve(), unsettled: false };
      const volumes = new Map<string, DiskVolume>();
      const tagFiles = new Map<string, DiskTags>();
      for (const node of nodes) {
        const path = `${node === "" ? folder : `${folder}/${node}`}/vol0`;
        volumes.set(node, new DiskVolume(await DiskFolder.open(`${path}/blob`, options), path, fs));
        tagFiles.set(node, new DiskTags(await DiskFolder.open(`${path}/tag`, options), fs));
      }
      return { volumes, tagFiles, close: unlock };
    } catch (error) {
      await unlock();
      throw error;
    }
  } catch (cause) {
    if (cause instanceof DiscoError) throw cause;
    throw new DiscoError(`The folder ${JSON.stringify(root)} cannot hold a DDFS: ${String(cause)}`, {
      code: "server-error",
      cause,
    });
  }
}
