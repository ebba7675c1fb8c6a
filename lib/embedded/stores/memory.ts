import { pulledStream } from "../../base/streams.ts";
import { DiscoError } from "../../errors.ts";
import type { BlobContent, BlobRange, BlobWriter, Space, StoredBlob, Volume } from "./store.ts";
import type { NodeStore, TagFiles } from "./node_store.ts";

/** Bytes that are copied at a time. */
const PIECE = 256 * 1024;

/** Keeps everything in memory, until it is dropped. */
export function memoryStore(nodes: readonly string[], now: () => number): NodeStore {
  const tagFiles = new Map(nodes.map((node) => [node, new MemoryTags()]));
  const volumes = new Map(nodes.map((node) => [node, new MemoryVolume(now, () => tagFiles.get(node)?.used() ?? 0)]));
  return { volumes, tagFiles, close: () => Promise.resolve() };
}

interface MemoryBlob {
  readonly parts: readonly Uint8Array<ArrayBuffer>[];
  readonly size: number;
  readonly modified: number;
}

class MemoryVolume implements Volume {
  readonly #blobs = new Map<string, MemoryBlob>();
  readonly #now: () => number;
  readonly #alsoUsed: () => number;

  constructor(now: () => number, alsoUsed: () => number) {
    this.#now = now;
    this.#alsoUsed = alsoUsed;
  }

  read(object: string, { start = 0, end = Infinity }: BlobRange = {}): Promise<BlobContent | undefined> {
    const blob = this.#blobs.get(object);
    if (blob === undefined) return Promise.resolve(undefined);
    const { parts, size, modified } = blob;
    const copies = copiesOf(parts, start, Math.min(end, size));
    const stream = pulledStream(() => copies.next().value ?? undefined, () => {});
    return Promise.resolve({ size, modified, stream });
  }

  create(object: string): Promise<BlobWriter | undefined> {
    if (this.#blobs.has(object)) return Promise.resolve(undefined);
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let size = 0;
    return Promise.resolve({
      write: (bytes) => {
        // What fills its memory is kept as it is, and the rest of a body without what is left of its memory.
        const isWhole = bytes.length === bytes.buffer.byteLength;
        parts.push(isWhole ? bytes : bytes.slice());
        size += bytes.length;
        return Promise.resolve();
      },
      commit: () => {
        if (this.#blobs.has(object)) return Promise.resolve(false);
        this.#blobs.set(object, { parts, size, modified: this.#now() });
        return Promise.resolve(true);
      },
      close: () => Promise.resolve(),
    });
  }

  async *list(): AsyncGenerator<StoredBlob, void> {
    for (const [object, { size, modified }] of this.#blobs) yield { object, size, modified };
  }

  remove(object: string): Promise<void> {
    this.#blobs.delete(object);
    return Promise.resolve();
  }

  space(): Promise<Space> {
    let used = this.#alsoUsed();
    for (const { size } of this.#blobs.values()) used += size;
    return Promise.resolve({ free: 0, used: Math.ceil(used / 1024) });
  }
}

/** Copies of the bytes from `start` to `end`: who reads an answer in process may change its bytes. */
function* copiesOf(
  parts: readonly Uint8Array<ArrayBuffer>[],
  start: number,
  end: number,
): Generator<Uint8Array<ArrayBuffer>, void> {
  let offset = 0;
  for (const part of parts) {
    const to = Math.min(end - offset, part.length);
    for (let at = Math.max(start - offset, 0); at < to; at += PIECE) yield part.slice(at, Math.min(at + PIECE, to));
    offset += part.length;
  }
}

class MemoryTags implements TagFiles {
  readonly #tags = new Map<string, string>();

  async *list(): AsyncGenerator<readonly string[], void> {
    yield [...this.#tags.keys()];
  }

  read(object: string): Promise<string> {
    const text = this.#tags.get(object);
    if (text !== undefined) return Promise.resolve(text);
    return Promise.reject(new DiscoError(`There is no ${object}`, { code: "source-failed" }));
  }

  size(object: string): Promise<number | undefined> {
    return Promise.resolve(this.#tags.get(object)?.length);
  }

  write(object: string, text: string): Promise<void> {
    this.#tags.set(object, text);
    return Promise.resolve();
  }

  remove(object: string): Promise<void> {
    this.#tags.delete(object);
    return Promise.resolve();
  }

  settle(): Promise<void> {
    return Promise.resolve();
  }

  /** Counts the bytes of all tags. */
  used(): number {
    let used = 0;
    for (const { length } of this.#tags.values()) used += length;
    return used;
  }
}
