import * as failure from "./failure.ts";

/** The code for code lengths has them in this order (RFC 1951, section 3.2.7). */
const PRECODE_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15] as const;
const END_OF_BLOCK = 256;
/** Bits of the longest code, and bits of a table's entry that hold a length. */
const LONGEST = 15;
const LENGTH_BITS = 4;
/** From this length on a match is copied quicker by a call. */
const WORTH_A_CALL = 64;

/** Base and extra bits of each length and distance symbol (RFC 1951, section 3.2.5). */
const LENGTH_EXTRA = Uint8Array.from({ length: 29 }, (_, i) => i < 4 || i === 28 ? 0 : (i >> 2) - 1);
const LENGTH_BASE = bases(LENGTH_EXTRA, 3);
LENGTH_BASE[28] = 258;
const DISTANCE_EXTRA = Uint8Array.from({ length: 30 }, (_, i) => i < 4 ? 0 : (i >> 1) - 1);
const DISTANCE_BASE = bases(DISTANCE_EXTRA, 1);

const FIXED_LITERALS = tableOf(
  Uint8Array.from({ length: 288 }, (_, i) => i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8),
  false,
);
const FIXED_DISTANCES = tableOf(new Uint8Array(32).fill(5), false);

/** A decoding table: by the next bits, symbol and length of the code; 0 where there is none. */
interface Table {
  readonly entries: Uint16Array;
  /** Bits that an entry is looked up by. */
  readonly bits: number;
}

/** The reason why a stream is refused; the reader makes an error of it. */
export class Refusal extends Error {
  /** A number of failure.ts. */
  readonly failure: number;

  /**
   * Makes one.
   *
   * @param failure A number of failure.ts.
   */
  constructor(failure: number) {
    super(`failure ${failure}`);
    this.failure = failure;
  }
}

/**
 * Decodes a deflate stream (RFC 1951), and refuses what zlib refuses; fflate lets pass codes that are none, and does not tell where
 * a stream ends.
 */
export class Inflater {
  /** The position in the input at which the stream ends, once it is decoded. */
  end: number;
  readonly #input: Uint8Array;
  readonly #maxSize: number;
  #output: Uint8Array<ArrayBuffer>;
  #size = 0;
  // The lowest `#count` bits of `#bits` are the next ones of the input.
  #bits = 0;
  #count = 0;

  /**
   * Makes ready to decode a stream.
   *
   * @param input The bytes that hold it.
   * @param begin Where in them it begins.
   * @param maxSize The most bytes it may yield.
   */
  constructor(input: Uint8Array, begin: number, maxSize: number) {
    this.#input = input;
    this.end = begin;
    this.#maxSize = maxSize;
    this.#output = new Uint8Array(Math.min(maxSize, 4 * input.length));
  }

  /**
   * Decodes the stream.
   *
   * @returns The bytes, in memory of their own.
   * @throws {Refusal} If the stream is not valid, cut short, or yields too much.
   */
  decode(): Uint8Array<ArrayBuffer> {
    for (let isLast = false; !isLast;) {
      isLast = this.#take(1) === 1;
      const type = this.#take(2);
      if (type === 0) this.#copyStored();
      else if (type === 1) this.#decodeBlock(FIXED_LITERALS, FIXED_DISTANCES);
      else if (type === 2) this.#decodeBlock(...this.#readTables());
      else throw new Refusal(failure.BLOCK_TYPE);
    }
    // Whole bytes that were looked at, but not taken.
    this.end -= this.#count >> 3;
    return this.#output.slice(0, this.#size);
  }

  #take(count: number): number {
    while (this.#count < count) {
      if (this.end >= this.#input.length) throw new Refusal(failure.CUT_SHORT);
      this.#bits |= (this.#input[this.end++] as number) << this.#count;
      this.#count += 8;
    }
    const taken = this.#bits & ((1 << count) - 1);
    this.#bits >>>= count;
    this.#count -= count;
    return taken;
  }

  #takeSymbol({ entries, bits }: Table): number {
    while (this.#count < bits && this.end < this.#input.length) {
      this.#bits |= (this.#input[this.end++] as number) << this.#count;
      this.#count += 8;
    }
    const entry = entries[this.#bits & ((1 << bits) - 1)] as number;
    const length = entry & LONGEST;
    if (length === 0 || length > this.#count) throw refusal(length);
    this.#bits >>>= length;
    this.#count -= length;
    return entry >> LENGTH_BITS;
  }

  #copyStored(): void {
    this.#take(this.#count & 7);
    const size = this.#take(16);
    if (size !== (this.#take(16) ^ 0xffff)) throw new Refusal(failure.STORED_LENGTH);
    // #take() looks no further than it must: no byte is left over.
    const next = this.end + size;
    if (next > this.#input.length) throw new Refusal(failure.CUT_SHORT);
    this.#reserve(size);
    this.#output.set(this.#input.subarray(this.end, next), this.#size);
    this.#size += size;
    this.end = next;
  }

  #readTables(): [literals: Table, distances: Table] {
    const literals = this.#take(5) + 257;
    const distances = this.#take(5) + 1;
    const precodes = this.#take(4) + 4;
    const precodeLengths = new Uint8Array(19);
    for (const symbol of PRECODE_ORDER.slice(0, precodes)) precodeLengths[symbol] = this.#take(3);
    const precode = tableOf(precodeLengths, false);
    const lengths = new Uint8Array(literals + distances);
    for (let i = 0; i < lengths.length;) {
      const symbol = this.#takeSymbol(precode);
      if (symbol < 16) {
        lengths[i++] = symbol;
        continue;
      }
      if (symbol === 16 && i === 0) throw new Refusal(failure.CODE_LENGTHS);
      const length = symbol === 16 ? lengths[i - 1] as number : 0;
      const end = i + (symbol === 16 ? 3 + this.#take(2) : symbol === 17 ? 3 + this.#take(3) : 11 + this.#take(7));
      if (end > lengths.length) throw new Refusal(failure.CODE_LENGTHS);
      lengths.fill(length, i, end);
      i = end;
    }
    if (literals > 286 || distances > 30 || lengths[END_OF_BLOCK] === 0) throw new Refusal(failure.CODE_LENGTHS);
    return [tableOf(lengths.subarray(0, literals), true), tableOf(lengths.subarray(literals), true)];
  }

  #decodeBlock(literals: Table, distances: Table): void {
    const literalEntries = literals.entries;
    const literalMask = literalEntries.length - 1;
    const input = this.#input;
    // All but the last bytes can be taken two at a time.
    const pairsEnd = input.length - 1;
    let bits = this.#bits;
    let count = this.#count;
    let end = this.end;
    let output = this.#output;
    let size = this.#size;
    for (;;) {
      if (count < LONGEST) {
        if (end < pairsEnd) {
          bits |= ((input[end] as number) | ((input[end + 1] as number) << 8)) << count;
          end += 2;
          count += 16;
        } else if (end === pairsEnd) {
          bits |= (input[end++] as number) << count;
          count += 8;
        }
      }
      const entry = literalEntries[bits & literalMask] as number;
      const length = entry & LONGEST;
      if (length === 0 || length > count) throw refusal(length);
      bits >>= length;
      count -= length;
      const symbol = entry >> LENGTH_BITS;
      if (symbol < END_OF_BLOCK) {
        if (size === output.length) {
          this.#size = size;
          output = this.#reserve(1);
        }
        output[size++] = symbol;
        continue;
      }
      this.#bits = bits;
      this.#count = count;
      this.end = end;
      this.#size = size;
      if (symbol === END_OF_BLOCK) return;
      this.#copyMatch(symbol - END_OF_BLOCK - 1, distances);
      bits = this.#bits;
      count = this.#count;
      end = this.end;
      output = this.#output;
      size = this.#size;
    }
  }

  #copyMatch(symbol: number, distances: Table): void {
    const length = (LENGTH_BASE[symbol] ?? NaN) + this.#take(LENGTH_EXTRA[symbol] ?? 0);
    const distanceSymbol = this.#takeSymbol(distances);
    const distance = (DISTANCE_BASE[distanceSymbol] ?? NaN) + this.#take(DISTANCE_EXTRA[distanceSymbol] ?? 0);
    if (Number.isNaN(length + distance)) throw refusal(0);
    const to = this.#size;
    const from = to - distance;
    if (from < 0) throw new Refusal(failure.DISTANCE);
    const output = this.#reserve(length);
    this.#size += length;
    if (length >= WORTH_A_CALL && distance >= length) output.copyWithin(to, from, from + length);
    else for (let i = 0; i < length; i++) output[to + i] = output[from + i] as number;
  }

  /** Makes room for some bytes more. */
  #reserve(more: number): Uint8Array<ArrayBuffer> {
    const size = this.#size + more;
    if (size <= this.#output.length) return this.#output;
    if (size > this.#maxSize) throw new Refusal(failure.TOO_MUCH);
    const output = new Uint8Array(Math.min(this.#maxSize, Math.max(size, 2 * this.#output.length)));
    output.set(this.#output.subarray(0, this.#size));
    this.#output = output;
    return output;
  }
}

/** Builds a decoding table (RFC 1951, section 3.2.2); an incomplete code is one of a single code of one bit, or of none. */
function tableOf(lengths: Uint8Array, mayBeIncomplete: boolean): Table {
  const counts = new Uint16Array(LONGEST + 1);
  for (const length of lengths) counts[length] = (counts[length] as number) + 1;
  const codes = new Uint16Array(LONGEST + 1);
  let bits = 0;
  let space = 1;
  for (let length = 1, code = 0; length <= LONGEST; length++) {
    const count = counts[length] as number;
    codes[length] = code;
    code = (code + count) << 1;
    space = 2 * space - count;
    if (space < 0) throw new Refusal(failure.CODE_LENGTHS);
    if (count > 0) bits = length;
  }
  if (space > 0 && (bits > 1 || !mayBeIncomplete)) throw new Refusal(failure.CODE_LENGTHS);
  const entries = new Uint16Array(1 << bits);
  for (const [symbol, length] of lengths.entries()) {
    if (length === 0) continue;
    const code = codes[length] as number;
    codes[length] = code + 1;
    for (let i = reversed(code, length); i < entries.length; i += 1 << length) {
      entries[i] = (symbol << LENGTH_BITS) | length;
    }
  }
  return { entries, bits };
}

function reversed(code: number, length: number): number {
  let bits = 0;
  for (let i = 0; i < length; i++) bits |= ((code >> i) & 1) << (length - 1 - i);
  return bits;
}

function bases(extra: Uint8Array, first: number): Uint16Array {
  let base = first;
  return Uint16Array.from(extra, (bits) => {
    const own = base;
    base += 1 << bits;
    return own;
  });
}

/** Tells why the next bits are no symbol: no code begins with them, or the code goes on past the end of the stream. */
function refusal(length: number): Refusal {
  return new Refusal(length === 0 ? failure.CODE : failure.CUT_SHORT);
}
