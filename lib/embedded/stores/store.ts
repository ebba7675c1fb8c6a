/** What a node stores. */
export type Kind = "blob" | "tag";

/** A stored object, as a listing has it. */
export interface StoredObject {
  /** Its name, `NAME$STAMP`. */
  readonly object: string;
  /** Its size in bytes. */
  readonly size: number;
  /** When it was stored, in milliseconds since 1970. */
  readonly modified: number;
}

/** A blob that is stored. */
export interface BlobInfo {
  /** Its size in bytes. */
  readonly size: number;
  /** When it was stored, in milliseconds since 1970. */
  readonly modified: number;
}

/** A blob that is being written; nobody sees it before it is committed. */
export interface BlobWriter {
  /** Adds bytes; their memory is taken over. */
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Makes the blob durable and visible; `false` when there is one of that name by now. */
  commit(): Promise<boolean>;
  /** Ends the writing, whichever way; what was not committed is dropped. */
  close(): Promise<void>;
}

/** Free and used space. */
export interface Space {
  /** KiB. */
  readonly free: number;
  /** KiB. */
  readonly used: number;
}

/** The volume of one node. */
export interface Volume {
  /** Finds a blob; `undefined` if it is not here. */
  find(object: string): Promise<BlobInfo | undefined>;
  /** Begins to write a blob. */
  create(object: string): Promise<BlobWriter>;
  /** Reads bytes of a blob; what it yields belongs to the caller. */
  read(object: string, start: number, length: number): AsyncGenerator<Uint8Array<ArrayBuffer>, void>;
  /** Reads a tag's file. */
  readTag(object: string): Promise<string>;
  /** Writes a tag's file, at once or not at all; it is durable when the promise is fulfilled. */
  writeTag(object: string, content: string): Promise<void>;
  /** Lists what is stored. */
  list(kind: Kind): AsyncIterable<StoredObject>;
  /** Removes an object; one that is not there is no error. */
  remove(kind: Kind, object: string): Promise<void>;
  /** Tells how much space there is. */
  space(): Promise<Space>;
}

/** Where a DDFS keeps its data. */
export interface Store {
  /** Each node's volume, by the node's name. */
  readonly volumes: ReadonlyMap<string, Volume>;
  /** Gives the store up; others may open it then. */
  close(): Promise<void>;
}
