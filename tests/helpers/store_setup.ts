import { systemClock } from "../../lib/base/clock.ts";
import { openObjectStore } from "../../lib/embedded/objects/store.ts";
import { openDiskStore } from "../../lib/embedded/stores/disk/disk.ts";
import type { LeaseSystem } from "../../lib/embedded/stores/disk/lease.ts";
import { memoryStore } from "../../lib/embedded/stores/memory.ts";
import { Stamps } from "../../lib/embedded/stores/object_names.ts";
import type { BlobContent, Store, StoreSetup, Volume } from "../../lib/embedded/stores/store.ts";
import { volumeStore } from "../../lib/embedded/stores/volume_tags.ts";
import type { FakeBucket } from "./objects/fake_bucket.ts";

/** What a store with one node, or several, is opened with. */
export function storeSetup(setup: Partial<StoreSetup> = {}): StoreSetup {
  const stamps = new Stamps(setup.now ?? Date.now);
  const nodes = setup.nodes ?? [""];
  return {
    nodes,
    writable: () => nodes,
    tagReplicas: 1,
    orphanAge: 5 * 24 * 60 * 60 * 1000,
    stamp: (name, after) => stamps.stamp(name, after),
    date: () => stamps.date(),
    now: Date.now,
    random: Math.random,
    after: systemClock.after,
    ...setup,
  };
}

/** A store in memory. */
export function inMemory(setup: StoreSetup = storeSetup()): Promise<Store> {
  return volumeStore(memoryStore(setup.nodes, setup.now), setup);
}

/** A store in a folder. */
export async function onDisk(root: string, setup: StoreSetup, system?: Partial<LeaseSystem>): Promise<Store> {
  return await volumeStore(await openDiskStore(root, setup.nodes, system), setup);
}

/** A store in a bucket. */
export function inBucket(bucket: Pick<FakeBucket, "engine">, setup: StoreSetup = storeSetup()): Promise<Store> {
  return openObjectStore(bucket.engine(), setup);
}

/** Stores a blob, and tells whether it is there now. */
export async function writeBlob(volume: Volume, object: string, text: string): Promise<boolean> {
  const writer = await volume.create(object);
  if (writer === undefined) return false;
  try {
    await writer.write(new TextEncoder().encode(text));
    return await writer.commit();
  } finally {
    await writer.close();
  }
}

/** The text of a blob; `undefined` if it is not there. */
export async function blobText(volume: Volume, object: string): Promise<string | undefined> {
  const found = await volume.read(object);
  return found && await textOf(found);
}

/** The bytes of a blob that is read, as a text. */
export async function textOf({ stream }: BlobContent): Promise<string> {
  return await new Response(stream).text();
}

/** The volume of a node. */
export function volumeOf(volumes: ReadonlyMap<string, Volume>, node = ""): Volume {
  const volume = volumes.get(node);
  if (volume === undefined) throw new Error(`no volume of ${node}`);
  return volume;
}
