import { DiscoError } from "../errors.ts";
import type { DecodedHunk, Engine, PickledLines, PickleLinesOptions, StoredHunk } from "./engine.ts";
import { checkCrc32, corrupt, DEFAULT_MAX_SIZE, HEADER_SIZE, tooMuch, writeHeader } from "./hunk.ts";

const PAGE = 65536;
const NEWLINE = 10;
/** Memory above this is given back, by a new instance: WebAssembly's can only grow. */
const KEPT_MEMORY = 64 << 20;
/** What a pickle of either dialect adds to its line, at most, when no byte of it takes two. */
const PICKLE_EXTRA = 46;
/** The largest number of bytes that WebAssembly can tell. */
const LARGEST = 2 ** 32 - 1;
/** Bytes of the shortest pickle of a byte string. */
const SHORTEST_PICKLE = 3;

/** What wasm/inflate.ts names by a number. */
const FAILURES = [
  "is valid",
  "does not begin as one",
  "is cut short",
  "has a block of unknown type",
  "has a stored block whose length is wrong",
  "has code lengths that make no code",
  "has an unknown code",
  "refers to bytes before its beginning",
  "yields too much",
  "needs too much memory",
  "has a wrong Adler-32",
  "is followed by other bytes",
] as const;
const TOO_MUCH = FAILURES.indexOf("yields too much");
const NO_MEMORY = FAILURES.indexOf("needs too much memory");

/** A global of the module. */
interface Variable {
  readonly value: number;
}

/** What the module made from wasm/codec.ts exports; sizes and addresses come back signed. */
interface CodecExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly heap: Variable;
  readonly slack: Variable;
  readonly failure: Variable;
  readonly consumed: Variable;
  readonly records: Variable;
  readonly tooLarge: Variable;
  readonly rest: Variable;
  crc32(data: number, size: number, seed: number): number;
  deflateBound(size: number): number;
  deflate(data: number, size: number, to: number): number;
  inflate(data: number, size: number, to: number, most: number): number;
  pickleLines(
    text: number,
    size: number,
    last: number,
    py3: number,
    limit: number,
    most: number,
    to: number,
  ): number;
  findByteStrings(data: number, size: number, places: number): number;
}

/**
 * The engine in WebAssembly, made from wasm/.
 *
 * The memory of its instance holds the input and the output of one call at a time, and is used again by the next.
 */
export class WasmEngine implements Engine {
  /** Which engine this is. */
  readonly name = "wasm";
  /** The compiled codec, to start it elsewhere. */
  readonly module: WebAssembly.Module;
  #wasm: CodecExports;
  #heap = 0;
  #slack = 0;
  #bytes = new Uint8Array(0);

  /**
   * Instantiates the codec.
   *
   * @param module The compiled `codec.wasm`.
   * @throws {DiscoError} If it is another module, or has no memory (code `unsupported`).
   */
  constructor(module: WebAssembly.Module) {
    this.module = module;
    this.#wasm = this.#start();
  }

  deflate(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    const { length } = bytes;
    const to = this.#load(bytes, this.#wasm.deflateBound(length) >>> 0);
    const size = this.#wasm.deflate(this.#heap, length, to) >>> 0;
    const stream = this.#bytes.slice(to, to + size);
    this.#trim();
    return stream;
  }

  inflate(bytes: Uint8Array, size: number = DEFAULT_MAX_SIZE): Uint8Array<ArrayBuffer> {
    const [from, to] = this.#inflate(bytes, size);
    const inflated = this.#bytes.slice(from, to);
    this.#trim();
    return inflated;
  }

  crc32(bytes: Uint8Array, seed = 0): number {
    const { length } = bytes;
    this.#load(bytes, 0);
    const crc32 = this.#wasm.crc32(this.#heap, length, seed) >>> 0;
    this.#trim();
    return crc32;
  }

  pickleLines(text: Uint8Array, start: number, options: PickleLinesOptions): PickledLines {
    const { dialect, maxRecordSize } = options;
    if (options.limit < 0) return { pickled: new Uint8Array(0), consumed: 0, records: 0, tooLarge: 0 };
    // Each pickle is larger than its line: what these lines make exceeds the limit, or they are all there are.
    const newline = start + options.limit < text.length ? text.indexOf(NEWLINE, start + options.limit) : -1;
    const lines = text.subarray(start, newline < 0 ? text.length : newline + 1);
    const largest = Math.min(maxRecordSize, 2 * lines.length + PICKLE_EXTRA);
    const limit = Math.min(options.limit, (PICKLE_EXTRA + 2) * lines.length);
    const from = this.#heap + limit + largest + this.#slack;
    this.#reserve(from + lines.length + this.#slack);
    this.#bytes.set(lines, from);
    const size = this.#wasm.pickleLines(
      from,
      lines.length,
      Number(options.last && newline < 0),
      Number(dialect === "py3"),
      limit,
      largest,
      this.#heap,
    ) >>> 0;
    return {
      pickled: this.#bytes.subarray(this.#heap, this.#heap + size),
      consumed: this.#wasm.consumed.value >>> 0,
      records: this.#wasm.records.value >>> 0,
      tooLarge: this.#wasm.tooLarge.value >>> 0,
    };
  }

  encodeHunk(pickled: Uint8Array, compress: boolean): Uint8Array<ArrayBuffer> {
    const { length } = pickled;
    const to = this.#load(pickled, compress ? HEADER_SIZE + (this.#wasm.deflateBound(length) >>> 0) : 0);
    const crc32 = this.#wasm.crc32(this.#heap, length, 0) >>> 0;
    let hunk: Uint8Array<ArrayBuffer>;
    if (compress) {
      const size = this.#wasm.deflate(this.#heap, length, to + HEADER_SIZE) >>> 0;
      hunk = this.#bytes.slice(to, to + HEADER_SIZE + size);
    } else {
      hunk = new Uint8Array(HEADER_SIZE + length);
      hunk.set(this.#bytes.subarray(this.#heap, this.#heap + length), HEADER_SIZE);
    }
    writeHeader(hunk, compress, crc32);
    this.#trim();
    return hunk;
  }

  decodeHunk(stored: Uint8Array, hunk: StoredHunk): DecodedHunk {
    const [from, to] = hunk.compressed ? this.#inflate(stored, hunk.maxSize) : this.#copy(stored, hunk.maxSize);
    const size = to - from;
    checkCrc32(this.#wasm.crc32(from, size, 0) >>> 0, hunk.crc32);
    const places = aligned(to + this.#slack);
    this.#reserve(places + 8 * (Math.floor(size / SHORTEST_PICKLE) + 1));
    const count = this.#wasm.findByteStrings(from, size, places) >>> 0;
    const bytes = this.#bytes.slice(from, to);
    const offsets = new Uint32Array(this.#bytes.slice(places, places + 8 * count).buffer);
    const rest = bytes.subarray(this.#wasm.rest.value >>> 0);
    this.#trim();
    return { bytes, offsets, rest };
  }

  /** Inflates into memory; returns where the bytes begin and end. */
  #inflate(bytes: Uint8Array, most: number): readonly [from: number, to: number] {
    const { length } = bytes;
    const to = this.#load(bytes, 0);
    const size = this.#wasm.inflate(this.#heap, length, to, Math.max(0, Math.min(most, LARGEST))) >>> 0;
    const failure = this.#wasm.failure.value;
    if (failure !== 0) {
      this.#trim();
      if (failure === TOO_MUCH) throw tooMuch(most);
      if (failure === NO_MEMORY) throw noMemory();
      throw corrupt(`its zlib stream ${FAILURES[failure]}`);
    }
    this.#refresh();
    return [to, to + size];
  }

  /** Copies into memory what is stored as it is; returns where the bytes begin and end. */
  #copy(bytes: Uint8Array, most: number): readonly [from: number, to: number] {
    const { length } = bytes;
    if (length > most) throw tooMuch(most);
    this.#load(bytes, 0);
    return [this.#heap, this.#heap + length];
  }

  /** Puts the input at the beginning of the heap, zeros after it; returns where as many bytes as are asked for are free. */
  #load(bytes: Uint8Array, more: number): number {
    const { length, byteOffset } = bytes;
    // What pickleLines() returned is there already, and is lost to the outside as memory grows.
    const isOwn = bytes.buffer === this.#bytes.buffer;
    const end = this.#heap + length;
    const free = aligned(end + this.#slack);
    this.#reserve(free + more + this.#slack);
    if (isOwn) this.#bytes.copyWithin(this.#heap, byteOffset, byteOffset + length);
    else this.#bytes.set(bytes, this.#heap);
    this.#bytes.fill(0, end, free);
    return free;
  }

  #reserve(end: number): void {
    const missing = end - this.#bytes.length;
    if (missing <= 0) return;
    try {
      this.#wasm.memory.grow(Math.ceil(missing / PAGE));
    } catch (error) {
      throw noMemory(error);
    }
    this.#refresh();
  }

  /** Sees all of the memory again after it may have grown. */
  #refresh(): void {
    const { buffer } = this.#wasm.memory;
    if (this.#bytes.buffer !== buffer) this.#bytes = new Uint8Array(buffer);
  }

  #trim(): void {
    if (this.#wasm.memory.buffer.byteLength > KEPT_MEMORY) this.#wasm = this.#start();
  }

  #start(): CodecExports {
    let exports: CodecExports;
    try {
      exports = new WebAssembly.Instance(this.module).exports as unknown as CodecExports;
    } catch (error) {
      throw new DiscoError(`The WebAssembly codec does not start: ${error}`, { code: "unsupported", cause: error });
    }
    if (!(exports.memory instanceof WebAssembly.Memory) || typeof exports.findByteStrings !== "function") {
      throw new DiscoError("This WebAssembly module is not the codec: give the codec.wasm of this version", {
        code: "unsupported",
      });
    }
    this.#heap = exports.heap.value;
    this.#slack = exports.slack.value;
    this.#bytes = new Uint8Array(exports.memory.buffer);
    return exports;
  }
}

function aligned(address: number): number {
  return Math.ceil(address / 16) * 16;
}

function noMemory(cause?: unknown): DiscoError {
  return new DiscoError("There is not enough memory for so many bytes at a time: read or write smaller records", {
    code: "unsupported",
    ...(cause === undefined ? {} : { cause }),
  });
}
