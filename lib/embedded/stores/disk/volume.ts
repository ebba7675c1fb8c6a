import { pulledStream } from "../../../base/streams.ts";
import { DiscoError } from "../../../errors.ts";
import type { DiskFolder, NewFile } from "./folder.ts";
import type { Files } from "./files.ts";
import type { BlobContent, BlobRange, BlobWriter, Space, StoredBlob, Volume } from "../store.ts";

/** Bytes that are read at a time. */
const PIECE = 256 * 1024;

/** A blob that is being written, by one or more at the same time. */
interface Written {
  writers: number;
  /** True if one of them has given it its name, or is about to. */
  isNamed: boolean;
}

/** A node's blobs in a folder. */
export class DiskVolume implements Volume {
  readonly #folder: DiskFolder;
  readonly #path: string;
  readonly #fs: Files;
  /** Blobs that are being written: nobody else gives one its name meanwhile, so that it is looked for once only. */
  readonly #written = new Map<string, Written>();

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
    const written = this.#begin(object);
    try {
      if (await this.#folder.has(object)) return void this.#end(object, written);
      return this.#writer(object, written, await this.#folder.create(object));
    } catch (error) {
      this.#end(object, written);
      throw error;
    }
  }

  #writer(object: string, written: Written, created: NewFile): BlobWriter {
    const { file } = created;
    let isOpen = true;
    return {
      close: async () => {
        if (isOpen) this.#end(object, written);
        isOpen = false;
        await this.#folder.end(created);
      },
      write: async (bytes) => {
        for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten;
      },
      commit: async () => {
        if (written.isNamed) return false;
        written.isNamed = true;
        try {
          await this.#folder.publish(created, object);
          return true;
        } catch (error) {
          written.isNamed = false;
          throw error;
        }
      },
    };
  }

  #begin(object: string): Written {
    const written = this.#written.get(object) ?? { writers: 0, isNamed: false };
    written.writers++;
    this.#written.set(object, written);
    return written;
  }

  #end(object: string, written: Written): void {
    if (--written.writers === 0) this.#written.delete(object);
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
