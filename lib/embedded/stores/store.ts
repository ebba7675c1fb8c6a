import type { Collected, SetsJson, TagStore } from "./tag_store.ts";

/** A stored blob, as a listing has it. */
export interface StoredBlob {
  /** Its name, `NAME$STAMP`. */
  readonly object: string;
  /** Its size in bytes. */
  readonly size: number;
  /** The time at which it was stored, in milliseconds since 1970. */
  readonly modified: number;
}

/** A blob that is being read. */
export interface BlobContent {
  /** The size of the whole blob in bytes, whatever part of it was asked for. */
  readonly size: number;
  /** The time at which the blob was stored, in milliseconds since 1970. */
  readonly modified: number;
  /** The bytes that were asked for. The memory of each piece belongs to the reader. Nothing is held open before the first read. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** Part of a blob. */
export interface BlobRange {
  /**
   * The first byte.
   *
   * @default {0}
   */
  readonly start?: number;
  /** One past the last byte. A value beyond the blob means its end, and that is the default. */
  readonly end?: number;
}

/** A blob that is being written. Nobody sees it before it is committed. */
export interface BlobWriter {
  /** Adds bytes; their memory is taken over. */
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Makes the blob durable and visible; `false` when a blob of that name is there by now. */
  commit(): Promise<boolean>;
  /** Ends the writing, whichever way; what was not committed is dropped. */
  close(): Promise<void>;
}

/** Options of {@linkcode Volume.create}. */
export interface CreateOptions {
  /** The number of bytes that will come, if it is known. */
  readonly size?: number | undefined;
}

/** Free and used space. */
export interface Space {
  /** KiB. */
  readonly free: number;
  /** KiB. */
  readonly used: number;
}

/** The blobs of one node. */
export interface Volume {
  /**
   * Finds a blob and reads it, or a part of it. The blob of a name never changes.
   *
   * @param object The blob's name.
   * @param range The part; the whole blob by default. One that begins beyond the end, or is empty, has no bytes.
   * @returns The blob; `undefined` if it is not here.
   */
  read(object: string, range?: BlobRange): Promise<BlobContent | undefined>;
  /**
   * Begins to write a blob.
   *
   * @returns The writer; `undefined` when there is a blob of that name.
   * @throws {DiscoError} If the volume refuses it. The message is the reason, and the client gets to read it.
   */
  create(object: string, options?: CreateOptions): Promise<BlobWriter | undefined>;
  /** Lists the blobs. One that comes or goes meanwhile may be missing. */
  list(): AsyncIterable<StoredBlob>;
  /** Removes a blob; one that is not there is no error. */
  remove(object: string): Promise<void>;
  /** Tells how much space there is. */
  space(): Promise<Space>;
  /** Makes a URL by which anybody may GET a blob for some seconds; `undefined` if there is no way. The blob need not be there. */
  link?(object: string, seconds: number): Promise<string | undefined>;
}

/** The objects that a collection kept, and those that it deleted. */
export interface GcResult {
  /** The files of tags: a tag has one on each of its nodes, and what is left of older versions. */
  readonly tags: Collected;
  /** The blobs, each replica counted. */
  readonly blobs: Collected;
}

/** The settings of a collection. */
export interface CollectOptions {
  /** Milliseconds that a blob is kept when no tag has it. */
  readonly orphanAge: number;
  /** Called when all tags were read, and the deleting begins. */
  readonly onDeleting: () => void;
}

/** The way in which a store frees space that others change at the same time, from other processes. */
export interface Collection {
  /**
   * Deletes what no tag needs.
   *
   * @throws {DiscoError} If a tag cannot be read, and nothing was deleted therefore; or if something cannot be deleted.
   */
  collect(options: CollectOptions): Promise<GcResult>;
  /**
   * Puts sets into a tag in such a way that no collection, here or elsewhere, deletes their blobs meanwhile.
   *
   * @param sets The sets that the tag gets.
   * @param task Puts them into it. In each change of the tag it calls `check`, and lets through what that throws: it has taken too long, then, and is
   * called again.
   * @returns What the task gives.
   */
  tagging<T>(sets: readonly SetsJson[], task: (check: () => void) => Promise<T>): Promise<T>;
}

/** The place where a DDFS keeps its data. */
export interface Store {
  /** Each node's volume, by the node's name; `""` is that of a single node without a name. */
  readonly volumes: ReadonlyMap<string, Volume>;
  /** The tags, of all nodes. */
  readonly tags: TagStore;
  /** Frees space, in place of the collection that knows of one process only: a store has one if other processes may change it, too. */
  readonly collection?: Collection | undefined;
  /** Names what is in the same place, is not served, and may have tags: a collection deletes nothing then. */
  unserved?(): Promise<readonly string[]>;
  /** Tells why the store may no longer be written, for instance because another process has it by now; `undefined` while all is well. */
  lost?(): Error | undefined;
  /** Gives the store up; others may open it then. */
  close(): Promise<void>;
}

/** The settings that a store is opened with. */
export interface StoreSetup {
  /** The nodes' names; a single empty one for a node without a name. */
  readonly nodes: readonly string[];
  /** The nodes that may get something new at this moment, in the order in which they should. */
  readonly writable: () => readonly string[];
  /** The number of nodes that hold a tag. */
  readonly tagReplicas: number;
  /** Stamps a name, `NAME$STAMP`: later than every stamp before it, and than `after` in microseconds since 1970. */
  readonly stamp: (name: string, after?: number) => string;
  /** Milliseconds that a blob is kept when no tag has it. */
  readonly orphanAge: number;
  /** Tells the time as tags show it. */
  readonly date: () => string;
  /** Tells the time in milliseconds since 1970. */
  readonly now: () => number;
  /** Tells milliseconds of a clock that is never put back; by default that of `performance`. */
  readonly steady?: (() => number) | undefined;
  /** Gives a number from 0 up to 1. */
  readonly random: () => number;
  /** Calls a function after some milliseconds, and gives one that calls it off. */
  readonly after: (milliseconds: number, run: () => void) => () => void;
}
