import { CommError, DiscoError, withoutTokens } from "../errors.ts";
import { blobName, type TagParts } from "../names.ts";
import type { Replicas, TagOptions } from "../options.ts";
import type { Cluster } from "./cluster.ts";
import { type ChangeOptions, isLostRace, readUnlessOnce, readVersion, sendTag, type TagVersion } from "./tag_object.ts";

/** A set that is appended, and what is known of it. */
interface Item {
  readonly set: Replicas;
  /** The set as the tag holds it: itself, or with `update` another one of its name. Nothing while that is not known. */
  held?: Replicas | undefined;
  /** True if a request has carried it that may have put it there. */
  mayBeThere: boolean;
}

/**
 * Appends replica sets to a tag.
 *
 * An append that is answered at its first try is taken at its word. All tries have one `request` parameter. A master that says that it carries out one of all
 * requests with one key, like the embedded DDFS, is sent the same again where an answer was lost, without a look at the tag, which may be long. With Disco's
 * master the tag is read and compared then, and what is missing is sent again: there each set is in the tag at least once, and a request that was given up and
 * arrives later still can double it. What is found twice is told by a `doubled` event, and put right where the master has conditions. With `update` it is left
 * to the master what to take, so the tag is read after the answer.
 *
 * @param tag The tag; it is made if it is missing.
 * @param sets The replica sets, in the order that they are to have in the tag.
 * @param options With `update`, known names are left out; with `delayed`, the master may wait and do several appends at once.
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
  const items: Item[] = sets.map((set) => ({ set, mayBeThere: false }));
  try {
    await append(cluster, tag, items, options);
    return items.map(({ held, set }) => held ?? set);
  } catch (error) {
    throw withUnconfirmed(error, items);
  }
}

async function append(cluster: Cluster, tag: TagParts, items: readonly Item[], options: TagOptions): Promise<void> {
  const { update = false, delayed = false, signal } = options;
  const { transport } = cluster;
  const url = cluster.tagUrl(tag);
  const token = await cluster.token("write", tag, options);
  const access = { token, signal };
  const retries = transport.retries({ url, toMaster: true });
  let key = crypto.randomUUID();
  let guardedKey = crypto.randomUUID();
  let isGuarded = update;
  let again = false;

  for (;;) {
    const open = items.filter(({ held }) => held === undefined);
    const ordered = open.map(({ set }) => set);
    // The master turns the order of an update round.
    if (isGuarded) ordered.reverse();
    const query = `${isGuarded ? "&update=1" : ""}${delayed ? "&delayed=1" : ""}`.replace("&", "?");
    // A guarded request may do nothing, and still be known as done.
    const request = isGuarded ? guardedKey : key;
    let isAnswered = false;
    try {
      await sendTag(cluster, "POST", url + query, ordered, { ...access, request, again });
      isAnswered = true;
      if (!isGuarded && (transport.takesOnce(url) || !items.some(({ mayBeThere }) => mayBeThere))) return;
      // What is missing after an answer is sent as something new.
      [key, guardedKey, again] = [crypto.randomUUID(), crypto.randomUUID(), false];
      for (const item of open) {
        item.mayBeThere = true;
        if (!isGuarded) item.held = item.set;
      }
    } catch (error) {
      for (const item of open) item.mayBeThere ||= mayHaveArrived(error);
      again = true;
      await retries.next(error, signal);
    }
    let version: TagVersion | undefined;
    try {
      version = await (isAnswered ? readVersion : readUnlessOnce)(cluster, tag, access);
    } catch (error) {
      // All is there; only whether something is there twice is not known.
      if (error instanceof CommError && items.every(({ held }) => held !== undefined)) return;
      throw error;
    }
    if (version === undefined) continue;
    const contents = contentsOf(version);
    for (const item of items) item.held ??= found(item.set, contents, update, isAnswered);
    await tellDoubled(cluster, tag, contents, items, access);
    if (items.every(({ held }) => held !== undefined)) return;
    // Where no name is taken, `update` makes a request that arrives twice harmless.
    isGuarded = update || haveOwnNames(items, contents);
  }
}

/** The contents of a tag, to look for sets in it. */
interface Contents {
  readonly version: TagVersion;
  /** Its sets, each as JSON. */
  readonly texts: readonly string[];
  readonly known: ReadonlySet<string>;
  /** The newest set of each name. */
  readonly byName: ReadonlyMap<string, Replicas>;
}

function contentsOf(version: TagVersion): Contents {
  const { urls } = version;
  const texts = urls.map((set) => JSON.stringify(set));
  const byName = new Map<string, Replicas>();
  for (const set of urls) if (!byName.has(nameOf(set))) byName.set(nameOf(set), set);
  return { version, texts, known: new Set(texts), byName };
}

/** Gives the set as a tag holds it; `undefined` if it has to be sent again. */
function found(
  set: Replicas,
  { known, byName }: Contents,
  isUpdate: boolean,
  isAnswered: boolean,
): Replicas | undefined {
  if (known.has(JSON.stringify(set))) return set;
  const namesake = byName.get(nameOf(set));
  if (isUpdate && namesake !== undefined) return namesake;
  // The master has answered. What is gone by now was removed after that; but where there is a namesake, that one kept it out.
  return isAnswered && namesake === undefined ? set : undefined;
}

/** Tells of blobs that are in the tag more often than they were appended; takes out what is too much where the master has conditions. */
async function tellDoubled(
  cluster: Cluster,
  tag: TagParts,
  { version, texts }: Contents,
  items: readonly Item[],
  access: ChangeOptions,
): Promise<void> {
  const { urls, etag } = version;
  const left = new Map<string, number>();
  for (const { set, mayBeThere } of items) {
    const text = JSON.stringify(set);
    if (mayBeThere || left.has(text)) left.set(text, (left.get(text) ?? 0) + 1);
  }
  if (left.size === 0) return;
  const once = urls.filter((_, i) => {
    const text = texts[i] ?? "";
    const count = left.get(text);
    if (count !== undefined) left.set(text, count - 1);
    return count === undefined || count > 0;
  });
  if (once.length === urls.length) return;
  const doubled = urls.length - once.length;
  cluster.transport.tell({ type: "doubled", about: { url: cluster.tagUrl(tag) }, attempt: doubled });
  // A link or a plain URL may have been there before; a blob's name with its time stamp was not.
  const areBlobs = items.every(({ set: [url = ""] }) => url.includes("$"));
  if (etag === undefined || !areBlobs) return;
  await sendTag(cluster, "PUT", cluster.tagUrl(tag), once, { ...access, version }).catch((error) => {
    // Whoever changed it meanwhile made a new version: this one is put right at the next read, or stays doubled and told.
    if (!isLostRace(error) && !(error instanceof CommError && mayHaveArrived(error))) throw error;
  });
}

/** Tells whether each set that is not held yet is a blob's, with a name that no other set has. */
function haveOwnNames(items: readonly Item[], { byName }: Contents): boolean {
  const taken = new Set(byName.keys());
  const missing = items.filter(({ held }) => held === undefined);
  return missing.every(({ set }) => set[0]?.includes("$") && taken.size < taken.add(nameOf(set)).size);
}

/** The name by which `update` knows a set. */
function nameOf([url = ""]: Replicas): string {
  return blobName(url);
}

/** Tells whether a request that ended with this error may have been carried out, now or later. */
function mayHaveArrived(error: unknown): boolean {
  return !(error instanceof CommError) || error.status === 0 || error.status >= 500;
}

/** The error, with the sets that may be in the tag all the same. */
function withUnconfirmed(error: unknown, items: readonly Item[]): unknown {
  const unconfirmed = items.filter(({ mayBeThere }) => mayBeThere).map(({ set }) => set.map(withoutTokens));
  if (error instanceof DiscoError && unconfirmed.length > 0) error.unconfirmed = unconfirmed;
  return error;
}
