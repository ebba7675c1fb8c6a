// What Workers have in place of disk.ts: a file system of theirs, where there is one, ends with the Worker.
import { DiscoError } from "../../../errors.ts";
import type { NodeStore } from "../node_store.ts";

/**
 * Opens no folder.
 *
 * @throws {DiscoError} Always (code `unsupported`).
 */
export function openDiskStore(_root: string | URL): Promise<NodeStore> {
  const message =
    "A Worker has no disk for embedded({ root }): name a bucket by objects, or leave root out to keep everything in memory";
  return Promise.reject(new DiscoError(message, { code: "unsupported" }));
}

/**
 * Opens no folder to read it.
 *
 * @throws {DiscoError} Always (code `unsupported`).
 */
export const openDiskSource: typeof openDiskStore = openDiskStore;
