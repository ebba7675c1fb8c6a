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

/** The URL of a blob that a cluster has stored, at a host and port of at most 300 characters: others, such as those of files and of other servers, are not passed on. */
const BLOB = /^(?:disco|https?):\/\/([^/?#@]{1,300})\/ddfs\/vol\d+\/blob\/[\da-f]{2}\/(([\w@:-]+)\$([\da-f-]+))$/;

/** Hosts that were looked at, and whether each is one: those of a tag's URLs come again and again. */
const HOSTS = new Map<string, boolean>();
/** The most that are remembered. */
const MOST_HOSTS = 1000;

/** The last time that can be written as a date, in microseconds since 1970. */
const LATEST = Date.UTC(9999, 11, 31) * 1000;

/**
 * Takes a replica set from a tag.
 *
 * @returns The blob, with the replicas that are stored in DDFS; `undefined` if there are none.
 */
export function storedBlob(set: readonly string[]): StoredBlob | undefined {
  const [, , object, name = "", stamp = ""] = BLOB.exec(set.find((url) => objectOf(url) !== undefined) ?? "") ?? [];
  if (object === undefined) return undefined;
  return { name, object, time: timeOf(stamp), replicas: set.filter((url) => objectOf(url) === object) };
}

/** The object that a URL names; none where the host in it cannot be one, as anybody may put anything into a tag. */
function objectOf(url: string): string | undefined {
  const [, host = "", object] = BLOB.exec(url) ?? [];
  return isHost(host) ? object : undefined;
}

function isHost(host: string): boolean {
  let known = HOSTS.get(host);
  if (known === undefined) {
    if (HOSTS.size >= MOST_HOSTS) HOSTS.clear();
    HOSTS.set(host, known = URL.canParse(`http://${host}/`));
  }
  return known;
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

/** The time of a stamp: millions of seconds, seconds and microseconds, each hexadecimal. Anybody may make one up: the first time there is stands for none. */
function timeOf(stamp: string): number {
  const [millions = 0, seconds = 0, microseconds = 0] = stamp.split("-").map((field) => parseInt(field, 16));
  const time = (millions * 1e6 + seconds) * 1e6 + microseconds;
  return time <= LATEST ? time : 0;
}
