import type { Store, StoreSetup, Volume } from "../stores/store.ts";
import { BucketCollection } from "./collection/collect.ts";
import type { ObjectEngine } from "./bucket/engine.ts";
import { blobsOf } from "./bucket/keys.ts";
import { ObjectTags } from "./tags/tags.ts";
import { agree } from "./collection/settings.ts";
import { ObjectVolume } from "./volume.ts";

/** Options of {@linkcode openObjectStore}. */
export interface OpenObjectStoreOptions {
  /** True for a copy, which has the bucket to itself, or reads it: it has no `orphanAge` that others would have to agree with. */
  readonly isGuest?: boolean;
  /** The keys of changes that each tag remembers, at least; fewer for tests. */
  readonly keys?: number | undefined;
}

/**
 * Opens a DDFS in an object store. Any number of processes may have it open at the same time.
 *
 * @throws {DiscoError} If the store does not keep to conditions (code `unsupported`), or does not answer: nothing is left in it then. Or if others who
 * use it rely on a longer `orphanAge` (code `invalid-argument`).
 */
export async function openObjectStore(
  engine: ObjectEngine,
  setup: StoreSetup,
  { isGuest = false, keys }: OpenObjectStoreOptions = {},
): Promise<Store> {
  const { unmarkedFor } = await agree(engine, setup, isGuest);
  const { nodes } = setup;
  return {
    volumes: new Map(nodes.map((node): [string, Volume] => [
      node,
      new ObjectVolume(engine, setup, blobsOf(node, nodes)),
    ])),
    tags: new ObjectTags(engine, setup, keys),
    collection: new BucketCollection(engine, { ...setup, unmarkedFor }),
    close: () => Promise.resolve(),
  };
}
