import { isBlobObject } from "../stores/object_names.ts";
import type {
  BlobContent,
  BlobRange,
  BlobWriter,
  CreateOptions,
  Space,
  StoredBlob,
  StoreSetup,
  Volume,
} from "../stores/store.ts";
import { BlobUpload, isReserved } from "./blob_upload.ts";
import type { ObjectEngine } from "./bucket/engine.ts";
import { blobKey } from "./bucket/keys.ts";
import { listed, patient, unavailable } from "./bucket/requests.ts";

/** KiB that are said to be free: an object store has no end. */
const FREE = 2 ** 40;
/** Milliseconds for which the size of all blobs is remembered. */
const COUNTED = 10 * 60_000;

/** The blobs of a node in an object store. */
export class ObjectVolume implements Volume {
  readonly #engine: ObjectEngine;
  readonly #setup: StoreSetup;
  /** The beginning of the keys. */
  readonly #blobs: string;
  #space: { readonly at: number; readonly used: Promise<number> } | undefined;

  /** @param blobs The beginning of the keys of the node's blobs. */
  constructor(engine: ObjectEngine, setup: StoreSetup, blobs: string) {
    this.#engine = engine;
    this.#setup = setup;
    this.#blobs = blobs;
  }

  async read(object: string, range: BlobRange = {}): Promise<BlobContent | undefined> {
    const key = blobKey(this.#blobs, object);
    try {
      return await this.#read(key, range);
    } catch (error) {
      throw unavailable(error, key);
    }
  }

  async #read(key: string, { start = 0, end = Infinity }: BlobRange): Promise<BlobContent | undefined> {
    if (end <= start) {
      const head = await patient(this.#setup, (signal) => this.#engine.head(key, { signal }));
      return head === undefined || isReserved(head) ? undefined : { ...head, stream: new Blob([]).stream() };
    }
    const isAll = start === 0 && end === Infinity;
    const part = isAll ? {} : { range: { start, end } };
    const found = await patient(this.#setup, (signal) => this.#engine.get(key, { ...part, signal }));
    if (found === undefined || !isReserved(found)) return found;
    found.stream.cancel().catch(() => {});
    return undefined;
  }

  create(object: string, { size }: CreateOptions = {}): Promise<BlobWriter | undefined> {
    return BlobUpload.begin(this.#engine, this.#setup, blobKey(this.#blobs, object), size);
  }

  async *list(): AsyncGenerator<StoredBlob, void> {
    for await (const { key, size, modified } of listed(this.#engine, this.#setup, this.#blobs)) {
      const object = key.slice(key.lastIndexOf("/") + 1);
      if (isBlobObject(object) && key === blobKey(this.#blobs, object)) yield { object, size, modified };
    }
  }

  async remove(object: string): Promise<void> {
    await patient(this.#setup, () => this.#engine.delete(blobKey(this.#blobs, object)));
  }

  async space(): Promise<Space> {
    const at = this.#setup.now();
    if (this.#space === undefined || Math.abs(at - this.#space.at) > COUNTED) {
      const used = this.#count();
      this.#space = { at, used };
      used.catch(() => this.#space = undefined);
    }
    return { free: FREE, used: Math.ceil(await this.#space.used / 1024) };
  }

  async link(object: string, seconds: number): Promise<string | undefined> {
    return await this.#engine.link?.(blobKey(this.#blobs, object), seconds);
  }

  async #count(): Promise<number> {
    let used = 0;
    for await (const { size } of this.list()) used += size;
    return used;
  }
}
