import { DiscoError } from "../../errors.ts";
import * as op from "./opcodes.ts";
import { encodeUtf8, UTF8_BYTES_PER_CODE } from "./text.ts";

/** The longest string that Python reads: its length is a signed number of 32 bits. */
const MAX_LENGTH = 0x7fffffff;

/** Writes opcodes and their arguments into memory that grows and is used again. */
export class PickleWriter {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  /** Begins a new pickle. */
  clear(): void {
    this.#at = 0;
  }

  /** Gives the bytes that were written: a view that is overwritten after {@linkcode clear}. */
  written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#at);
  }

  /** Writes a byte, which most often is an opcode. */
  byte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = byte;
  }

  /** Writes ASCII text. */
  text(text: string): void {
    this.#reserve(text.length);
    for (let i = 0; i < text.length; i++) this.#bytes[this.#at++] = text.charCodeAt(i);
  }

  /** Writes an integer of up to 32 bits. */
  int32(value: number): void {
    if (value >= 0 && value <= 0xff) {
      this.byte(op.BININT1);
      this.byte(value);
    } else if (value >= 0 && value <= 0xffff) {
      this.byte(op.BININT2);
      this.byte(value & 0xff);
      this.byte(value >> 8);
    } else {
      this.byte(op.BININT);
      this.#uint32(value);
    }
  }

  /** Writes a float. */
  float(value: number): void {
    this.byte(op.BINFLOAT);
    this.#reserve(8);
    this.#view.setFloat64(this.#at, value);
    this.#at += 8;
  }

  /** Writes text as UTF-8. */
  unicode(text: string): void {
    this.byte(op.BINUNICODE);
    this.#reserve(4 + UTF8_BYTES_PER_CODE * text.length);
    const length = encodeUtf8(text, this.#bytes.subarray(this.#at + 4));
    checkLength(length);
    this.#uint32(length);
    this.#at += length;
  }

  /** Writes a Python 2 string. */
  string(bytes: Uint8Array): void {
    checkLength(bytes.length);
    if (bytes.length < 256) {
      this.byte(op.SHORT_BINSTRING);
      this.byte(bytes.length);
    } else {
      this.byte(op.BINSTRING);
      this.#uint32(bytes.length);
    }
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** Writes that the value before goes into the memo. */
  put(index: number): void {
    this.#index(op.BINPUT, op.LONG_BINPUT, index);
  }

  /** Writes a value that is in the memo. */
  get(index: number): void {
    this.#index(op.BINGET, op.LONG_BINGET, index);
  }

  #index(short: number, long: number, index: number): void {
    if (index < 256) {
      this.byte(short);
      this.byte(index);
    } else {
      this.byte(long);
      this.#uint32(index);
    }
  }

  #uint32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
  }

  #reserve(length: number): void {
    if (this.#at + length <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#at + length));
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

function checkLength(length: number): void {
  if (length > MAX_LENGTH) {
    throw new DiscoError(`A string of ${length} bytes cannot be pickled: the most is ${MAX_LENGTH}`, {
      code: "invalid-argument",
    });
  }
}
