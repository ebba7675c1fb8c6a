import { MOST_AT_ONCE } from "../runtime/host.ts";
import type { NodeHealth } from "./node_health.ts";

/** A cluster, as far as it matters here. */
interface Known {
  readonly health: Pick<NodeHealth, "patience">;
  /** The small blobs that may be sent at a time. */
  atOnce: number;
}

/** Small blobs that are sent at a time to real nodes: there each makes a connection, and has to wait for others. */
export const FEW = 5;

/** Tells whether a master says that connections are kept open between requests, so that one that was used may be used again. */
export function keepsConnections(headers: Headers): boolean {
  return headers.get("ddfs-connections") === "kept";
}

/**
 * Notes how many small blobs may be sent at a time: where connections are kept, and the nodes have answered of late, each waits for a disk, and makes nobody
 * else wait. One request that asks whether a node lives may go beside them.
 *
 * @param targets The URLs that the master named for a blob.
 * @param headers Those of its answer.
 */
export function noteAtOnce(cluster: Known, targets: readonly string[], headers: Headers): void {
  const isWell = keepsConnections(headers) && targets.every((target) => cluster.health.patience(target) === undefined);
  cluster.atOnce = isWell ? MOST_AT_ONCE - 1 : FEW;
}
