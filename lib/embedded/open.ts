import { checkStore, type EmbeddedOptions } from "./options.ts";
import { memoryStore } from "./stores/memory.ts";
import type { Store, StoreSetup } from "./stores/store.ts";
import { volumeStore } from "./stores/volume_tags.ts";

/** The options that say where the data is. */
export type StorePlace = Pick<EmbeddedOptions, "root" | "store" | "objects">;

/**
 * Opens the store that options name.
 *
 * @param how With `toRead`, a folder may be one that cannot be written.
 */
export async function openStore(
  { store, root, objects }: StorePlace,
  setup: StoreSetup,
  { toRead = false }: { readonly toRead?: boolean } = {},
): Promise<Store> {
  if (objects !== undefined) {
    const { openObjectStore } = await import("./objects/store.ts");
    const { guarded } = await import("./objects/claim.ts");
    return await openObjectStore(guarded(objects, setup), setup);
  }
  if (typeof store === "function") return checkStore(await store(setup));
  const lost = store?.lost?.();
  if (lost !== undefined) throw lost;
  if (store !== undefined) return store;
  if (root === undefined) return await volumeStore(memoryStore(setup.nodes, setup.now), setup);
  const { openDiskSource, openDiskStore } = await import("./stores/disk/disk.ts");
  const open = toRead ? openDiskSource : openDiskStore;
  return await volumeStore(await open(root, setup.nodes), setup);
}
