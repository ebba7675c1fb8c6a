/**
 * R2 inside of a Cloudflare Worker, for {@linkcode embedded}. From elsewhere, R2 is reached by `s3Objects` in `./s3`.
 *
 * @example A Worker that is a DDFS
 * ```ts ignore
 * import { type Embedded, embedded } from "@ddfs/client/embedded";
 * import { r2Objects } from "@ddfs/client/r2";
 *
 * // One for all requests of this instance: it has what it read of tags in memory, and writes the changes of a tag together.
 * let ddfs: Embedded | undefined;
 *
 * export default {
 *   fetch(request: Request, { BUCKET }: { BUCKET: R2Bucket }, context: ExecutionContext) {
 *     ddfs ??= embedded({ objects: r2Objects(BUCKET), nodes: ["ddfs.example.org"] });
 *     // Requests write the changes of a tag together: one that waits for another, without a timer of its own, would count as hung and be ended.
 *     const pulse = setInterval(() => {}, 1000);
 *     const answer = ddfs.fetch(request).finally(() => clearInterval(pulse));
 *     // Others may wait for this request, also when its client is gone.
 *     context.waitUntil(answer);
 *     return answer;
 *   },
 * };
 * ```
 *
 * `tests/examples/bucket_worker.ts` is one that can be deployed, with a scheduled collection.
 *
 * @module
 */
import { checkOptions, invalid, isObject, type OptionNames } from "../../check.ts";
import { DiscoError } from "../../errors.ts";
import type {
  ListedObject,
  MultipartUpload,
  ObjectBody,
  ObjectEngine,
  ObjectGetOptions,
  ObjectHead,
  ObjectPutOptions,
  StoredObject,
} from "./bucket/engine.ts";
import { PREFIX } from "./bucket/keys.ts";
import { failed } from "./r2_errors.ts";

export type * from "./bucket/engine.ts";

/** An object, as R2 tells of it. */
export interface R2ObjectLike {
  /** Its key. */
  readonly key: string;
  /** Its size in bytes. */
  readonly size: number;
  /** Its ETag, without quotes. */
  readonly etag: string;
  /** The time at which it was stored. */
  readonly uploaded: Date;
  /** The texts that are kept with it. */
  readonly customMetadata?: Record<string, string> | undefined;
}

/** An object with its bytes. */
export interface R2ObjectBodyLike extends R2ObjectLike {
  /** The bytes. */
  readonly body: ReadableStream;
}

/** An upload in parts. */
export interface R2MultipartUploadLike {
  /** Stores a part. */
  uploadPart(number: number, value: ArrayBufferView): Promise<{ partNumber: number; etag: string }>;
  /** Drops all parts. */
  abort(): Promise<void>;
  /** Makes the object. */
  complete(parts: { partNumber: number; etag: string }[]): Promise<unknown>;
}

/** A Worker's binding to a bucket, as far as it is used here: an `R2Bucket` is one. */
export interface R2BucketLike {
  /** Tells of an object. */
  head(key: string): Promise<R2ObjectLike | null>;
  /** Reads an object. */
  get(key: string, options?: { range?: { offset: number; length: number } }): Promise<R2ObjectBodyLike | null>;
  /** Stores an object; gives `null` where a condition does not hold. */
  put(
    key: string,
    value: ArrayBufferView | ReadableStream,
    options?: {
      onlyIf?: { etagMatches?: string; etagDoesNotMatch?: string };
      customMetadata?: Record<string, string>;
    },
  ): Promise<R2ObjectLike | null>;
  /** Begins an upload in parts. */
  createMultipartUpload(
    key: string,
    options?: { customMetadata?: Record<string, string> },
  ): Promise<R2MultipartUploadLike>;
  /** Removes an object. */
  delete(key: string): Promise<void>;
  /** Lists objects, some at a time. */
  list(options?: { prefix?: string; startAfter?: string; cursor?: string }): Promise<
    { objects: R2ObjectLike[]; truncated: boolean; cursor?: string }
  >;
}

/** Options of {@linkcode r2Objects}. */
export interface R2ObjectsOptions {
  /**
   * The folder in the bucket that gets everything, for instance `"ddfs"` or `"a/b"`.
   *
   * @default {""}
   */
  prefix?: string | undefined;
}

const NAMES: OptionNames<R2ObjectsOptions> = { prefix: PREFIX };

/**
 * Makes an object store of a Worker's binding to an R2 bucket.
 *
 * A key takes about one write a second; what goes beyond that, R2 refuses (429), and a DDFS waits and writes the changes of a tag together.
 *
 * @param bucket The binding, of type `R2Bucket`.
 * @param options Where in the bucket.
 * @returns The engine, for `embedded({ objects })`.
 * @throws {DiscoError} If the binding is none, or an option has a value that it cannot have (code `invalid-argument`).
 */
export function r2Objects(bucket: R2BucketLike, options: R2ObjectsOptions = {}): ObjectEngine {
  checkOptions("r2Objects()", options, NAMES);
  const isBucket = isObject(bucket) && typeof bucket.createMultipartUpload === "function";
  if (!isBucket) throw invalid("bucket", typeof bucket, "it must be a Worker's binding to an R2 bucket");
  const { prefix = "" } = options;
  const folder = prefix.replace(/\/$/, "");
  return new R2Engine(bucket, folder === "" ? "" : `${folder}/`);
}

type Bytes = Uint8Array<ArrayBuffer>;

/** A bucket behind a binding. */
class R2Engine implements ObjectEngine {
  readonly name: string;
  readonly conditionalStreams = true;
  readonly #bucket: R2BucketLike;
  readonly #folder: string;

  constructor(bucket: R2BucketLike, folder: string) {
    this.#bucket = bucket;
    this.#folder = folder;
    this.name = `R2${folder && ` (${folder})`}`;
  }

  async get(key: string, { range, signal }: ObjectGetOptions = {}): Promise<StoredObject | undefined> {
    signal?.throwIfAborted();
    if (range !== undefined && range.end <= range.start) return withoutBytes(await this.head(key));
    try {
      const found = await this.#bucket.get(this.#folder + key, range === undefined ? {} : { range: partOf(range) });
      return found === null ? undefined : { ...headOf(found), stream: found.body };
    } catch (error) {
      if (range !== undefined) {
        // A part that begins beyond the end: R2 says 416, its simulator nothing in particular.
        const head = await this.head(key);
        if (head === undefined || range.start >= head.size) return withoutBytes(head);
      }
      throw failed(this.name, "GET", key, error);
    }
  }

  async head(key: string, { signal }: { readonly signal?: AbortSignal | undefined } = {}) {
    signal?.throwIfAborted();
    const found = await this.#ask("HEAD", key, () => this.#bucket.head(this.#folder + key));
    return found === null ? undefined : headOf(found);
  }

  async put(
    key: string,
    body: ObjectBody,
    { ifMatch, ifNoneMatch, metadata = {}, signal }: ObjectPutOptions = {},
  ): Promise<{ readonly etag: string } | "lost"> {
    signal?.throwIfAborted();
    const conditions = {
      ...(ifMatch === undefined ? {} : { onlyIf: { etagMatches: ifMatch } }),
      ...(ifNoneMatch === undefined ? {} : { onlyIf: { etagDoesNotMatch: ifNoneMatch } }),
    };
    const put = (value: ArrayBufferView | ReadableStream) =>
      this.#bucket.put(this.#folder + key, value, { ...conditions, customMetadata: { ...metadata } });
    const stored = await this.#ask("PUT", key, () => body instanceof Uint8Array ? put(body) : putStream(body, put));
    return stored === null ? "lost" : { etag: stored.etag };
  }

  async *list({ prefix, after }: { prefix: string; after?: string | undefined }): AsyncGenerator<ListedObject, void> {
    const place = {
      prefix: this.#folder + prefix,
      ...(after === undefined ? {} : { startAfter: this.#folder + after }),
    };
    let cursor: string | undefined;
    do {
      const options = cursor === undefined ? place : { ...place, cursor };
      const page = await this.#ask("LIST", prefix, () => this.#bucket.list(options));
      for (const { key, size, uploaded } of page.objects) {
        yield { key: key.slice(this.#folder.length), size, modified: uploaded.getTime() };
      }
      cursor = page.truncated ? page.cursor : undefined;
    } while (cursor !== undefined);
  }

  async delete(key: string): Promise<void> {
    await this.#ask("DELETE", key, () => this.#bucket.delete(this.#folder + key));
  }

  async multipart(
    key: string,
    { metadata = {} }: { readonly metadata?: Readonly<Record<string, string>> | undefined } = {},
  ): Promise<MultipartUpload> {
    const options = { customMetadata: { ...metadata } };
    const upload = await this.#ask("POST", key, () => this.#bucket.createMultipartUpload(this.#folder + key, options));
    return {
      part: async (number, bytes) =>
        JSON.stringify(await this.#ask("PUT", key, () => upload.uploadPart(number, bytes))),
      complete: async (parts) => {
        const all = parts.map((part) => JSON.parse(part) as { partNumber: number; etag: string });
        await this.#ask("POST", key, () => upload.complete(all));
      },
      abort: () => this.#ask("DELETE", key, () => upload.abort()),
    };
  }

  async #ask<T>(method: string, key: string, request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      throw failed(this.name, method, key, error);
    }
  }
}

function headOf({ size, etag, uploaded, customMetadata = {} }: R2ObjectLike): ObjectHead {
  return { size, etag, modified: uploaded.getTime(), metadata: customMetadata };
}

function withoutBytes(head: ObjectHead | undefined): StoredObject | undefined {
  return head && { ...head, stream: new Blob([]).stream() };
}

function partOf({ start, end }: { readonly start: number; readonly end: number }): { offset: number; length: number } {
  return { offset: start, length: Math.min(end, Number.MAX_SAFE_INTEGER) - start };
}

/** A stream in Workers whose length is known. R2 takes no other. */
type FixedLength = new (length: number) => TransformStream<Bytes, Bytes>;

/** Stores a stream, in Workers as it comes, and elsewhere (a simulator's binding in Node) in one piece. */
async function putStream<T>(
  { stream, size }: Exclude<ObjectBody, Bytes>,
  put: (value: Bytes | ReadableStream) => Promise<T>,
): Promise<T> {
  const { FixedLengthStream } = globalThis as { FixedLengthStream?: FixedLength };
  if (FixedLengthStream === undefined) {
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    if (bytes.length === size) return await put(bytes);
    throw new DiscoError(`${bytes.length} bytes came in place of ${size}`, { code: "source-failed" });
  }
  const { readable, writable } = new FixedLengthStream(size);
  const stop = new AbortController();
  // An error of the stream becomes one of the writing.
  stream.pipeTo(writable, { signal: stop.signal }).catch(() => {});
  try {
    return await put(readable);
  } finally {
    // Whoever has lost does not read to the end.
    stop.abort();
  }
}
