import type { Store } from "./store.ts";

/** A file of a tag that is read in parts. */
export interface OpenTag {
  /** Bytes. */
  readonly size: number;
  /** Reads the bytes that begin at a place, until they fill some memory; it is an error if the file ends before. One read at a time. */
  read(into: Uint8Array<ArrayBuffer>, at: number): Promise<void>;
  /** Gives a part of it as it is kept, where that is in memory; nobody changes it. */
  parts?(from: number, to: number): Iterable<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/** The way to read and write large files of tags without having them in memory. */
export interface LargeTags {
  /** Opens a file; one that is not there is an error. What is open can be read though it is removed meanwhile. */
  open(object: string): Promise<OpenTag>;
  /**
   * Writes a file as {@linkcode TagFiles.write} does.
   *
   * @param pieces Its bytes. Each may be gone with the next one, but not where files of this kind give `parts`: such a store keeps what it gets.
   */
  write(object: string, pieces: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<void>;
}

/** The files of tags on one node. */
export interface TagFiles {
  readonly large: LargeTags;
  /** Lists the names of all files, `NAME$STAMP`, some at a time. */
  list(): AsyncIterable<readonly string[]>;
  /** Reads a file; one that is not there is an error. */
  read(object: string): Promise<string>;
  /** Gives the size of a file in bytes; `undefined` if it is not there. */
  size(object: string): Promise<number | undefined>;
  /** Writes a file, at once or not at all; it is durable when the promise is fulfilled. */
  write(object: string, text: string): Promise<void>;
  /** Removes a file; one that is not there is no error. Whether that outlasts a power cut is known after {@linkcode settle}. */
  remove(object: string): Promise<void>;
  /** Makes all removals durable. */
  settle(): Promise<void>;
}

/** The data of the nodes: their volumes, and the files of their tags. */
export interface NodeStore extends Omit<Store, "tags"> {
  /** Each node's tags, by the node's name. */
  readonly tagFiles: ReadonlyMap<string, TagFiles>;
}
