import type { DDFSReader, ReadOptions } from "../client/reader.ts";

/** A blob as a tag names it. */
export interface StoredBlob {
  /** Its name. */
  readonly name: string;
  /** Its name with the stamp of when it was stored, `NAME$STAMP`: it never stands for other bytes. */
  readonly object: string;
  /** The time at which it was stored, in microseconds since 1970. */
  readonly time: number;
  /** The URLs of its replicas. */
  readonly replicas: string[];
}

/** The URL of a blob that a cluster has stored: others, such as those of files and of other servers, are not passed on. */
const BLOB = /^(?:disco|https?):\/\/[^/?#@]+\/ddfs\/vol\d+\/blob\/[\da-f]{2}\/(([\w@:-]+)\$([\da-f-]+))$/;

/** The last time that can be written as a date, in microseconds since 1970. */
const LATEST = Date.UTC(9999, 11, 31) * 1000;

/** A link to a tag: the host of its master, where it names one, and the tag's name. */
const LINK = /^(?:tag:\/\/(?:(?:[^/]*@)?([^/@]+)\/)?)?([\w@:-]+)$/;

/**
 * Takes a replica set from a tag.
 *
 * @returns The blob, with the replicas that are stored in DDFS; `undefined` if there are none.
 */
export function storedBlob(set: readonly string[]): StoredBlob | undefined {
  const [, object, name = "", stamp = ""] = BLOB.exec(set.find((url) => BLOB.test(url)) ?? "") ?? [];
  if (object === undefined) return undefined;
  return { name, object, time: timeOf(stamp), replicas: set.filter((url) => BLOB.exec(url)?.[1] === object) };
}

/**
 * Gives the blobs that a tag itself holds.
 *
 * @throws {CommError} If the tag cannot be read.
 */
export async function ownBlobs(ddfs: DDFSReader, tag: string, options: ReadOptions): Promise<StoredBlob[]> {
  return (await ddfs.urls(tag, options)).flatMap((set) => storedBlob(set) ?? []);
}

/**
 * Finds the blobs of a tag and of what it links to, each tag once. Links to tags that are missing, not open, or of another master are passed over:
 * who may write a tag does not decide what is passed on.
 *
 * @param isOpen Tells whether a tag may be read.
 * @param onLocked Told the error of each link to a tag that a token locks, which is passed over then.
 * @throws {CommError} If a tag cannot be read, or the first one is missing; without `onLocked` also if a token locks one.
 */
export async function* openBlobs(
  ddfs: DDFSReader,
  tag: string,
  isOpen: (tag: string) => boolean,
  options: ReadOptions,
  onLocked?: (error: unknown) => void,
): AsyncGenerator<StoredBlob, void, undefined> {
  const { host, hostname } = new URL(ddfs.master);
  const seen = new Set<string>();
  const waiting = [tag];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const links: string[] = [];
    for (const set of await (next === tag ? ddfs.urls(tag, options) : linked(ddfs, next, options, onLocked))) {
      const blob = storedBlob(set);
      if (blob !== undefined) yield blob;
      const [, master = hostname, link] = LINK.exec(set[0] ?? "") ?? [];
      if (link !== undefined && (master === host || master === hostname) && isOpen(link)) links.push(link);
    }
    waiting.push(...links.reverse());
  }
}

/** Keeps the newest of each name, and their order. */
export function newestOfEach(blobs: readonly StoredBlob[]): StoredBlob[] {
  const newest = new Map<string, StoredBlob>();
  for (const blob of blobs) {
    const other = newest.get(blob.name);
    if (other === undefined || other.time < blob.time) newest.set(blob.name, blob);
  }
  return [...newest.values()];
}

/** Gives what a linked tag holds; nothing if it is missing, or locked and somebody is told. */
async function linked(
  ddfs: DDFSReader,
  tag: string,
  options: ReadOptions,
  onLocked: ((error: unknown) => void) | undefined,
): Promise<string[][]> {
  try {
    return await ddfs.urls(tag, options);
  } catch (error) {
    const { code } = Object(error);
    const isLocked = code === "unauthorized" && onLocked !== undefined;
    if (code !== "not-found" && !isLocked) throw error;
    if (isLocked) onLocked(error);
    return [];
  }
}

/** The time of a stamp: millions of seconds, seconds and microseconds, each hexadecimal. Anybody may make one up: the first time there is stands for none. */
function timeOf(stamp: string): number {
  const [millions = 0, seconds = 0, microseconds = 0] = stamp.split("-").map((field) => parseInt(field, 16));
  const time = (millions * 1e6 + seconds) * 1e6 + microseconds;
  return time <= LATEST ? time : 0;
}
