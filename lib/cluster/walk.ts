import type { Cluster } from "./cluster.ts";
import { CommError, InvalidTagError } from "../errors.ts";
import { isTag, parseTag, type TagParts, tagUrl } from "../names.ts";
import type { Replicas, WalkOptions, WalkTagOptions } from "../options.ts";
import { getTag } from "./tag_object.ts";

/** One tag of a walk, and what is in it. */
export interface WalkEntry {
  /** The tags from the first one down to this one, as `tag://` URLs without tokens. */
  readonly path: string[];
  /** The links to other tags in it, as `tag://` URLs without tokens. */
  readonly tags: string[];
  /** The blobs in it. */
  readonly blobs: Replicas[];
}

/** A tag, and the one that links to it; a chain, as a graph may be ten thousand levels deep. */
interface Step extends TagParts {
  /** The tag as a `tag://` URL without its token. */
  readonly url: string;
  readonly above: Step | undefined;
}

/**
 * Visits tags and all that they link to, parents before children, each tag once: cycles and shared parts end.
 *
 * @param tags Where to begin.
 * @param options Whether missing tags are passed over; the token, which goes to tags on the first one's master only.
 * @throws {CommError} If a tag cannot be read, or is missing and `ignoreMissing` is off.
 */
export async function* walkTags(
  cluster: Cluster,
  tags: readonly TagParts[],
  options: WalkTagOptions,
): AsyncIterableIterator<WalkEntry> {
  const above = (options.tagPath ?? []).map(parseTag);
  const seen = new Set(above.map((tag) => cluster.tagUrl(tag)));
  for (const root of tags) {
    const { base } = cluster.masterOf(root);
    // A stack of steps, not of calls, for the same reason.
    const steps = [stepTo(root)];
    for (;;) {
      const tag = steps.pop();
      if (!tag) break;
      const url = cluster.tagUrl(tag);
      if (seen.has(url)) continue;
      seen.add(url);
      const token = cluster.masterOf(tag).base === base ? options.token : undefined;
      const path = [...above.map(tagUrl), ...pathOf(tag)];
      const found = await unlessMissing(options, () => path, () => getTag(cluster, tag, { ...options, token }));
      if (!found) continue;
      const links: Step[] = [];
      const blobs: Replicas[] = [];
      for (const set of found.urls) {
        const [first] = set;
        if (first === undefined) continue;
        if (!isTag(first)) blobs.push(set);
        else {
          const link = await unlessMissing(options, () => [...path, first], () => stepTo(parseTag(first), tag));
          if (link) links.push(link);
        }
      }
      yield { path, tags: links.map(({ url }) => url), blobs };
      for (const link of links.reverse()) steps.push(link);
    }
  }
}

/** Makes the step to a tag. A link that names no host is on the host of its parent. */
function stepTo(tag: TagParts, above?: Step): Step {
  const parts = { ...tag, host: tag.host || (above?.host ?? "") };
  return { ...parts, url: tagUrl(parts), above };
}

/** Lists the tags from the first one down to this one. */
function pathOf(tag: Step): string[] {
  const path: string[] = [];
  for (let at: Step | undefined = tag; at; at = at.above) path.push(at.url);
  return path.reverse();
}

/** Gives the result of some work, or `undefined` if its tag is missing and may be. A link that is no valid tag counts as missing. */
async function unlessMissing<T>(
  { ignoreMissing = true, onMissing }: WalkOptions,
  path: () => string[],
  work: () => T | Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    const isMissing = error instanceof InvalidTagError || (error instanceof CommError && error.status === 404);
    if (isMissing) onMissing?.(path(), error);
    if (ignoreMissing && isMissing) return undefined;
    throw error;
  }
}
