import { sleep } from "../base/clock.ts";
import { CommError, DataError } from "../errors.ts";
import { blobName, type TagParts } from "../names.ts";
import type { Replicas, TagOptions } from "../options.ts";
import type { Cluster } from "./cluster.ts";
import { readTag, sendTag, type TagVersion } from "./tag_object.ts";

/** A set that is appended, and what is known of it. */
interface Item {
  readonly set: Replicas;
  /** The set as the tag holds it: itself, or with `update` another one of its name. Nothing while that is not known. */
  held?: Replicas;
  /** Whether a request has carried it whose outcome is not known. */
  isUnconfirmed: boolean;
}

/**
 * Appends replica sets to a tag.
 *
 * An append that is answered at its first try is taken at its word. Where an answer was lost, or `update` left it to the master what to take, the tag is
 * read and compared, and what is missing is sent again. All tries have one `Idempotency-Key`, and after a read the version that was read as their
 * condition: a master that knows these, like the embedded DDFS, takes each set once, however late a request arrives. Disco's master knows neither. There
 * each set is in the tag at least once; a request that was given up and arrives later still can double it. What is found twice is told by a
 * `doubled` event, and put right where the master has conditions.
 *
 * @param cluster The cluster.
 * @param tag The tag; it is made if it is missing.
 * @param sets The replica sets, in the order that they are to have in the tag.
 * @param options Whether known names are left out, and whether the master may bundle.
 * @returns Each set as the tag holds it: with `update`, that may be another blob of its name.
 * @throws {CommError} If the tag cannot be written; `unconfirmed` has the sets that may be in it all the same.
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#tags PROTOCOL: Tags}
 */
export async function appendSets(
  cluster: Cluster,
  tag: TagParts,
  sets: readonly Replicas[],
  options: TagOptions,
): Promise<Replicas[]> {
  const { update = false, delayed = false, signal, retry } = options;
  const { transport } = cluster;
  const url = cluster.tagUrl(tag);
  const token = await cluster.token("write", tag, options);
  const retries = transport.retries({ url, toMaster: true, retry });
  const key = crypto.randomUUID();
  const items: Item[] = sets.map((set) => ({ set, isUnconfirmed: false }));
  let version: TagVersion | undefined;
  let isGuarded = update;

  const post = async (open: readonly Item[]) => {
    // The master turns the order of an update round.
    const ordered = open.map(({ set }) => set);
    if (isGuarded) ordered.reverse();
    const query = `${isGuarded ? "&update=1" : ""}${delayed ? "&delayed=1" : ""}`.replace("&", "?");
    await sendTag(cluster, "POST", url + query, ordered, { token, signal, key, ifMatch: version?.etag });
  };

  for (let races = 0;;) {
    const open = items.filter(({ held }) => held === undefined);
    let isAnswered = false;
    try {
      await post(open);
      isAnswered = true;
      if (!isGuarded) {
        for (const item of open) item.held = item.set;
        if (!items.some(({ isUnconfirmed }) => isUnconfirmed)) return sets.slice();
      }
    } catch (error) {
      if (isLostRace(error)) await sleep(transport.settings.clock, pauseAfterRace(races++, transport.settings.random()), signal);
      else {
        for (const item of open) item.isUnconfirmed ||= mayHaveArrived(error);
        await retries.next(error, signal).catch((error) => {
          throw withUnconfirmed(error, items);
        });
      }
    }
    try {
      version = await versionOf(cluster, tag, { token, signal, retry });
    } catch (error) {
      throw withUnconfirmed(error, items);
    }
    for (const item of items) item.held ??= found(item, version, { update, isAnswered });
    if (await tellDoubled(cluster, url, version, items, { token, signal })) continue;
    if (items.every(({ held }) => held !== undefined)) return items.map(({ held, set }) => held ?? set);
    // Where no name is taken, `update` makes a request that arrives twice harmless; with a condition, it needs no guard.
    isGuarded = update || (version.etag === undefined && haveOwnNames(items, version));
  }
}
