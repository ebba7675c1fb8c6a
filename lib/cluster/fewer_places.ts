import type { Cluster } from "./cluster.ts";
import { place, type Places, type Wish } from "./place.ts";

/**
 * Asks for as many nodes as the master has, since it names none at all where it has fewer than are asked for.
 *
 * @param wish How many nodes were asked for, and which.
 * @param signal Ends it.
 * @param fewest The fewest that will do.
 * @returns `undefined` if there are not enough nodes beside those that are excluded.
 * @throws {CommError} If there are not enough nodes (code `too-few-replicas`).
 */
export async function fewerPlaces(
  cluster: Cluster,
  wish: Wish,
  signal: AbortSignal | undefined,
  fewest: number,
): Promise<Places | undefined> {
  let replicas = Math.min((wish.replicas ?? Infinity) - 1, await countNodes(cluster, signal) ?? fewest);
  for (; replicas > fewest; replicas--) {
    const places = await place(cluster, { ...wish, replicas, mayLack: true }, signal);
    if (places !== undefined) return places;
  }
  return await place(cluster, { ...wish, replicas: fewest }, signal);
}

/** Counts the nodes that the master has a connection to; nothing where it does not say. */
async function countNodes(cluster: Cluster, signal: AbortSignal | undefined): Promise<number | undefined> {
  const listed = await cluster.nodes(signal).catch(() => undefined);
  signal?.throwIfAborted();
  return listed && Object.values(listed).filter((node) => Object(node)["connected"] === true).length;
}
