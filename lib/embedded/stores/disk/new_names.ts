import { isStorable, parseObject } from "../object_names.ts";

/** The most names that are remembered one by one. */
const MOST = 10_000;

/**
 * Knows names that no object of a folder has, so that nobody need look for one: a stamp that is later than those of all objects that were found is a new
 * one, unless it was written since.
 */
export class NewNames {
  /** The latest stamp of the objects that are not remembered one by one. */
  #latest = -1;
  /** Without case, since some systems know none. */
  readonly #written = new Set<string>();
  readonly #most: number;

  /** Knows of no object yet. */
  constructor(most: number = MOST) {
    this.#most = most;
  }

  /** Learns of an object that was there before. */
  found(object: string): void {
    this.#latest = Math.max(this.#latest, parseObject(object)?.stamp ?? -1);
  }

  /** Learns of an object that is written, or about to be. */
  written(object: string): void {
    this.#written.add(object.toLowerCase());
    if (this.#written.size <= this.#most) return;
    for (const oldest of this.#written) {
      this.#written.delete(oldest);
      return this.found(oldest);
    }
  }

  /** Tells whether there certainly is no object of a name. */
  has(object: string): boolean {
    const stamp = isStorable(object) ? parseObject(object)?.stamp ?? -1 : -1;
    return stamp > this.#latest && !this.#written.has(object.toLowerCase());
  }
}
