import type { Store, StoreSetup, Volume } from "../stores/store.ts";
import { BucketCollection } from "./collect.ts";
import type { ObjectEngine } from "./engine.ts";
import { blobsOf } from "./keys.ts";
import { ObjectTags } from "./tags.ts";
import { tryConditions } from "./trial.ts";
import { ObjectVolume } from "./volume.ts";

/**
 * Opens a DDFS in an object store. Any number of processes may have it open at the same time.
 *
 * @param keys The keys of changes that each tag remembers, at least; fewer for tests.
 * @throws {DiscoError} If the store does not keep to conditions (code `unsupported`), or does not answer. Nothing is left in it then.
 */
export async function openObjectStore(engine: ObjectEngine, setup: StoreSetup, keys?: number): Promise<Store> {
  await tryConditions(engine, setup);
  const { nodes } = setup;
  return {
    volumes: new Map(nodes.map((node): [string, Volume] => [
      node,
      new ObjectVolume(engine, setup, blobsOf(node, nodes)),
    ])),
    tags: new ObjectTags(engine, setup, keys),
    collection: new BucketCollection(engine, setup),
    close: () => Promise.resolve(),
  };
}
