import type { TagParts } from "../names.ts";
import type { ReadOptions, Replicas } from "../options.ts";
import { appendSets } from "./append_sets.ts";
import type { Cluster } from "./cluster.ts";
import { isLostRace, readVersion, sendTag, sleepAfterRace } from "./tag_object.ts";

/** A replica set, and the one that takes its place. */
export interface Replacement {
  /** The set as it is in the tag. */
  readonly from: Replicas;
  /** The set that is to be there. */
  readonly to: Replicas;
}

/**
 * Puts replica sets in the place of others; all else in the tag stays as it is, and a tag that was deleted stays deleted.
 *
 * The whole list of a tag is replaced, on the condition that it is still the one that was read. Disco's master takes no conditions. There the new
 * sets are appended first, by which nothing can be lost; then the list is replaced only when two reads, one right after the other, found the same
 * version; and it is read again, until the new sets are there and the old ones are not. What somebody else appends between the last
 * read and the replacement is lost there, and a tag that is deleted between them comes back.
 *
 * @param replacements The sets; one that is not in the tag any longer is passed over.
 * @param options Token and signal.
 * @throws {CommError} If the tag cannot be read or written.
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#tags PROTOCOL: Tags}
 */
export async function replaceSets(
  cluster: Cluster,
  tag: TagParts,
  replacements: readonly Replacement[],
  options: ReadOptions,
): Promise<void> {
  const { signal } = options;
  const access = { token: await cluster.token("write", tag, options), signal };
  const url = cluster.tagUrl(tag);
  const retries = cluster.transport.retries({ url, toMaster: true });
  let isAppended = false;
  for (let races = 0;;) {
    const version = await readVersion(cluster, tag, access);
    const { urls, id, etag } = version;
    const due = replacements.filter(({ from }) => has(urls, from));
    if (due.length === 0) return;
    if (etag === undefined && !isAppended) {
      const missing = due.map(({ to }) => to).filter((to) => !has(urls, to));
      await appendSets(cluster, tag, missing, access);
      isAppended = true;
      continue;
    }
    if (etag === undefined && (await readVersion(cluster, tag, access)).id !== id) {
      await sleepAfterRace(cluster, races++, signal);
      continue;
    }
    try {
      await sendTag(cluster, "PUT", url, replaced(urls, due), { ...access, version });
      if (etag !== undefined) return;
    } catch (error) {
      if (isLostRace(error)) await sleepAfterRace(cluster, races++, signal);
      else await retries.next(error, signal);
    }
  }
}

/** The sets with the new ones in the old ones' places, and nowhere else. */
function replaced(urls: readonly Replicas[], replacements: readonly Replacement[]): Replicas[] {
  const news = new Set(replacements.map(({ to }) => JSON.stringify(to)));
  const places = new Map(replacements.map(({ from, to }) => [JSON.stringify(from), to]));
  return urls.filter((set) => !news.has(JSON.stringify(set))).map((set) => places.get(JSON.stringify(set)) ?? set);
}

function has(urls: readonly Replicas[], set: Replicas): boolean {
  const text = JSON.stringify(set);
  return urls.some((other) => JSON.stringify(other) === text);
}
