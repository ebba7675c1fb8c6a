import type { Cluster } from "../cluster/cluster.ts";
import { DataError } from "../errors.ts";
import type { Progress, Replicas, WriteOptions } from "../options.ts";
import { type Count, counter } from "./progress.ts";
import { reworded } from "../cluster/reworded.ts";
import { stoppable } from "../base/stoppable.ts";
import { type Upload, writeBlob } from "../cluster/write_replicas.ts";

/** The settings of an operation that stores blobs. */
export interface BlobStoring {
  /** Ends all of it. */
  readonly stop: AbortController;
  /** Counts what it does. */
  readonly count: Count;
  /** Writes a blob, which has this place in the result; `from` says what of the sources is in it. */
  write(upload: Upload, place: number, from: From): Promise<void>;
}

/** The part of the sources that is in a blob. */
export type From = Pick<Progress, "source" | "offset">;

/**
 * Stores blobs.
 *
 * @param cluster The cluster.
 * @param options How many replicas, where, whom to tell, what ends it.
 * @param sizes The sizes of all that will be read, in bytes, where they are known.
 * @param work Writes them; when it returns or fails, nothing is under way any longer.
 * @returns The replicas of each blob, by its place.
 * @throws {DataError} If that fails; it says which blobs are left in the cluster then, and that no tag holds.
 */
export async function storeBlobs(
  cluster: Cluster,
  options: WriteOptions,
  sizes: readonly (number | undefined)[],
  work: (store: BlobStoring) => Promise<void>,
): Promise<Replicas[]> {
  const count = counter(options, sizes);
  const stored: Replicas[] = [];
  try {
    await stoppable(options.signal, async (stop) => {
      const { signal } = stop;
      await work({
        stop,
        count,
        write: async (upload, place, from) => {
          const replicas = stored[place] = await writeBlob(cluster, upload, { ...options, signal });
          count(upload.name, { bytesOut: upload.size, blobs: 1 }, { replicas, ...from });
        },
      });
      signal.throwIfAborted();
    });
    return stored;
  } catch (error) {
    const urls = stored.flat();
    if (urls.length === 0 || !(error instanceof DataError)) throw error;
    const shown = urls.slice(0, 10).join(", ") + (urls.length > 10 ? ", ..." : "");
    const left = `${urls.length} replicas were written before, and will be collected`;
    throw reworded(error, `${error.message}\nNothing was tagged; ${left}: ${shown}`);
  }
}
