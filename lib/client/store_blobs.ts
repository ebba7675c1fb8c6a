import { stoppable } from "../base/stoppable.ts";
import { appendSets } from "../cluster/append_sets.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { readVersion } from "../cluster/tag_object.ts";
import { type Upload, writeBlob } from "../cluster/write_replicas.ts";
import { blobName, type TagParts } from "../names.ts";
import type { Progress, Replicas, WriteOptions } from "../options.ts";
import { LeftBehind } from "./left_behind.ts";
import { type Count, counter } from "./progress.ts";

/**
 * Bytes up to which a blob is sent in one piece. Of a stream the headers leave first, and what follows them waits for a server that confirms late: 40 ms a blob
 * in Deno.
 */
export const SMALL: number = 1 << 20;

/** The part of the sources that is in a blob. */
export type From = Pick<Progress, "source" | "offset">;

/** A blob that is to be stored. */
export interface BlobToStore {
  /** Its name. */
  readonly name: string;
  /** Its place in the result. */
  readonly place: number;
  /** The part of the sources that is in it. */
  readonly from: From;
  /** Its size in bytes, where it is known before it is read. */
  readonly size?: number | undefined;
  /** Gives its bytes; not asked when the tag has a blob of that name, and one is enough. */
  upload(): Upload | Promise<Upload>;
}

/** The settings of an operation that stores blobs. */
export interface BlobStoring {
  /** Ends the whole operation. */
  readonly stop: AbortController;
  /** Counts what it does. */
  readonly count: Count;
  /** Writes a blob. */
  write(blob: BlobToStore): Promise<void>;
  /** Takes a blob over that an earlier call has stored. */
  take(replicas: Replicas, place: number): void;
}

/** The place where blobs are stored, and the options for storing them. */
export interface BlobTarget {
  /** The cluster. */
  readonly cluster: Cluster;
  /** The tag that gets them. */
  readonly tag: TagParts;
  /** The replicas, nodes, progress and signal of the operation. */
  readonly options: WriteOptions;
}

/** The blobs of an operation that a tag holds. */
export interface StoredBlobs {
  /** The replicas of each blob as the tag has them, by its place. */
  readonly blobs: Replicas[];
  /** The names of those that were in the tag before. */
  readonly kept: string[];
}

/**
 * Stores blobs, and then tags them.
 *
 * @param target Where to.
 * @param sizes The sizes of all that will be read, in bytes, where they are known.
 * @param work Writes the blobs; when it returns or fails, nothing is under way any longer.
 * @throws {DiscoError} If that fails; `leftBehind` has what was stored and is in no tag, `unconfirmed` what may be in it.
 */
export async function storeBlobs(
  { cluster, tag, options }: BlobTarget,
  sizes: readonly (number | undefined)[],
  work: (store: BlobStoring) => Promise<void>,
): Promise<StoredBlobs> {
  const count = counter(options, sizes);
  const known = options.update ? await namesOf(cluster, tag, options) : new Map<string, Replicas>();
  const blobs: Replicas[] = [];
  const left = new LeftBehind(cluster);
  /** The blobs that are not in the tag yet, by their places. */
  const fresh = new Map<number, Replicas>();
  const take = (replicas: Replicas, place: number) => {
    left.add(replicas);
    fresh.set(place, replicas);
  };
  try {
    await stoppable(options.signal, async (stop) => {
      const { signal } = stop;
      const write = async ({ name, place, from, size = 0, upload }: BlobToStore) => {
        const there = known.get(name);
        if (there !== undefined) {
          blobs[place] = there;
          return count(name, { bytesIn: size, blobs: 1 }, { replicas: there, ...from });
        }
        const sent = await upload();
        const replicas = await writeBlob(cluster, sent, { ...options, signal }, (abandoned) => left.add(abandoned));
        take(replicas, place);
        count(name, { bytesOut: sent.size, blobs: 1 }, { replicas, ...from });
      };
      await work({ stop, count, write, take });
      signal.throwIfAborted();
    });
    if (options.resume !== undefined && fresh.size > 0) {
      // The earlier call may have been ended when all was tagged: once more, it would be there twice.
      const held = new Set((await setsOf(cluster, tag, options)).map((set) => JSON.stringify(set)));
      for (const [place, set] of fresh) {
        if (!held.has(JSON.stringify(set))) continue;
        blobs[place] = set;
        fresh.delete(place);
        left.remove(set);
      }
    }
    const places = [...fresh.keys()].sort((one, other) => one - other);
    const sets = places.map((place) => fresh.get(place) ?? []);
    const held = sets.length > 0 || blobs.length === 0 && known.size === 0
      ? await appendSets(cluster, tag, sets, options)
      : [];
    for (const [i, place] of places.entries()) {
      const set = blobs[place] = held[i] ?? [];
      if (set === fresh.get(place)) left.remove(set);
    }
    left.tell();
    const kept = blobs.filter((set, place) => set !== fresh.get(place)).map(([url = ""]) => blobName(url));
    return { blobs, kept };
  } catch (error) {
    throw left.namedIn(error);
  }
}

/** The blobs of a tag by their names, the newest of each; none when there is no tag. */
async function namesOf(cluster: Cluster, tag: TagParts, options: WriteOptions): Promise<Map<string, Replicas>> {
  const names = new Map<string, Replicas>();
  for (const set of [...await setsOf(cluster, tag, options)].reverse()) names.set(blobName(set[0] ?? ""), [...set]);
  return names;
}

/** The sets that are in a tag; none when there is no tag. */
async function setsOf(cluster: Cluster, tag: TagParts, options: WriteOptions): Promise<readonly Replicas[]> {
  const token = await cluster.token("write", tag, options);
  return (await readVersion(cluster, tag, { token, signal: options.signal })).urls;
}
