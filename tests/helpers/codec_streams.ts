/** Writes the bits of a deflate stream by hand, valid or not (RFC 1951, section 3.1.1). */
export class Bits {
  readonly #bytes: number[] = [];
  #count = 0;

  /** Adds a number, its lowest bit first. */
  add(value: number, size: number): this {
    for (let bit = 0; bit < size; bit++) this.#addBit((value >>> bit) & 1);
    return this;
  }

  /** Adds a Huffman code, its highest bit first. */
  code(code: number, size: number): this {
    for (let bit = size - 1; bit >= 0; bit--) this.#addBit((code >>> bit) & 1);
    return this;
  }

  /** Adds the header of a block. */
  block(type: number, final = 1): this {
    return this.add(final, 1).add(type, 2);
  }

  /** Adds the code lengths of a block of type 2, each by a code of 4 bits. */
  lengths(literals: readonly number[], distances: readonly number[]): this {
    this.add(literals.length - 257, 5).add(distances.length - 1, 5).add(19 - 4, 4);
    for (let i = 0; i < 19; i++) this.add(i < 3 ? 0 : 4, 3);
    for (const length of [...literals, ...distances]) this.code(length, 4);
    return this;
  }

  /** Adds whole bytes, after what is left of the last one. */
  bytes(...bytes: number[]): this {
    this.#count = 8 * this.#bytes.length;
    this.#bytes.push(...bytes);
    this.#count += 8 * bytes.length;
    return this;
  }

  /** The zlib stream of these bits, which should yield the text. */
  stream(text = ""): Uint8Array<ArrayBuffer> {
    return zlibStream(this.#bytes, text);
  }

  #addBit(bit: number): void {
    if (this.#count % 8 === 0) this.#bytes.push(0);
    const last = this.#bytes.length - 1;
    this.#bytes[last] = (this.#bytes[last] ?? 0) | (bit << (this.#count % 8));
    this.#count++;
  }
}

/** Puts the header and the Adler-32 of what it should yield around a deflate stream (RFC 1950). */
export function zlibStream(deflated: Iterable<number>, text: string): Uint8Array<ArrayBuffer> {
  let a = 1;
  let b = 0;
  for (const character of text) {
    a = (a + character.charCodeAt(0)) % 65521;
    b = (b + a) % 65521;
  }
  return Uint8Array.of(0x78, 0x5e, ...deflated, b >> 8, b & 255, a >> 8, a & 255);
}

/** Code lengths, all 0 but some. */
export function lengthsOf(symbols: number, lengths: Readonly<Record<number, number>>): number[] {
  return Array.from({ length: symbols }, (_, symbol) => lengths[symbol] ?? 0);
}

/** The codes of these lengths (RFC 1951, section 3.2.2). */
export function canonicalCodes(lengths: readonly number[]): number[] {
  const codes: number[] = [];
  let code = 0;
  for (let length = 1; length < 16; length++) {
    for (const [symbol, its] of lengths.entries()) {
      if (its === length) codes[symbol] = code++;
    }
    code *= 2;
  }
  return codes;
}
