import type { Cluster } from "./cluster.ts";
import { CommError } from "../errors.ts";
import { blobName, type TagParts } from "../names.ts";
import type { Replicas, TagOptions } from "../options.ts";
import { getTag, sendTag } from "./tag_object.ts";

/**
 * Appends replica sets to a tag, each exactly once. When an answer is lost, the tag is read, and only what it lacks is sent again.
 *
 * @param cluster The cluster.
 * @param tag The tag.
 * @param sets The replica sets, in the order that they are to have in the tag.
 * @param options Whether known names are left out, and whether the master may bundle.
 * @throws {CommError} If the tag cannot be written.
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#tags PROTOCOL: Tags}
 */
export async function appendSets(
  cluster: Cluster,
  tag: TagParts,
  sets: readonly Replicas[],
  options: TagOptions,
): Promise<void> {
  const { update = false, delayed = false, signal } = options;
  const token = await cluster.token("write", tag, options);
  let missing = sets;
  let guarded = update;
  const url = cluster.tagUrl(tag);
  const retries = cluster.transport.retries({ url, toMaster: true });
  for (;;) {
    // The master turns the order of an update round.
    const ordered = guarded ? [...missing].reverse() : missing;
    const query = `${guarded ? "&update=1" : ""}${delayed ? "&delayed=1" : ""}`.replace("&", "?");
    try {
      return await sendTag(cluster, "POST", url + query, ordered, { token, signal });
    } catch (error) {
      await retries.next(error, signal);
      const { urls: present } = await getTag(cluster, tag, { token, signal }).catch((error): { urls: Replicas[] } => {
        if (error instanceof CommError && error.status === 404) return { urls: [] };
        throw error;
      });
      const known = new Set(present.map((set) => JSON.stringify(set)));
      missing = missing.filter((set) => !known.has(JSON.stringify(set)));
      if (missing.length === 0) return;
      // The first request may still be on its way: where no name is taken, `update` makes a second arrival harmless.
      guarded = update || haveOwnNames(missing, present);
    }
  }
}

/** Tells whether each set is a blob's, with a name that no other set has. */
function haveOwnNames(sets: readonly Replicas[], present: readonly Replicas[]): boolean {
  const taken = new Set(present.map(([url = ""]) => blobName(url)));
  return sets.every(([url = ""]) => url.includes("$") && taken.size < taken.add(blobName(url)).size);
}
