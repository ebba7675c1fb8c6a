import type { DDFSReader } from "../client/reader.ts";
import { newestOfEach, ownBlobs, type StoredBlob } from "./stored_blob.ts";

/** The blobs of a tag by their names, the newest of each. */
export type NamedBlobs = ReadonlyMap<string, StoredBlob>;

/** A read that is under way. */
interface Read {
  readonly ended: Promise<void>;
  /** The one that begins when it has ended. */
  next?: Promise<NamedBlobs | "locked">;
}

/**
 * Reads tags, each once at a time: a large one takes seconds, and a hundred megabytes. Who asks for a tag that is being read gets the next read, together with
 * all who ask until that begins: so each gets what is in the tag after they asked.
 */
export class TagReads {
  readonly #ddfs: DDFSReader;
  readonly #reads = new Map<string, Read>();

  /**
   * Takes a client.
   *
   * @param ddfs The client that reads.
   */
  constructor(ddfs: DDFSReader) {
    this.#ddfs = ddfs;
  }

  /**
   * Gives the blobs that a tag itself holds.
   *
   * @returns None for a tag that is missing; `locked` for one that a token locks.
   * @throws {CommError} If the tag cannot be read.
   */
  read(tag: string): Promise<NamedBlobs | "locked"> {
    const read = this.#reads.get(tag);
    return read === undefined ? this.#begin(tag) : read.next ??= read.ended.then(() => this.#begin(tag));
  }

  #begin(tag: string): Promise<NamedBlobs | "locked"> {
    const blobs = namedBlobs(this.#ddfs, tag);
    const ended = blobs.then(() => {}, () => {});
    const read: Read = { ended };
    this.#reads.set(tag, read);
    void ended.then(() => {
      if (read.next === undefined) this.#reads.delete(tag);
    });
    return blobs;
  }
}

async function namedBlobs(ddfs: DDFSReader, tag: string): Promise<NamedBlobs | "locked"> {
  try {
    const blobs = newestOfEach(await ownBlobs(ddfs, `tag://${tag}`, {}));
    return new Map(blobs.map((blob) => [blob.name, blob]));
  } catch (error) {
    const { code } = Object(error) as { code?: string };
    if (code === "not-found") return new Map();
    if (code === "unauthorized") return "locked";
    throw error;
  }
}
