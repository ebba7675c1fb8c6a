import type { TagParts } from "../names.ts";
import type { ReadOptions, Replicas } from "../options.ts";
import type { Cluster } from "./cluster.ts";
import { getTag, sendTag } from "./tag_object.ts";

/** A replica set, and the one that takes its place. */
export interface Replacement {
  /** The set as it is in the tag. */
  readonly from: Replicas;
  /** The set that is to be there. */
  readonly to: Replicas;
}

/**
 * Puts replica sets in the place of others; all else in the tag stays as it is.
 *
 * DDFS can only replace the whole list of a tag, and has no compare-and-set. So the list is read immediately before it is written, and is never
 * sent again without being read again: an append by somebody else is lost only if the master takes it between these two requests.
 *
 * @param cluster The cluster.
 * @param tag The tag.
 * @param replacements The sets; one that is not in the tag any longer is passed over.
 * @param options Token and signal.
 * @throws {CommError} If the tag cannot be read or written; it is as it was then.
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#tags PROTOCOL: Tags}
 */
export async function replaceSets(
  cluster: Cluster,
  tag: TagParts,
  replacements: readonly Replacement[],
  options: ReadOptions,
): Promise<void> {
  const { transport } = cluster;
  const { signal } = options;
  const token = await cluster.token("write", tag, options);
  const places = new Map(replacements.map(({ from, to }) => [JSON.stringify(from), to]));
  const url = cluster.tagUrl(tag);
  const retries = transport.retries({ url, toMaster: true });
  for (;;) {
    const { urls } = await getTag(cluster, tag, { token, signal });
    if (!urls.some((set) => places.has(JSON.stringify(set)))) return;
    const sets = urls.map((set) => places.get(JSON.stringify(set)) ?? set);
    try {
      return await sendTag(cluster, "PUT", url, sets, { token, signal });
    } catch (error) {
      await retries.next(error, signal);
    }
  }
}
