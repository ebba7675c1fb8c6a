/** Memory that grows as bytes are appended. */
export class GrowingBytes {
  #bytes: Uint8Array<ArrayBuffer>;
  #capacity: number;
  readonly #spare: () => Uint8Array<ArrayBuffer> | undefined;
  /** The number of bytes that are there. */
  length = 0;

  /**
   * Takes memory.
   *
   * @param capacity Bytes that there is room for at once.
   * @param spare Gives memory that may be used once the first was given away.
   */
  constructor(capacity: number, spare: () => Uint8Array<ArrayBuffer> | undefined = () => undefined) {
    this.#capacity = capacity;
    this.#spare = spare;
    this.#bytes = new Uint8Array(capacity);
  }

  /** Appends a copy of some bytes. */
  append(bytes: Uint8Array): void {
    const length = this.length + bytes.length;
    if (length > this.#bytes.length) {
      const spare = this.#bytes.length === 0 ? this.#spare() : undefined;
      const grown = spare !== undefined && spare.length >= length
        ? spare
        : new Uint8Array(Math.max(length, 2 * this.#bytes.length, this.#capacity));
      grown.set(this.view());
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.length);
    this.length = length;
  }

  /** Gives a view of the bytes. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.length);
  }

  /** Forgets the bytes, and uses their memory again. */
  clear(): void {
    this.length = 0;
  }

  /**
   * Gives the bytes away with their memory; other memory is taken with the next bytes.
   *
   * @param capacity Bytes that there is room for then.
   * @returns The bytes.
   */
  take(capacity: number): Uint8Array<ArrayBuffer> {
    const bytes = this.view();
    this.#bytes = new Uint8Array();
    this.#capacity = capacity;
    this.length = 0;
    return bytes;
  }
}
