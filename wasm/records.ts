const NEWLINE: u8 = 10;
/** Up to this length py2 writes the length of a string in one byte. */
const LONGEST_SHORT: u32 = 255;
/** Bytes of a pickle of such a string that may be read, and more. */
const MOST_READ: usize = 352;
const SHORT_STRING: u8 = 0x55; // U
const LONG_STRING: u8 = 0x54; // T
const TEXT: u8 = 0x58; // X
const GLOBAL: u8 = 0x63; // c
const MARK: u8 = 0x28; // (
const EMPTY_TUPLE: u8 = 0x29; // )
const TUPLE: u8 = 0x74; // t
const REDUCE: u8 = 0x52; // R
const STOP: u8 = 0x2e; // .
const PUT: u8 = 0x70; // p
const BINARY_PUT: u8 = 0x71; // q
const LONG_BINARY_PUT: u8 = 0x72; // r

/** `q 01 .` */
const MEMO_AND_STOP: u32 = 0x2e0171;
/** `q 01 . U` */
const MEMO_AND_NEXT: u32 = 0x552e0171;
/** `q 00 ( X` */
const PY3_CALL: u32 = 0x58280071;
/** `q 01 X 06 00 00 00 l a t i n 1 q 02 t q 03 R q 04 .`, in three parts */
const PY3_TAIL_A: u64 = 0x6c00000006580171;
const PY3_TAIL_B: u64 = 0x740271316e697461;
const PY3_TAIL_C: u32 = 0x71520371;
const PY3_TAIL_D: u16 = 0x2e04;
const PY3_EXTRA: u32 = 46;
/** `X 06 00 00 00 l a t` and `t i n 1` */
const LATIN1_A: u64 = 0x74616c0000000658;
const LATIN1_B: u32 = 0x316e6974;

/** Bytes of the text that {@link pickleLines} used. */
export let consumed: usize = 0;
/** Records that it wrote. */
export let records: u32 = 0;
/** The size of the pickle that was too large, or 0. */
export let tooLarge: u32 = 0;
/** Where the pickles begin that {@link findByteStrings} leaves. */
export let rest: usize = 0;

// @ts-ignore: decorator
@inline
function encodeCall(): v128 {
  return i8x16(0x63, 0x5f, 0x63, 0x6f, 0x64, 0x65, 0x63, 0x73, 0x0a, 0x65, 0x6e, 0x63, 0x6f, 0x64, 0x65, 0x0a);
}

/**
 * Splits text at newlines, and pickles each line as a byte string.
 *
 * @param text The text, with SLACK bytes after it.
 * @param last Whether what follows the last newline is a line too.
 * @param py3 Whether to write what Python 3 reads as bytes.
 * @param limit Stop once there are more bytes of pickles than this.
 * @param to Where the pickles go; SLACK bytes more than they need.
 * @returns The size of the pickles.
 */
export function pickleLines(text: usize, size: usize, last: bool, py3: bool, limit: u32, most: u32, to: usize): usize {
  const end = text + size;
  const begin = to;
  let line = text;
  records = 0;
  tooLarge = 0;
  while (line < end && to - begin <= limit) {
    let next = line;
    let newlines = 0;
    let high = 0;
    do {
      const bytes = v128.load(next);
      newlines = i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(NEWLINE)));
      next += 16;
    } while (!newlines && next < end);
    next = newlines ? next - 15 + ctz(newlines) : end;
    if (next > end || !newlines) {
      if (!last) break;
      next = end;
    }
    const length = <u32>(next - line);
    const pickled = py3
      ? length + countHigh(line, next) + PY3_EXTRA
      : length + (length < 2 ? 3 : length <= LONGEST_SHORT ? 5 : 8);
    if (pickled > most) {
      tooLarge = pickled;
      break;
    }
    writePickle(line, next, py3, to, pickled);
    to += pickled;
    line = next;
    records++;
  }
  consumed = line - text;
  return to - begin;
}

// @ts-ignore: decorator
@inline
function writePickle(line: usize, end: usize, py3: bool, to: usize, pickled: u32): void {
  const length = <u32>(end - line);
  let size = length;
  if (py3) {
    size = pickled - PY3_EXTRA;
    v128.store(to, encodeCall());
    store<u32>(to, PY3_CALL, 16);
    store<u32>(to, size, 20);
    to += 24;
  } else if (length <= LONGEST_SHORT) {
    store<u16>(to, <u16>SHORT_STRING | (<u16>length << 8));
    to += 2;
  } else {
    store<u8>(to, LONG_STRING);
    store<u32>(to, length, 1);
    to += 5;
  }
  if (size == length) {
    // In steps of 16 bytes, past the end.
    for (let i: usize = 0; i < length; i += 16) v128.store(to + i, v128.load(line + i));
  } else {
    let out = to;
    for (; line < end; line++) {
      const byte: u32 = load<u8>(line);
      if (byte < 0x80) store<u8>(out++, byte);
      else {
        store<u16>(out, (0xc0 | (byte >>> 6)) | ((0x80 | (byte & 0x3f)) << 8));
        out += 2;
      }
    }
  }
  to += size;
  if (py3) {
    store<u64>(to, PY3_TAIL_A);
    store<u64>(to, PY3_TAIL_B, 8);
    store<u32>(to, PY3_TAIL_C, 16);
    store<u16>(to, PY3_TAIL_D, 20);
  } else store<u32>(to, length > 1 ? MEMO_AND_STOP : <u32>STOP);
}

/** How many bytes are not ASCII. */
function countHigh(from: usize, to: usize): u32 {
  let count: u32 = 0;
  for (; from + 16 <= to; from += 16) count += popcnt(i8x16.bitmask(v128.load(from)));
  if (from < to) count += popcnt(i8x16.bitmask(v128.load(from)) & ((1 << <u32>(to - from)) - 1));
  return count;
}

/**
 * Copies the strings of the leading pickles that are byte strings, of either dialect, one right after the other; those of py3 are decoded in place first.
 *
 * @param data The pickles, with SLACK bytes after them that may hold anything.
 * @param to Where the strings go, at most `size` bytes; up to 95 bytes after them are overwritten. It may be 96 bytes before the data, or farther.
 * @param offsets Where the end of each string goes, relative to `to`, as a u32; a 0 goes before them.
 * @returns How many there are.
 */
export function findByteStrings(data: usize, size: usize, to: usize, offsets: usize): u32 {
  const end = data + size;
  let offset = offsets;
  let out = to;
  // Up to here all that is read of a short string is within the data.
  const last = size > MOST_READ ? end - MOST_READ : data;
  store<u32>(offset, 0);
  let p = data;
  // What is around a short string. As a constant it would be added after the length that is waited for, and not meanwhile: a sixth of the time.
  const around = select<usize>(5, 0, size != 0);
  while (p < end) {
    // Almost all pickles of lines are like this: few checks, none of them for the end. Each check of what ends a pickle sees the opcode of the next
    // one, so that nothing but a length is waited for.
    if (load<u8>(p) == SHORT_STRING) {
      while (p < last) {
        const length: usize = load<u8>(p, 1);
        const memo = p + length;
        const next = p + around;
        if (load<u32>(memo, 2) != MEMO_AND_NEXT) break;
        v128.store(out, v128.load(p, 2));
        // How many steps of 16 a line takes is a guess, and mostly a wrong one: more are cheaper.
        if (length > 16) {
          v128.store(out, v128.load(p, 18), 16);
          v128.store(out, v128.load(p, 34), 32);
          for (let i: usize = 48; i < length; i += 96) {
            const from = p + i;
            const at = out + i;
            v128.store(at, v128.load(from, 2));
            v128.store(at, v128.load(from, 18), 16);
            v128.store(at, v128.load(from, 34), 32);
            v128.store(at, v128.load(from, 50), 48);
            v128.store(at, v128.load(from, 66), 64);
            v128.store(at, v128.load(from, 82), 80);
          }
        }
        out += length;
        offset += 4;
        store<u32>(offset, out - to);
        p = next + length;
      }
    }
    if (p >= end) break;
    const opcode = load<u8>(p);
    let start: usize = 0;
    let stringEnd: usize = 0;
    let next: usize = 0;
    let encoded = false;
    if (opcode == SHORT_STRING) {
      start = p + 2;
      stringEnd = start + load<u8>(p, 1);
      if (stringEnd > end) break;
      next = afterBoth(stringEnd, end, STOP);
    } else if (opcode == LONG_STRING) {
      start = p + 5;
      stringEnd = afterString(start, end);
      next = afterBoth(stringEnd, end, STOP);
    } else if (opcode == GLOBAL) {
      if (i8x16.all_true(i8x16.eq(v128.load(p), encodeCall()))) {
        encoded = true;
        start = after(afterBoth(p + 16, end, MARK), TEXT) + 4;
        stringEnd = afterString(start, end);
        next = afterMemo(stringEnd, end);
        // At address 0 nothing of it is.
        next = load<u64>(next) == LATIN1_A && load<u32>(next, 7) == LATIN1_B ? afterBoth(next + 11, end, TUPLE) : 0;
      } else if (emptyBytes(p)) {
        start = p;
        stringEnd = p;
        next = afterBoth(p + 19, end, EMPTY_TUPLE);
      }
      next = afterBoth(afterBoth(next, end, REDUCE), end, STOP);
    }
    if (!next || next > end) break;
    if (encoded) stringEnd = decodeLatin1(start, stringEnd);
    if (!stringEnd) break;
    const length = stringEnd - start;
    // In steps of 16 bytes, past the end.
    for (let i: usize = 0; i < length; i += 16) v128.store(out + i, v128.load(start + i));
    out += length;
    offset += 4;
    store<u32>(offset, out - to);
    p = next;
  }
  rest = p - data;
  return (offset - offsets) >>> 2;
}

// A place is 0 once something was not as expected.

/** The place after an opcode. */
// @ts-ignore: decorator
@inline
function after(p: usize, opcode: u8): usize {
  return p && load<u8>(p) == opcode ? p + 1 : 0;
}

/** The place after an opcode that stores a value in the memo, where there is one. */
function afterMemo(p: usize, end: usize): usize {
  if (!p) return 0;
  const opcode = load<u8>(p);
  if (opcode == BINARY_PUT) return p + 2;
  if (opcode == LONG_BINARY_PUT) return p + 5;
  if (opcode != PUT) return p;
  const digits = p + 1;
  for (p = digits; p < end && <u32>load<u8>(p) - 48 < 10; p++);
  return p > digits ? after(p, NEWLINE) : 0;
}

/** The place after an opcode, and the one before it that stores a value in the memo, where there is one. */
function afterBoth(p: usize, end: usize, opcode: u8): usize {
  return after(afterMemo(p, end), opcode);
}

/** The place after a string at `start`, its length in the four bytes before. */
// @ts-ignore: decorator
@inline
function afterString(start: usize, end: usize): usize {
  if (start <= 4 || start > end) return 0;
  const length = load<u32>(start - 4);
  return length <= <u32>(end - start) ? start + length : 0;
}

/** Whether this is `c__builtin__\nbytes\n`. */
function emptyBytes(p: usize): bool {
  const begin = i8x16(0x63, 0x5f, 0x5f, 0x62, 0x75, 0x69, 0x6c, 0x74, 0x69, 0x6e, 0x5f, 0x5f, 0x0a, 0x62, 0x79, 0x74);
  return i8x16.all_true(i8x16.eq(v128.load(p), begin)) && load<u32>(p, 15) == 0x0a736574;
}

/** Turns UTF-8 of Latin-1 characters into their codes, in place. Returns their end, or 0, with nothing changed, if it is not. */
function decodeLatin1(start: usize, end: usize): usize {
  if (!countHigh(start, end)) return end;
  for (let p = start; p < end; p++) {
    const byte = load<u8>(p);
    if (byte < 0x80) continue;
    if ((byte & 0xfe) != 0xc2 || ++p == end || (load<u8>(p) & 0xc0) != 0x80) return 0;
  }
  let to = start;
  for (let p = start; p < end; p++) {
    const byte = load<u8>(p);
    store<u8>(to++, byte < 0x80 ? byte : (byte << 6) | (load<u8>(++p) & 0x3f));
  }
  return to;
}
