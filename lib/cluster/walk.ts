import { onAbort } from "../base/abort.ts";
import type { Cluster } from "./cluster.ts";
import { CommError, InvalidTagError } from "../errors.ts";
import { isTag, parseTag, type TagParts, tagUrl } from "../names.ts";
import type { Replicas, WalkOptions, WalkTagOptions } from "../options.ts";
import { getTag, type TagObject } from "./tag_object.ts";

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

/** Tags that are asked for at a time, once the first ones were small. */
const MOST_AHEAD = 4;
/** Tags whose answers wait for their turn: in a deep tree, the others of each level. */
const MOST_KEPT = 64;
/** The sets from which on a tag is large, and is not read beside others. */
const LARGE = 10_000;

/**
 * Visits tags and all that they link to, parents before children, each tag once: cycles and shared parts end. The next few are asked for while one is
 * looked at.
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
  const stop = new AbortController();
  const release = onAbort(options.signal, (reason) => stop.abort(reason));
  try {
    for (const root of tags) {
      const { base } = cluster.masterOf(root);
      const asked = new AskedTags((tag) => {
        const token = cluster.masterOf(tag).base === base ? options.token : undefined;
        return getTag(cluster, tag, { ...options, token, signal: stop.signal });
      });
      // A stack of steps, not of calls, for the same reason.
      const steps = [stepTo(root)];
      for (;;) {
        const tag = steps.pop();
        if (!tag) break;
        const url = cluster.tagUrl(tag);
        if (seen.has(url)) continue;
        seen.add(url);
        const path = [...above.map(tagUrl), ...pathOf(tag)];
        const found = await unlessMissing(options, () => path, () => asked.take(tag, url));
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
        const entry = { path, tags: links.map(({ url }) => url), blobs };
        for (const link of links.reverse()) steps.push(link);
        for (let i = steps.length - 1; i >= 0 && steps.length - i <= MOST_AHEAD; i--) {
          const next = steps[i] as Step;
          const url = cluster.tagUrl(next);
          if (!seen.has(url)) asked.ask(next, url);
        }
        yield entry;
      }
    }
  } finally {
    release();
    stop.abort();
  }
}

/** Tags that are asked for before their turn. */
class AskedTags {
  readonly #read: (tag: Step) => Promise<TagObject>;
  readonly #answers = new Map<string, Promise<TagObject>>();
  #underWay = 0;
  /** The number that may be under way: large tags come one by one. */
  #width = 1;

  constructor(read: (tag: Step) => Promise<TagObject>) {
    this.#read = read;
  }

  /** Asks for a tag that will be wanted soon, if there is room for it. */
  ask(tag: Step, url: string): void {
    if (this.#underWay >= this.#width || this.#answers.size >= MOST_KEPT || this.#answers.has(url)) return;
    this.#underWay++;
    const answer = this.#read(tag).finally(() => this.#underWay--);
    // Its turn may never come.
    answer.catch(() => {});
    this.#answers.set(url, answer);
  }

  /** Gives a tag. */
  async take(tag: Step, url: string): Promise<TagObject> {
    const asked = this.#answers.get(url);
    this.#answers.delete(url);
    const found = await (asked ?? this.#read(tag));
    this.#width = found.urls.length >= LARGE ? 1 : Math.min(this.#width + 1, MOST_AHEAD);
    return found;
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
