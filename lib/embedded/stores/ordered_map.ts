/** Changes that are looked through each time, beside a part of all keys: then they are put into the order, which costs as much as some looks at all keys. */
const SOME = 1000;
const PART = 1 / 64;

/** A map that also gives its keys in order, so that those with a prefix are found without a look at the others. */
export class OrderedMap<Value> extends Map<string, Value> {
  /** The keys in order, as they were some time ago. */
  #ordered: readonly string[] = [];
  /** Keys that have come or gone since. */
  readonly #changed = new Set<string>();

  /** Makes an empty map. */
  constructor() {
    super();
  }

  override set(key: string, value: Value): this {
    if (!this.has(key)) this.#changed.add(key);
    return super.set(key, value);
  }

  override delete(key: string): boolean {
    const wasThere = super.delete(key);
    if (wasThere) this.#changed.add(key);
    return wasThere;
  }

  override clear(): void {
    super.clear();
    this.#ordered = [];
    this.#changed.clear();
  }

  /** Gives the keys that begin with a prefix, in order, as they are now. */
  keysWith(prefix: string): readonly string[] {
    if (this.#changed.size > SOME + this.size * PART) {
      this.#ordered = this.#updated(this.#ordered, "");
      this.#changed.clear();
    }
    const start = this.#first((key) => key >= prefix);
    const end = this.#first((key) => key >= prefix && !key.startsWith(prefix));
    return this.#updated(this.#ordered.slice(start, end), prefix);
  }

  /** Puts what has changed into some keys, which are all that there were with a prefix. */
  #updated(keys: readonly string[], prefix: string): readonly string[] {
    if (this.#changed.size === 0) return keys;
    const kept = keys.filter((key) => !this.#changed.has(key));
    const added = [...this.#changed].filter((key) => key.startsWith(prefix) && this.has(key)).sort();
    // Two lists in order: sorting goes through them once.
    return added.length === 0 ? kept : kept.concat(added).sort();
  }

  /** Finds the place of the first key that fits, where all after it fit, too; the number of keys if none does. */
  #first(fits: (key: string) => boolean): number {
    let [low, high] = [0, this.#ordered.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (fits(this.#ordered[middle] as string)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
