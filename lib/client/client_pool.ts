import type { Cluster } from "../cluster/cluster.ts";
import { type HunkPool, hunkPool } from "../codec/pool.ts";
import { cores } from "../runtime/host.ts";

/**
 * Makes the pool of hunks for an operation of a client. If it has to work without threads, that is told as an event.
 *
 * @param cluster The client's cluster.
 * @param workers The number of threads that it may have.
 * @param expected The bytes of records that will come, if they are known.
 */
export function clientPool(cluster: Cluster, workers: number | undefined, expected?: number): HunkPool {
  const onFallback = (cause: unknown) =>
    cluster.transport.tell({ type: "fallback", about: { url: "worker threads" }, attempt: 1, cause });
  return hunkPool(workers, { onFallback, expected });
}

/**
 * Gives the number of threads to read with by default: one less than there are cores, at most 4. This thread takes the records and serves them.
 *
 * @param count The number of cores.
 */
export function readingThreads(count: number = cores()): number {
  return Math.max(0, Math.min(4, count - 1));
}
