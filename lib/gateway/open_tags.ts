import type { DDFSReader } from "../client/reader.ts";
import type { Link, ReadTag, TagReads } from "./tag_reads.ts";

/** The parts of a gateway that find tags. */
export interface OpenTagsParts {
  readonly ddfs: Pick<DDFSReader, "master">;
  readonly reads: TagReads;
  /** Tells whether a tag may be read. */
  readonly isOpen: (tag: string) => boolean;
  /** The token that opens them. */
  readonly token: string | undefined;
}

/**
 * Reads a tag and what it links to, each tag once. Links to tags that are missing, not open, or of another master are passed over: who may write a tag does not
 * decide what is passed on.
 *
 * @param onLocked Told the error of each link to a tag that a token locks, which is passed over then.
 * @throws {CommError} If a tag cannot be read, or the first one is missing; without `onLocked` also if a token locks one.
 */
export async function* openTags(
  { ddfs, reads, isOpen, token }: OpenTagsParts,
  tag: string,
  onLocked?: (error: unknown) => void,
): AsyncGenerator<ReadTag, void, undefined> {
  const { host, hostname } = new URL(ddfs.master);
  const seen = new Set<string>();
  const waiting = [tag];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const read = await reads.read(next, token).catch((error) => {
      const { code } = Object(error);
      if (next !== tag && code === "not-found") return;
      if (next === tag || code !== "unauthorized" || onLocked === undefined) throw error;
      onLocked(error);
    });
    if (read === undefined) continue;
    yield read;
    const isOurs = ({ tag, master = hostname }: Link) => (master === host || master === hostname) && isOpen(tag);
    waiting.push(...read.links.filter(isOurs).map(({ tag }) => tag).reverse());
  }
}
