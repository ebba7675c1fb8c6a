/** The URLs of one blob's replicas, or of one link. */
export type ReplicaSet = readonly string[];

/**
 * Replica sets and links as JSON, `[["URL","URL"],["tag://NAME"]]`: without spaces, and all of it ASCII, other characters as `\\uXXXX`. A tag can have
 * millions of sets; they stay one text, which nobody has to take apart to read, write or add to the tag.
 */
export type SetsJson = string;

/**
 * The contents of a tag.
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#tags PROTOCOL: Tags}
 */
export interface TagContent {
  /** The name of its version, `NAME$STAMP`; each change gives it another one. */
  readonly id: string;
  /** The time at which this version was made. */
  readonly lastModified: string;
  /** `null` when everybody may read. */
  readonly readToken: string | null;
  /** `null` when everybody may write. */
  readonly writeToken: string | null;
  /** The replica sets and links, newest first. */
  readonly urls: SetsJson;
  /** The attributes, in the order in which they were set. */
  readonly user: ReadonlyMap<string, string>;
}

/** The parts of a tag that change; those that are not named stay. */
export interface TagChange extends Partial<Omit<TagContent, "id" | "lastModified">> {
  /** Sets that are put in front of `urls`: so a tag gets more sets without the others being read. */
  readonly added?: SetsJson;
}

/** Options of {@linkcode TagStore.read}. */
export interface TagReadOptions {
  /**
   * False if the sets are not looked at: `urls` may be any part of them then, and a store that has them elsewhere does not read them.
   *
   * @default {true}
   */
  readonly sets?: boolean | undefined;
  /**
   * True if the sets may be given apart, as bytes: those of a large tag need not be in memory then. A store may pass over it.
   *
   * @default {false}
   */
  readonly apart?: boolean | undefined;
}

/** Options of {@linkcode TagStore.change}. */
export interface TagChangeOptions extends Pick<TagReadOptions, "sets"> {
  /**
   * Stands for the change: a store that other processes write, too, makes only the first of all changes with one key, and gives its version for the
   * others. It remembers keys for a while; where it may have forgotten this one, it tells the change so.
   */
  readonly key?: string | undefined;
  /** The moment at which a change with a key was asked for, by {@linkcode TagStore.asked}, if that was earlier: others may have made it since. */
  readonly asked?: Asked | undefined;
}

/** The moment at which a change was asked for. */
export interface Asked {
  /** Gives the milliseconds since: rather too much than too little. */
  readonly age: () => number;
  /** The stamp of a version of the tag that was there by then, if one is known. */
  readonly seen: number | undefined;
}

/** A version of a tag. */
export interface TagVersion {
  /** Its name, `NAME$STAMP`. */
  readonly object: string;
  /** The nodes that have it. */
  readonly nodes: readonly string[];
}

/** A tag as it was read. */
export interface StoredTag extends TagVersion {
  /** The contents of the tag. */
  readonly content: TagContent;
  /** The sets, where they are given apart: `content` has none then. Who gets them reads or closes them. */
  readonly apart?: SetsBytes | undefined;
}

/** The sets of a tag as the bytes of their JSON. */
export interface SetsBytes {
  /** The number of bytes. */
  readonly size: number;
  /** Reads them, once; they are closed at the end, or when no more are wanted. */
  pieces(): AsyncGenerator<Uint8Array<ArrayBuffer>, void>;
  /** Ends the reading, or does without it. */
  close(): Promise<void>;
}

/** A number of objects, and their size. */
export interface Amount {
  /** The number of objects. */
  readonly objects: number;
  /** Their size in bytes, all together. */
  readonly bytes: number;
}

/** The objects that a collection kept, and those that it deleted. */
export interface Collected {
  /** The objects that are still there. */
  readonly kept: Amount;
  /** The objects that were deleted. */
  readonly deleted: Amount;
}

/** The tags of a DDFS. A change is seen by every read that begins after its promise is fulfilled, and is durable then. */
export interface TagStore {
  /**
   * Reads a tag.
   *
   * @returns The tag; `undefined` if there is none.
   * @throws {DiscoError} If it is there and cannot be read; the message names what cannot be read.
   */
  read(name: string, options?: TagReadOptions): Promise<StoredTag | undefined>;
  /** Notes the moment at which a change is asked for that is made later; only a store that other processes write, too, has to. */
  asked?(name: string): Asked;
  /**
   * Changes a tag, which is made if it is missing. Changes that wait for one tag may become one version of it together.
   *
   * @param change Says from the tag as it is, or `undefined` for a missing one, what is changed: at once, without waiting. It may be called
   * again. To leave a tag as it is, it gives `undefined`; to refuse the change, it throws. It is told whether the store does not know any more if a change
   * with the same key was made since this one was asked for.
   * @returns The new version, or the present one if nothing was changed.
   * @throws What `change` throws.
   * @throws {DiscoError} If the tag cannot be read or written.
   */
  change(
    name: string,
    change: (tag: TagContent | undefined, mayBeMade?: boolean) => TagChange | undefined,
    options?: TagChangeOptions,
  ): Promise<TagVersion>;
  /**
   * Deletes a tag; one that is not there is no error.
   *
   * @param check Is given the tag as it is, or `undefined` for a missing one, and throws to refuse. One that cannot be read is given with
   * the tokens that could still be found.
   * @throws What `check` throws.
   */
  delete(name: string, check: (tag: TagContent | undefined) => void): Promise<void>;
  /** Lists the names of all tags that begin with a prefix, in any order. */
  names(prefix: string): AsyncIterable<string>;
  /** Deletes older versions of tags, and what is left of deleted ones. A store that leaves nothing behind does not have this method. */
  collect?(): Promise<Collected>;
}
