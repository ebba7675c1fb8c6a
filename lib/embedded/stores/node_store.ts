import type { Store } from "./store.ts";

/** The files of tags on one node. */
export interface TagFiles {
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
