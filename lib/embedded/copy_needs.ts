import { atOnce } from "../base/at_once.ts";
import { objectsIn } from "./stores/object_names.ts";
import { batchesInTurns } from "./stores/sets.ts";
import type { Store } from "./stores/store.ts";
import type { ReplicaSet } from "./stores/tag_store.ts";

/** The blobs that tags name and that were not found. */
export interface Missing {
  /** Those that the place should have, each with a tag that names it. */
  readonly own: ReadonlyMap<string, string>;
  /** The number of those that are on hosts of which this place has nothing. */
  readonly elsewhere: number;
  /** The names of these hosts. */
  readonly hosts: readonly string[];
}

/** Tags that are read at a time. */
const TAGS = 8;
/** Matches the URL of a blob in a DDFS up to the blob's folder, and in it the host. */
const BLOB = /^(?:disco|https?):\/\/(?:[^/?#@]*@)?([^/?#@]+?)(?::\d+)?\/ddfs\/[^/]+\/blob\/[0-9a-f]{2}\//i;
/** The hosts of a node without a name, whatever its tags say. */
const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Finds the blobs that tags name and that are not there. A blob is this place's own if one of its URLs leads to a node of it, or to a host on which a
 * replica of some blob that is there is said to be: so are nodes known whose folder was forgotten.
 *
 * @param found The blobs that are there.
 */
export async function missingBlobs(
  { tags, volumes }: Store,
  found: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Missing> {
  const hosts = new Set([...volumes.keys()].flatMap((node) => node === "" ? LOOPBACK : [node.toLowerCase()]));
  const absent = new Map<string, { readonly tag: string; readonly hosts: Set<string> }>();
  const look = (tag: string, set: ReplicaSet) => {
    const isThere = set.some((url) => objectsIn(url).some((object) => found.has(object)));
    for (const url of set) {
      const host = BLOB.exec(url)?.[1]?.toLowerCase();
      const object = objectsIn(url).at(-1);
      if (host === undefined || object === undefined) continue;
      if (isThere) hosts.add(host);
      else {
        const blob = absent.get(object) ?? { tag, hosts: new Set() };
        absent.set(object, blob);
        blob.hosts.add(host);
      }
    }
  };
  const names: string[] = [];
  for await (const name of tags.names("")) names.push(name);
  await atOnce(TAGS, names, async (name) => {
    signal.throwIfAborted();
    // One that cannot be read is told of when it is to be copied.
    const tag = await tags.read(name).catch(() => undefined);
    if (tag === undefined) return;
    for await (const batch of batchesInTurns(tag.content.urls)) for (const set of batch) look(name, set);
  });
  const own = new Map<string, string>();
  const others = new Set<string>();
  for (const [object, blob] of absent) {
    if ([...blob.hosts].some((host) => hosts.has(host))) own.set(object, blob.tag);
    else for (const host of blob.hosts) others.add(host);
  }
  return { own, elsewhere: absent.size - own.size, hosts: [...others].sort() };
}
