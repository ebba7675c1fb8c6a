import { DataError, type Replicas } from "../../../mod.ts";
import { type HunkPlace, hunkPlaces, hunkRecords, type Value } from "../../records/mod.ts";
import { reader } from "./client.ts";
import { hexLines, textOfPart } from "./value_text.ts";

/** Bytes that are read at a time of a blob that is no chunk. */
const WINDOW = 1 << 16;
/** The most bytes of the empty hunk that ends a chunk. */
const ENDING = 64;
/** The most blobs whose hunks are remembered. */
const REMEMBERED = 200;

/** A part of a blob that is shown at a time: a hunk's records, or some bytes of what is no chunk. */
export interface BlobPage {
  /** Its number, counted from 0. */
  readonly number: number;
  /** The bytes of the blob that it is made of. */
  readonly range: readonly [start: number, end: number];
  /** The records; lines of text, or of hexadecimal digits, where the blob is no chunk. */
  readonly records: readonly Value[];
  /** The number of parts, where that is known. */
  readonly count: number | undefined;
  /** The form of the blob. */
  readonly form: "chunk" | "text" | "bytes";
  /** The size of the blob in bytes. */
  readonly size: number;
  /** The replicas that were found to be damaged. */
  readonly damaged: readonly string[];
}

/** A part that the blob does not have: it has so many. */
export class NoSuchPage extends Error {
  readonly count: number;

  constructor(count: number) {
    super(`There are ${count} parts`);
    this.count = count;
  }
}

const blobs = new Map<string, BlobPages>();

/** Gives the parts of a blob; what is known of them is kept, as blobs never change. */
export function pagesOf(replicas: Replicas): BlobPages {
  const key = replicas.join(" ");
  const known = blobs.get(key) ?? new BlobPages(replicas);
  // Map keeps the order: what was used last is at its end.
  blobs.delete(key);
  blobs.set(key, known);
  const [oldest = key] = blobs.keys();
  if (blobs.size > REMEMBERED) blobs.delete(oldest);
  return known;
}

/** The parts of a blob. Of those that are not shown, only the headers of hunks are read. */
export class BlobPages {
  readonly #replicas: Replicas;
  readonly #places: HunkPlace[] = [];
  readonly #damaged = new Set<string>();
  #isWhole = false;
  #size: number | undefined;
  #isChunk: boolean | undefined;

  constructor(replicas: Replicas) {
    this.#replicas = replicas;
  }

  /**
   * Reads a part.
   *
   * @param wanted Its number; -1 for the last one.
   * @param onFound Told how many hunks are found so far.
   * @throws {NoSuchPage} If there is none of that number.
   */
  async page(wanted: number, signal: AbortSignal, onFound: (hunks: number, bytes: number) => void): Promise<BlobPage> {
    const form = await this.isChunk(signal);
    const size = await this.size(signal);
    if (form === undefined) throw new NoSuchPage(0);
    return form ? await this.#hunk(wanted, size, signal, onFound) : await this.#window(wanted, size, signal);
  }

  /** Gives the size of the blob. */
  async size(signal: AbortSignal): Promise<number> {
    if (this.#size !== undefined) return this.#size;
    for await (const { size, error } of reader.sizes([this.#replicas], { signal })) {
      if (size === undefined) throw error ?? new Error("No node says how large the blob is");
      this.#size = size;
    }
    return this.#size ?? 0;
  }

  /** Tells a chunk from other blobs by its first bytes; `undefined` if the blob is empty. */
  async isChunk(signal: AbortSignal): Promise<boolean | undefined> {
    const size = await this.size(signal);
    if (size === 0) return undefined;
    return this.#isChunk ??= isChunk(await this.#read(0, Math.min(2, size), signal));
  }

  async #hunk(
    wanted: number,
    size: number,
    signal: AbortSignal,
    onFound: (hunks: number, bytes: number) => void,
  ): Promise<BlobPage> {
    await this.#find(wanted, size, signal, onFound);
    const number = wanted < 0 ? this.#places.length - 1 : wanted;
    const place = this.#places[number];
    if (place === undefined) throw new NoSuchPage(this.#places.length);
    const { range } = place;
    const [url = ""] = this.#replicas;
    const records = await this.#good(
      async (replicas) => await hunkRecords(await read(replicas, ...range, signal), { start: range[0], url, signal }),
    );
    // The hunk that ends a chunk is small: one more header says whether this one is the last before it.
    if (size - range[1] < ENDING) await this.#find(number + 1, size, signal, onFound).catch(() => {});
    const count = this.#isWhole ? this.#places.length : undefined;
    return { number, range, records, count, form: "chunk", size, damaged: [...this.#damaged] };
  }

  /** Reads headers until the wanted hunk is found; of the last one, all. */
  async #find(
    wanted: number,
    size: number,
    signal: AbortSignal,
    onFound: (hunks: number, bytes: number) => void,
  ): Promise<void> {
    const isFound = () => this.#isWhole || (wanted >= 0 && this.#places.length > wanted);
    const [url = ""] = this.#replicas;
    await this.#good(async (replicas) => {
      if (isFound()) return;
      const start = this.#places.at(-1)?.range[1] ?? 0;
      const bytes = (start: number, end: number) => read(replicas, start, end, signal);
      for await (const place of hunkPlaces(bytes, { size, start, url, signal })) {
        this.#places.push(place);
        onFound(this.#places.length, place.range[1]);
        if (isFound()) return;
      }
      this.#isWhole = true;
    });
  }

  async #window(wanted: number, size: number, signal: AbortSignal): Promise<BlobPage> {
    const count = Math.ceil(size / WINDOW);
    const number = wanted < 0 ? count - 1 : wanted;
    if (number >= count) throw new NoSuchPage(count);
    const range = [number * WINDOW, Math.min(size, (number + 1) * WINDOW)] as const;
    const bytes = await this.#read(...range, signal);
    const text = textOfPart(bytes, count > 1);
    const records = text === undefined ? hexLines(bytes, range[0]) : text.split(/(?<=\n)/);
    const form = text === undefined ? "bytes" : "text";
    return { number, range, records, count, form, size, damaged: [] };
  }

  #read(start: number, end: number, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    return read(this.#replicas, start, end, signal);
  }

  /** Does work with a replica that is not damaged. */
  async #good<T>(work: (replicas: Replicas) => Promise<T>): Promise<T> {
    try {
      return await work(this.#left());
    } catch (error) {
      if (!isDamage(error) || this.#replicas.length < 2) throw error;
      for (const url of this.#replicas) {
        try {
          return await work([url]);
        } catch (other) {
          if (isDamage(other)) this.#damaged.add(url);
        }
      }
      throw error;
    }
  }

  /** The replicas that are not known to be damaged; all, if all are. */
  #left(): Replicas {
    const left = this.#replicas.filter((url) => !this.#damaged.has(url));
    return left.length === 0 ? this.#replicas : left;
  }
}

async function read(
  replicas: Replicas,
  start: number,
  end: number,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const blob = await reader.open(replicas, { range: { start, end }, signal });
  return await blob.bytes();
}

function isDamage(error: unknown): boolean {
  return error instanceof DataError && ["corrupt-hunk", "invalid-pickle"].includes(error.code);
}

/** Tells a chunk from anything else by its first bytes. */
export function isChunk([version, flag = 2]: Uint8Array): boolean {
  return version === 0x81 && flag <= 1;
}
