import type { DiscoError } from "../../errors.ts";
import { decodeLatin1 } from "./text.ts";

const NEWLINE = 10;
/** The longest line with a number or a name: parsing digits takes more than proportional time. */
const MAX_LINE = 1 << 14;
/** Bytes of the longest binary integer, about as many as those digits need. */
const MAX_LONG = 1 << 13;
const DECIMAL = /^[+-]?\d+$/;
const FLOAT = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const NOT_FINITE: Readonly<Record<string, number>> = {
  inf: Infinity,
  "-inf": -Infinity,
  nan: NaN,
  "-nan": NaN,
};

/** Reads the arguments of opcodes; every length is checked against what is there before memory is taken. */
export class PickleReader {
  /** The position of the next byte. */
  at = 0;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView<ArrayBuffer>;
  readonly #error: (problem: string) => DiscoError;

  /**
   * Makes a reader.
   *
   * @param bytes What is read.
   * @param error Makes the error for a problem.
   */
  constructor(bytes: Uint8Array<ArrayBuffer>, error: (problem: string) => DiscoError) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#error = error;
  }

  /** Reads a byte. */
  byte(): number {
    const byte = this.#bytes[this.at];
    if (byte === undefined) throw this.#error("the pickle is cut short");
    this.at++;
    return byte;
  }

  /** Reads two bytes, little-endian. */
  uint16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  /** Reads four bytes, little-endian. */
  uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** Reads eight bytes, big-endian. */
  float64(): number {
    return this.#view.getFloat64(this.#take(8));
  }

  /** Reads so many bytes, as a view. */
  bytes(length: number): Uint8Array<ArrayBuffer> {
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** Reads a two's complement number of so many bytes, little-endian. */
  long(length: number): number | bigint {
    if (length > MAX_LONG) {
      throw this.#error(`its integer of ${length} bytes is longer than ${MAX_LONG}, the most that is read`);
    }
    const digits = this.bytes(length);
    if (length === 0) return 0;
    let hex = "0x";
    for (let i = length - 1; i >= 0; i--) hex += (digits[i] ?? 0).toString(16).padStart(2, "0");
    return shortest(BigInt.asIntN(8 * length, BigInt(hex)));
  }

  /** Reads up to the next newline, as a view without it. */
  line(): Uint8Array<ArrayBuffer> {
    const end = this.#bytes.indexOf(NEWLINE, this.at);
    if (end < 0) throw this.#error("the pickle is cut short");
    const line = this.#bytes.subarray(this.at, end);
    this.at = end + 1;
    return line;
  }

  /** Reads a line as text. */
  textLine(): string {
    const line = this.line();
    if (line.length > MAX_LINE) {
      throw this.#error(`its line of ${line.length} bytes is longer than ${MAX_LINE}, the most that is read`);
    }
    return decodeLatin1(line);
  }

  /** Reads a line with the index of a memo. */
  index(): number {
    const index = this.#decimal(this.textLine());
    if (typeof index === "bigint" || index < 0) throw this.#error(`its memo has no place ${index}`);
    return index;
  }

  /** Reads a line with an integer, or with one of the two booleans, as protocols 0 and 1 write them. */
  intLine(): number | bigint | boolean {
    const line = this.textLine();
    return line === "01" ? true : line === "00" ? false : this.#decimal(line);
  }

  /** Reads a line with an integer and the letter L, which may be missing. */
  longLine(): number | bigint {
    return this.#decimal(this.textLine().replace(/L$/, ""));
  }

  /** Reads a line with a number as Python's repr writes it. */
  floatLine(): number {
    const line = this.textLine();
    const value = NOT_FINITE[line] ?? (FLOAT.test(line) ? Number(line) : undefined);
    if (value === undefined) throw this.#error(`${quoted(line)} is no number`);
    return value;
  }

  #decimal(text: string): number | bigint {
    if (!DECIMAL.test(text)) throw this.#error(`${quoted(text)} is no whole number`);
    return shortest(BigInt(text.replace("+", "")));
  }

  #take(length: number): number {
    const start = this.at;
    if (length > this.#bytes.length - start) throw this.#error("the pickle is cut short");
    this.at += length;
    return start;
  }
}

/** Gives an integer as a number if that is exact, so that the type says how large it is. */
function shortest(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text);
}
