import { joined } from "../../base/bytes.ts";
import { pulledStream } from "../../base/streams.ts";
import { DiscoError } from "../../errors.ts";
import type { BlobContent, BlobRange, BlobWriter, Space, StoredBlob, Volume } from "./store.ts";
import type { LargeTags, NodeStore, TagFiles } from "./node_store.ts";

/** Bytes that are copied at a time. */
const PIECE = 256 * 1024;

const NOTHING = new Uint8Array();

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
  for (const part of partsOf(parts, start, end)) {
    for (let at = 0; at < part.length; at += PIECE) yield part.slice(at, at + PIECE);
  }
}

/** A text, or the bytes of a large one: what is put in front of its sets shares the memory of the others. */
type MemoryTag = string | readonly Uint8Array<ArrayBuffer>[];

class MemoryTags implements TagFiles {
  readonly #tags = new Map<string, MemoryTag>();
  readonly large: LargeTags = {
    open: async (object) => {
      const tag = this.#at(object);
      const parts = typeof tag === "string" ? [new TextEncoder().encode(tag)] : tag;
      const read = (into: Uint8Array<ArrayBuffer>, at: number) => {
        let filled = 0;
        for (const part of partsOf(parts, at, at + into.length)) {
          into.set(part, filled);
          filled += part.length;
        }
        if (filled < into.length) throw new DiscoError(`${object} ended`, { code: "source-failed" });
        return Promise.resolve();
      };
      const close = () => Promise.resolve();
      return await Promise.resolve({ size: sizeOf(parts), read, parts: partsOf.bind(undefined, parts), close });
    },
    write: async (object, pieces) => {
      const parts: Uint8Array<ArrayBuffer>[] = [];
      for await (const piece of pieces) {
        const last = parts.at(-1) ?? NOTHING;
        // However many appends there are, there are no more parts than are of this size.
        if (last === NOTHING || last.length + piece.length > PIECE) parts.push(piece);
        else parts[parts.length - 1] = joined([last, piece]);
      }
      this.#tags.set(object, parts);
    },
  };

  async *list(): AsyncGenerator<readonly string[], void> {
    yield [...this.#tags.keys()];
  }

  async read(object: string): Promise<string> {
    const tag = await Promise.resolve(this.#at(object));
    return typeof tag === "string" ? tag : new TextDecoder().decode(joined(tag));
  }

  size(object: string): Promise<number | undefined> {
    const tag = this.#tags.get(object);
    return Promise.resolve(tag === undefined ? undefined : sizeOf(tag));
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
    for (const tag of this.#tags.values()) used += sizeOf(tag);
    return used;
  }

  #at(object: string): MemoryTag {
    const tag = this.#tags.get(object);
    if (tag !== undefined) return tag;
    throw new DiscoError(`There is no ${object}`, { code: "source-failed" });
  }
}

function sizeOf(tag: MemoryTag): number {
  return typeof tag === "string" ? tag.length : tag.reduce((sum, { length }) => sum + length, 0);
}

/** Gives the bytes from `start` to `end`, in the memory that they are in. */
function* partsOf(
  parts: readonly Uint8Array<ArrayBuffer>[],
  start: number,
  end: number,
): Generator<Uint8Array<ArrayBuffer>, void> {
  let offset = 0;
  for (const part of parts) {
    const [from, to] = [Math.max(start - offset, 0), Math.min(end - offset, part.length)];
    if (from < to) yield part.subarray(from, to);
    offset += part.length;
  }
}
