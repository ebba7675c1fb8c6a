/**
 * A set of texts that keeps 8 bytes of each, and takes 16 to 32. It may say that it has a text that it has not, about once for 9 * 10^15 divided by
 * the number of its texts; never the other way round.
 */
export class HashSet {
  #slots = new Float64Array(1024);
  #size = 0;

  /** The number of texts. */
  get size(): number {
    return this.#size;
  }

  /** Adds a text. */
  add(text: string): void {
    if (2 * this.#size >= this.#slots.length) this.#grow();
    if (put(this.#slots, hashOf(text))) this.#size++;
  }

  /** Tells whether a text was added. */
  has(text: string): boolean {
    const hash = hashOf(text);
    return this.#slots[slotOf(this.#slots, hash)] === hash;
  }

  #grow(): void {
    const slots = new Float64Array(2 * this.#slots.length);
    for (const hash of this.#slots) if (hash !== 0) put(slots, hash);
    this.#slots = slots;
  }
}

function put(slots: Float64Array, hash: number): boolean {
  const slot = slotOf(slots, hash);
  const isNew = slots[slot] !== hash;
  slots[slot] = hash;
  return isNew;
}

/** Finds the slot that has a hash, or the free one that it belongs into. */
function slotOf(slots: Float64Array, hash: number): number {
  let slot = hash % slots.length;
  while (slots[slot] !== 0 && slots[slot] !== hash) slot = (slot + 1) % slots.length;
  return slot;
}

/** Hashes a text to a whole number from 1 below 2^53 (cyrb53). */
function hashOf(text: string): number {
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return 4294967296 * (2097151 & low) + (high >>> 0) || 1;
}
