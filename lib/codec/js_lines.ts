import type { Dialect, PickledLines, PickleLinesOptions } from "./engine.ts";

const NEWLINE = 10;
/** Bytes that a short (`U`), a long (`T`) and a py3 pickle add to those of its line, the one-byte `U` without memo aside. */
const SHORT_EXTRA = 5;
const LONG_EXTRA = 8;
const PY3_EXTRA = 46;
/** From this length on py2 writes `T` with a length of four bytes. */
const LONG = 256;

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const PY3_HEAD = latin1("c_codecs\nencode\nq\x00(X");
const PY3_TAIL = latin1("q\x01X\x06\x00\x00\x00latin1q\x02tq\x03Rq\x04.");

/** Splits text and pickles its lines in plain JavaScript, into one buffer that grows and is used again. */
export class LinePickler {
  #out = new Uint8Array(1 << 16);

  /**
   * Pickles lines, as {@linkcode Engine.pickleLines} says.
   *
   * @param text The bytes; the first one starts a line.
   * @param start Where in `text` to begin.
   * @param options Dialect and limits.
   * @returns The pickles and what was used of the text.
   */
  pickle(text: Uint8Array, start: number, options: PickleLinesOptions): PickledLines {
    const { dialect, limit, maxRecordSize, last } = options;
    let at = start;
    let records = 0;
    let size = 0;
    let tooLarge = 0;
    while (at < text.length && size <= limit) {
      const newline = text.indexOf(NEWLINE, at);
      if (newline < 0 && !last) break;
      const end = newline < 0 ? text.length : newline + 1;
      const pickledSize = sizeOf(text, at, end, dialect);
      if (pickledSize > maxRecordSize) {
        tooLarge = pickledSize;
        break;
      }
      this.#reserve(size, size + pickledSize);
      if (dialect === "py2") writePy2(this.#out, size, text, at, end);
      else writePy3(this.#out, size, text, at, end, pickledSize);
      size += pickledSize;
      at = end;
      records++;
    }
    return { pickled: this.#out.subarray(0, size), consumed: at - start, records, tooLarge };
  }

  #reserve(used: number, capacity: number): void {
    if (capacity <= this.#out.length) return;
    const out = new Uint8Array(Math.max(capacity, 2 * this.#out.length));
    out.set(this.#out.subarray(0, used));
    this.#out = out;
  }
}

function sizeOf(text: Uint8Array, start: number, end: number, dialect: Dialect): number {
  const length = end - start;
  if (dialect === "py2") return length + (length < 2 ? 3 : length < LONG ? SHORT_EXTRA : LONG_EXTRA);
  let high = 0;
  for (let i = start; i < end; i++) high += (text[i] as number) >> 7;
  return length + high + PY3_EXTRA;
}

/** `U` or `T`, length, data, memo, stop. */
function writePy2(out: Uint8Array, to: number, text: Uint8Array, start: number, end: number): void {
  const length = end - start;
  if (length < LONG) {
    out[to++] = 0x55;
    out[to++] = length;
  } else {
    out[to++] = 0x54;
    to = writeLength(out, to, length);
  }
  to = copy(out, to, text, start, end);
  if (length > 1) {
    out[to++] = 0x71;
    out[to++] = 1;
  }
  out[to] = 0x2e;
}

/** Writes a call of `_codecs.encode` with the bytes as UTF-8 of the Latin-1 characters of the same codes. */
function writePy3(out: Uint8Array, to: number, text: Uint8Array, start: number, end: number, size: number): void {
  const tail = to + size - PY3_TAIL.length;
  out.set(PY3_HEAD, to);
  to = writeLength(out, to + PY3_HEAD.length, size - PY3_EXTRA);
  if (tail - to === end - start) copy(out, to, text, start, end);
  else {
    for (let i = start; i < end; i++) {
      const byte = text[i] as number;
      if (byte < 0x80) out[to++] = byte;
      else {
        out[to++] = 0xc0 | (byte >> 6);
        out[to++] = 0x80 | (byte & 0x3f);
      }
    }
  }
  out.set(PY3_TAIL, tail);
}

function writeLength(out: Uint8Array, to: number, length: number): number {
  out[to] = length;
  out[to + 1] = length >> 8;
  out[to + 2] = length >> 16;
  out[to + 3] = length >> 24;
  return to + 4;
}

/** Copies bytes; a loop is quicker than a view and a call for lines of usual length. */
function copy(out: Uint8Array, to: number, text: Uint8Array, start: number, end: number): number {
  if (end - start < 128) { for (let i = start; i < end; i++) out[to++] = text[i] as number; }
  else {
    out.set(text.subarray(start, end), to);
    to += end - start;
  }
  return to;
}
