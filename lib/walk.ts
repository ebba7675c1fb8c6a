import type { Cluster } from "./cluster.ts";
import { CommError, InvalidTagError } from "./errors.ts";
import { canonizeTag, isTag, parseTag, relativizeTag, type Tag } from "./names.ts";
import type { Replicas, WalkOptions } from "./options.ts";
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

interface Step {
  readonly tag: string;
  readonly above: Path | undefined;
}

interface Path {
  readonly tag: string;
  readonly above: Path | undefined;
}

/**
 * Visits tags and all that they link to, parents before children, each tag once: cycles and shared parts end.
 *
 * @param cluster The cluster.
 * @param tags Where to begin.
 * @param options Whether missing tags are passed over; the token, which goes to tags on the first one's master only.
 * @throws {CommError} If a tag cannot be read, or is missing and `ignoreMissing` is off.
 */
export async function* walkTags(
  cluster: Cluster,
  tags: readonly Tag[],
  options: WalkOptions,
): AsyncIterableIterator<WalkEntry> {
  const seen = new Set<string>();
  for (const root of tags) {
    const rootParts = parseTag(root);
    const rootUrl = cluster.tagUrl(rootParts);
    const own = rootUrl.slice(0, -rootParts.name.length);
    // A stack of steps, not of calls: a graph may be ten thousand levels deep.
    const steps: Step[] = [{ tag: typeof root === "string" ? root : root[0], above: undefined }];
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
      const parts = parseTag(step.tag);
      const url = cluster.tagUrl(parts);
      if (seen.has(url)) continue;
      seen.add(url);
      const token = url.startsWith(own) ? options.token : undefined;
      const path: Path = { tag: canonizeTag(step.tag), above: step.above };
      const entry = await entryOf(cluster, step.tag, { ...options, token });
      if (entry === undefined) continue;
      const { links, blobs } = entry;
      yield { path: listed(path), tags: links.map((link) => canonizeTag(link)), blobs };
      for (let i = links.length - 1; i >= 0; i--) steps.push({ tag: links[i] ?? "", above: path });
    }
  }
}

async function entryOf(
  cluster: Cluster,
  tag: string,
  options: WalkOptions,
): Promise<{ links: string[]; blobs: Replicas[] } | undefined> {
  const { ignoreMissing = true } = options;
  try {
    const { urls } = await getTag(cluster, parseTag(tag), options);
    const links: string[] = [];
    const blobs: Replicas[] = [];
    for (const set of urls) {
      const [first] = set;
      if (first === undefined) continue;
      if (isTag(first)) links.push(...linkOf(first, tag, ignoreMissing));
      else blobs.push(set);
    }
    return { links, blobs };
  } catch (error) {
    if (ignoreMissing && error instanceof CommError && error.status === 404) return undefined;
    throw error;
  }
}

/** A link that is no valid tag can only be missing. */
function linkOf(link: string, parent: string, ignoreMissing: boolean): string[] {
  try {
    return [relativizeTag(link, parent)];
  } catch (error) {
    if (ignoreMissing && error instanceof InvalidTagError) return [];
    throw error;
  }
}

function listed(path: Path): string[] {
  const tags: string[] = [];
  for (let at: Path | undefined = path; at !== undefined; at = at.above) tags.push(at.tag);
  return tags.reverse();
}
