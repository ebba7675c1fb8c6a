import { checkStore, type EmbeddedOptions } from "./options.ts";
import { memoryStore } from "./stores/memory.ts";
import type { Store, StoreSetup } from "./stores/store.ts";
import { volumeStore } from "./volume_tags.ts";

/** The options that say where the data is. */
export type StorePlace = Pick<EmbeddedOptions, "root" | "store" | "objects">;

/** Opens the store that options name. */
export async function openStore({ store, root, objects }: StorePlace, setup: StoreSetup): Promise<Store> {
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
  const { openDiskStore } = await import("./stores/disk.ts");
  return await volumeStore(await openDiskStore(root, setup.nodes), setup);
}
