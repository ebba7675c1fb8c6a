/** An object, as an engine tells of it. */
export interface ObjectHead {
  /** The size of the whole object in bytes, whatever part of it was asked for. */
  readonly size: number;
  /** Names this version of the object; as the engine wants it in a condition, to be handed back unchanged. */
  readonly etag: string;
  /** The time at which it was stored, by the engine's clock, in milliseconds since 1970. */
  readonly modified: number;
  /** The {@linkcode ObjectPutOptions.metadata} that it was stored with. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** An object that is being read. */
export interface StoredObject extends ObjectHead {
  /** The bytes that were asked for. One that is not wanted is cancelled. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** An object in a listing. */
export interface ListedObject {
  /** Its key. */
  readonly key: string;
  /** Its size in bytes. */
  readonly size: number;
  /** The time at which it was stored, by the engine's clock, in milliseconds since 1970. */
  readonly modified: number;
}

/** Options of {@linkcode ObjectEngine.get}. */
export interface ObjectGetOptions {
  /** The bytes that are wanted: the first one, and one past the last, which may lie beyond the end. The default is all. */
  readonly range?: { readonly start: number; readonly end: number } | undefined;
  /** Ends the request. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@linkcode ObjectEngine.put}. */
export interface ObjectPutOptions {
  /** Stores only over the version with this {@linkcode ObjectHead.etag}. */
  readonly ifMatch?: string | undefined;
  /** Stores only where there is no object of this key. */
  readonly ifNoneMatch?: "*" | undefined;
  /** Texts that are kept with the object; ASCII. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Ends the request. What becomes of the object is unknown then. */
  readonly signal?: AbortSignal | undefined;
}

/** The content of an object: its bytes, or a stream of as many as are announced. */
export type ObjectBody = Uint8Array<ArrayBuffer> | {
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly size: number;
};

/** An object that is stored in parts. Nobody sees it before it is completed. */
export interface MultipartUpload {
  /**
   * Stores a part. Parts may be stored side by side; all but the last have one size.
   *
   * @param number From 1.
   * @returns What {@linkcode complete} wants to know of it.
   */
  part(number: number, bytes: Uint8Array<ArrayBuffer>): Promise<string>;
  /** Makes the object of its parts, in their order. */
  complete(parts: readonly string[]): Promise<void>;
  /** Drops all parts. */
  abort(): Promise<void>;
}

/**
 * An object store, as {@linkcode embedded} needs one: S3, what speaks it, R2. It makes each request once: whoever calls it knows whether it may be
 * repeated. A `put` with a condition is seen by every `get` and `list` that begins after it was answered.
 */
export interface ObjectEngine {
  /** Says which store this is, for errors: without secrets. */
  readonly name: string;
  /**
   * True if a condition holds for a `put` of a stream, too. It does not where streams are stored in parts, and these completed without a look at it.
   *
   * @default {false}
   */
  readonly conditionalStreams?: boolean;
  /**
   * Reads an object, or a part of it.
   *
   * @returns The object; `undefined` if there is none.
   * @throws {DiscoError} If the engine does not answer, or answers something else.
   */
  get(key: string, options?: ObjectGetOptions): Promise<StoredObject | undefined>;
  /**
   * Tells of an object without reading it.
   *
   * @returns The object; `undefined` if there is none.
   */
  head(key: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<ObjectHead | undefined>;
  /**
   * Stores an object.
   *
   * @returns Its etag; `"lost"` where the condition did not hold, and nothing was stored.
   * @throws {DiscoError} If it is not known whether it was stored (code `http` or `network`), or if it was not: `status` tells.
   */
  put(key: string, body: ObjectBody, options?: ObjectPutOptions): Promise<{ readonly etag: string } | "lost">;
  /** Lists the objects whose keys begin with a prefix, by key, from after one. */
  list(options: { readonly prefix: string; readonly after?: string | undefined }): AsyncIterable<ListedObject>;
  /** Removes an object; one that is not there is no error. */
  delete(key: string): Promise<void>;
  /** Begins an object of parts, for bytes whose number is not known. */
  multipart?(
    key: string,
    options?: { readonly metadata?: Readonly<Record<string, string>> | undefined },
  ): Promise<MultipartUpload>;
  /** Makes a URL by which anybody may GET an object for some seconds. */
  link?(key: string, seconds: number): Promise<string>;
}
