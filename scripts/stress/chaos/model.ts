import type { DDFS, ReadOptions } from "../../../mod.ts";

/** Something that must not be. */
export class Violation extends Error {}

/** What is known of a tag: sets that must be there once, and sets that may be, because the operation on them failed. */
export class TagModel {
  /** The tag's name. */
  readonly name: string;
  /** Whether its blobs are chunks. */
  readonly isChunked: boolean;
  readonly #there = new Map<string, string>();
  readonly #maybe = new Map<string, string>();

  /** Makes an empty one. */
  constructor(name: string, isChunked: boolean) {
    this.name = name;
    this.isChunked = isChunked;
  }

  /** How many sets must be there. */
  get size(): number {
    return this.#there.size;
  }

  /** A blob was stored and tagged. */
  stored(content: string): void {
    this.#there.set(nameIn(content), content);
  }

  /** It is not known whether a blob was tagged. */
  perhapsStored(content: string): void {
    this.#maybe.set(nameIn(content), content);
  }

  /** The tag was deleted; a request that was given up may still come after that. */
  deleted(): void {
    this.#there.clear();
  }

  /** It is not known whether the tag was deleted. */
  perhapsDeleted(): void {
    for (const [blob, content] of this.#there) this.#maybe.set(blob, content);
    this.#there.clear();
  }

  /** Compares what was read of one blob. */
  checkContent(content: string): void {
    const name = nameIn(content);
    const wanted = this.#there.get(name) ?? this.#maybe.get(name);
    if (wanted === undefined) throw new Violation(`${this.name} has ${name}, which nobody stored there`);
    if (content !== wanted) throw new Violation(`${this.name}: ${name} has other bytes than were stored`);
  }

  /** Reads the whole tag, and compares. */
  async check(ddfs: DDFS, options: ReadOptions): Promise<void> {
    const found = this.isChunked ? await this.#records(ddfs, options) : await this.#blobs(ddfs, options);
    const names = found.map(([name]) => name);
    for (const [, content] of found) this.checkContent(content);
    if (new Set(names).size < names.length) throw new Violation(`${this.name} has something twice: ${names.join(" ")}`);
    const lost = [...this.#there.keys()].filter((name) => !names.includes(name));
    if (lost.length > 0) throw new Violation(`${this.name} lost ${lost.join(" ")}`);
  }

  async #blobs(ddfs: DDFS, options: ReadOptions): Promise<[string, string][]> {
    if (this.#there.size === 0 && !await ddfs.exists(this.name, options)) return [];
    const found: [string, string][] = [];
    for await (const blob of ddfs.pull(this.name, undefined, options)) {
      const content = await blob.text();
      const name = nameIn(content);
      if (name.split("/")[0] !== blob.name) {
        throw new Violation(`${this.name}: ${blob.name} has what was stored as ${name}`);
      }
      found.push([name, content]);
    }
    return found;
  }

  /** The records of a chunk begin with its name. */
  async #records(ddfs: DDFS, options: ReadOptions): Promise<[string, string][]> {
    if (this.#there.size === 0 && !await ddfs.exists(this.name, options)) return [];
    const found: [string, string][] = [];
    for await (const line of ddfs.records(`tag://${this.name}`, { ...options, text: true, workers: 0 })) {
      const last = found.at(-1);
      const [, start] = /^begin (\S+)\n$/.exec(line) ?? [];
      if (start !== undefined) found.push([start, line]);
      else if (last !== undefined) last[1] += line;
    }
    return found;
  }
}

/** The name that a content has in its first line: the blob's, and who stored it, as several may store one of that name. */
export function nameIn(content: string): string {
  return /^begin (\S+)\n/.exec(content)?.[1] ?? content.slice(0, 40);
}
