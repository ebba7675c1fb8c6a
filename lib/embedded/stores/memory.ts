import type { BlobInfo, BlobWriter, Kind, Space, Store, StoredObject, Volume } from "./store.ts";

/** Bytes that are copied at a time. */
const PIECE = 256 * 1024;

/** Keeps everything in memory, until it is dropped. */
export function memoryStore(nodes: readonly string[], now: () => number): Store {
  return {
    volumes: new Map(nodes.map((node) => [node, new MemoryVolume(now)])),
    close: () => Promise.resolve(),
  };
}

interface MemoryBlob {
  readonly parts: readonly Uint8Array<ArrayBuffer>[];
  readonly size: number;
  readonly modified: number;
}

class MemoryVolume implements Volume {
  readonly #blobs = new Map<string, MemoryBlob>();
  readonly #tags = new Map<string, { content: string; modified: number }>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  find(object: string): Promise<BlobInfo | undefined> {
    return Promise.resolve(this.#blobs.get(object));
  }

  create(object: string): Promise<BlobWriter> {
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

  // Copies go out: who reads an answer in process may change its bytes.
  async *read(object: string, start: number, length: number): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
    let offset = 0;
    for (const part of this.#blobs.get(object)?.parts ?? []) {
      const from = Math.max(start - offset, 0);
      const to = Math.min(start + length - offset, part.length);
      for (let at = from; at < to; at += PIECE) yield part.slice(at, Math.min(at + PIECE, to));
      offset += part.length;
    }
  }

  readTag(object: string): Promise<string> {
    return Promise.resolve(this.#tags.get(object)?.content ?? "");
  }

  writeTag(object: string, content: string): Promise<void> {
    this.#tags.set(object, { content, modified: this.#now() });
    return Promise.resolve();
  }

  async *list(kind: Kind): AsyncGenerator<StoredObject, void> {
    if (kind === "blob") {
      for (const [object, { size, modified }] of this.#blobs) yield { object, size, modified };
    } else {
      for (const [object, { content, modified }] of this.#tags) yield { object, size: content.length, modified };
    }
  }

  remove(kind: Kind, object: string): Promise<void> {
    (kind === "blob" ? this.#blobs : this.#tags).delete(object);
    return Promise.resolve();
  }

  space(): Promise<Space> {
    let used = 0;
    for (const { size } of this.#blobs.values()) used += size;
    for (const { content } of this.#tags.values()) used += content.length;
    return Promise.resolve({ free: 0, used: Math.ceil(used / 1024) });
  }
}
