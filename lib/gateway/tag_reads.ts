import type { DDFSReader, TagObject } from "../client/reader.ts";
import { newestOfEach, type StoredBlob, storedBlob } from "./stored_blob.ts";

/** The most replica sets and links of tags that are kept: with what is found in them, about 600 bytes each. */
const MOST = 200_000;
/** Characters of a set: a longer one counts as several. */
const USUAL = 512;
/** Characters that the memory for a text takes beside its own. */
const TEXT = 24;

/** A link to a tag: the host of its master, where it names one, and the tag's name. */
const LINK = /^(?:tag:\/\/(?:(?:[^/]*@)?([^/@]+)\/)?)?([\w@:-]+)$/;

/** A link to a tag. */
export interface Link {
  /** The tag's name. */
  readonly tag: string;
  /** The host of its master, where the link names one. */
  readonly master: string | undefined;
}

/** A tag that was read, and what is found in it, once somebody asks. */
export class ReadTag {
  /** The tag as the master has it. */
  readonly tag: TagObject;
  #blobs: readonly StoredBlob[] | undefined;
  #newest: ReadonlyMap<string, StoredBlob> | undefined;
  #links: readonly Link[] | undefined;
  #size: number | undefined;

  constructor(tag: TagObject) {
    this.tag = tag;
  }

  /** The part of what is kept that it takes. */
  get size(): number {
    return this.#size ??= sizeOf(this.tag);
  }

  /** The blobs that it holds itself, newest request first. */
  get blobs(): readonly StoredBlob[] {
    return this.#blobs ??= this.tag.urls.flatMap((set) => storedBlob(set) ?? []);
  }

  /** The newest blob of each name. */
  get newest(): ReadonlyMap<string, StoredBlob> {
    return this.#newest ??= new Map(newestOfEach(this.blobs).map((blob) => [blob.name, blob]));
  }

  /** The links in it to other tags. */
  get links(): readonly Link[] {
    return this.#links ??= this.tag.urls.flatMap(([first = ""]) => {
      const [, master, tag] = LINK.exec(first) ?? [];
      return tag === undefined ? [] : [{ tag, master }];
    });
  }

  /** Finds a blob by its whole name, `NAME$STAMP`. */
  object(object: string): StoredBlob | undefined {
    const newest = this.newest.get(object.slice(0, object.lastIndexOf("$")));
    return newest?.object === object ? newest : this.blobs.find((blob) => blob.object === object);
  }
}

/** A read that is under way. */
interface Read {
  readonly ended: Promise<void>;
  /** The one that begins when it has ended. */
  next?: Promise<ReadTag>;
}

/**
 * Reads tags, each once at a time: a large one takes seconds, and a hundred megabytes. Who asks for a tag that is being read gets the next read, together with
 * all who ask until that begins: so each gets what is in the tag after they asked.
 *
 * Those that were read are kept, and the master is asked each time if they are still the same, with the token of who asks. It sends nothing more then, where
 * it names versions as the embedded DDFS does. Disco's does not.
 */
export class TagReads {
  readonly #ddfs: DDFSReader;
  readonly #most: number;
  readonly #reads = new Map<string, Read>();
  /** The one that was read last is the last. */
  readonly #kept = new Map<string, ReadTag>();
  #size = 0;

  /**
   * Takes a client.
   *
   * @param ddfs The client that reads.
   * @param most The most replica sets and links that are kept, of all tags.
   */
  constructor(ddfs: DDFSReader, most: number = MOST) {
    this.#ddfs = ddfs;
    this.#most = most;
  }

  /**
   * Reads a tag.
   *
   * @param token The token that opens it, in place of the client's.
   * @throws {CommError} If the tag is missing, or cannot be read.
   */
  read(tag: string, token?: string): Promise<ReadTag> {
    const key = JSON.stringify([tag, token]);
    const read = this.#reads.get(key);
    return read === undefined
      ? this.#begin(key, tag, token)
      : read.next ??= read.ended.then(() => this.#begin(key, tag, token));
  }

  #begin(key: string, tag: string, token: string | undefined): Promise<ReadTag> {
    const found = this.#find(tag, token);
    const ended = found.then(() => {}, () => {});
    const read: Read = { ended };
    this.#reads.set(key, read);
    void ended.then(() => {
      if (read.next === undefined) this.#reads.delete(key);
    });
    return found;
  }

  async #find(tag: string, token: string | undefined): Promise<ReadTag> {
    const kept = this.#kept.get(tag);
    try {
      const found = await this.#ddfs.get(`tag://${tag}`, { token, known: kept?.tag });
      const read = kept?.tag === found ? kept : new ReadTag(found);
      this.#keep(tag, read);
      return read;
    } catch (error) {
      if (Object(error).code === "not-found") this.#forget(tag);
      throw error;
    }
  }

  #keep(tag: string, read: ReadTag): void {
    this.#forget(tag);
    const { size } = read;
    if (size > this.#most) return;
    this.#kept.set(tag, read);
    this.#size += size;
    for (const [oldest] of this.#kept) {
      if (this.#size <= this.#most) break;
      this.#forget(oldest);
    }
  }

  #forget(tag: string): void {
    const read = this.#kept.get(tag);
    if (read === undefined) return;
    this.#kept.delete(tag);
    this.#size -= read.size;
  }
}

/** Counts the sets of a tag; one that takes the memory of several counts as several. The tag itself is something, too, and so are its attributes. */
function sizeOf({ urls, userData }: TagObject): number {
  let size = 1 + sets(Object.entries(userData).flat());
  for (const set of urls) size += Math.max(1, sets(set));
  return size;
}

/** The sets of usual length that texts take as much memory as. */
function sets(texts: readonly string[]): number {
  return Math.floor(texts.reduce((length, text) => length + TEXT + text.length, 0) / USUAL);
}
