import type { Cluster } from "./cluster.ts";
import { type HunkPool, hunkPool } from "./codec/pool.ts";

/** A pool of a client's operation; that it works without threads is an event. */
export function clientPool(cluster: Cluster, workers: number | undefined): HunkPool {
  const { onEvent } = cluster.transport.settings;
  return hunkPool(
    workers,
    (cause) => onEvent({ type: "fallback", url: "worker threads", attempt: 1, status: 0, delay: 0, cause }),
  );
}
