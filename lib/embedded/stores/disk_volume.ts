import { pulledStream } from "../../base/streams.ts";
import { DiscoError } from "../../errors.ts";
import type { DiskFolder } from "./disk_folder.ts";
import type { Files } from "./files.ts";
import type { BlobContent, BlobRange, BlobWriter, Space, StoredBlob, Volume } from "./store.ts";

/** Bytes that are read at a time. */
const PIECE = 256 * 1024;

/** A node's blobs in a folder. */
export class DiskVolume implements Volume {
  readonly #folder: DiskFolder;
  readonly #path: string;
  readonly #fs: Files;
  /** Blobs that are being given their names. */
  readonly #naming = new Set<string>();

  /** Uses a folder of blobs; `path` is somewhere on its disk. */
  constructor(folder: DiskFolder, path: string, fs: Files) {
    this.#folder = folder;
    this.#path = path;
    this.#fs = fs;
  }

  async read(object: string, { start = 0, end = Infinity }: BlobRange = {}): Promise<BlobContent | undefined> {
    const found = await this.#folder.find(object);
    if (found === undefined) return undefined;
    const pieces = this.#pieces(object, start, Math.min(end, found.size));
    const stream = pulledStream(
      async () => (await pieces.next()).value ?? undefined,
      async () => void await pieces.return(),
    );
    return { ...found, stream };
  }

  async create(object: string): Promise<BlobWriter | undefined> {
    if (await this.#folder.find(object) !== undefined) return undefined;
    const created = await this.#folder.create(object);
    const { file } = created;
    return {
      close: () => this.#folder.end(created),
      write: async (bytes) => {
        for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten;
      },
      commit: async () => {
        if (this.#naming.has(object)) return false;
        this.#naming.add(object);
        try {
          if (await this.#folder.find(object) !== undefined) return false;
          await this.#folder.publish(created, object);
          return true;
        } finally {
          this.#naming.delete(object);
        }
      },
    };
  }

  async *list(): AsyncGenerator<StoredBlob, void> {
    for await (const objects of this.#folder.list()) {
      for (const object of objects) {
        // It may have been removed since its folder was read.
        const found = await this.#folder.find(object);
        if (found !== undefined) yield { object, ...found };
      }
    }
  }

  remove(object: string): Promise<void> {
    return this.#folder.discard(object);
  }

  async space(): Promise<Space> {
    const { bavail, bfree, blocks, bsize } = await this.#fs.statfs(this.#path);
    return { free: Math.floor(bavail * bsize / 1024), used: Math.ceil((blocks - bfree) * bsize / 1024) };
  }

  async *#pieces(object: string, start: number, end: number): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
    if (start >= end) return;
    const file = await this.#fs.open(this.#folder.pathOf(object), "r");
    try {
      for (let at = start; at < end;) {
        const piece = new Uint8Array(Math.min(PIECE, end - at));
        const { bytesRead } = await file.read(piece, 0, piece.length, at);
        if (bytesRead === 0) throw new DiscoError(`The blob ${object} ended at ${at}`, { code: "source-failed" });
        at += bytesRead;
        yield piece.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
  }
}
