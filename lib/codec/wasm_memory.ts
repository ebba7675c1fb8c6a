const PAGE = 65536;
/** Memory above this is given back, by a new instance: WebAssembly's can only grow. */
const KEPT_MEMORY = 64 << 20;

/** A global of the module. */
interface Variable {
  readonly value: number;
}

/** The exports of the module that is made from wasm/codec.ts. Sizes and addresses come back as signed numbers. */
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
  deflate(data: number, size: number, to: number, level: number): number;
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
  findByteStrings(data: number, size: number, to: number, offsets: number): number;
  findText(data: number, size: number, offsets: number, text: number, length: number, to: number): number;
}

/** Computes a CRC-32, continuing from a seed. */
export type Crc32 = (bytes: Uint8Array, seed: number) => number;

/** An instance of the codec and its memory, which holds the input and the output of one call at a time, and is used again by the next. */
export class WasmMemory {
  // Fields are only declared: the constructor sets them.
  /** The compiled codec. */
  declare readonly module: WebAssembly.Module;
  /** Its functions. */
  declare wasm: CodecExports;
  /** All of its memory; another view after it grew. */
  declare bytes: Uint8Array<ArrayBuffer>;
  /** The address at which inputs begin. */
  declare readonly heap: number;
  /** Zeros that each input needs after it. */
  declare readonly slack: number;
  readonly #crc32: Crc32 | undefined;

  /**
   * Instantiates the codec.
   *
   * @param module The compiled `codec.wasm`.
   * @param crc32 The host's own CRC-32, where that is quicker.
   * @throws {Error} If the host has no memory for it, or it is another module.
   */
  constructor(module: WebAssembly.Module, crc32?: Crc32) {
    this.module = module;
    this.#crc32 = crc32;
    this.wasm = instance(module);
    this.heap = this.wasm.heap.value;
    this.slack = this.wasm.slack.value;
    this.bytes = new Uint8Array(this.wasm.memory.buffer);
  }

  /**
   * Puts an input at the beginning of the heap, zeros after it.
   *
   * @param input The bytes; they may be in this memory.
   * @param more How many bytes are wanted after them.
   * @returns Where as many bytes are free.
   * @throws {RangeError} If the host has no memory for them.
   */
  load(input: Uint8Array, more: number): number {
    const { length, byteOffset } = input;
    // What pickleLines() returned is there already, and is lost to the outside as memory grows.
    const isOwn = input.buffer === this.bytes.buffer;
    const end = this.heap + length;
    const free = this.after(end);
    this.reserve(free + more + this.slack);
    if (!isOwn) this.bytes.set(input, this.heap);
    else if (byteOffset !== this.heap) this.bytes.copyWithin(this.heap, byteOffset, byteOffset + length);
    this.bytes.fill(0, end, free);
    return free;
  }

  /** Copies bytes out. Of all ways only this one does not fill the new memory with zeros first, which is a third of the time of `slice()`. */
  copy(from: number, to: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.bytes.subarray(from, to));
  }

  /** Computes the CRC-32 of `size` bytes at `from`. */
  crc32(from: number, size: number): number {
    return this.#crc32?.(this.bytes.subarray(from, from + size), 0) ?? this.wasm.crc32(from, size, 0) >>> 0;
  }

  /** Gives the first address for an output after an input that ends at `end`. */
  after(end: number): number {
    return Math.ceil((end + this.slack) / 16) * 16;
  }

  /** Makes memory reach to an address; throws a RangeError if the host has no more. */
  reserve(end: number): void {
    const missing = end - this.bytes.length;
    if (missing > 0) this.wasm.memory.grow(Math.ceil(missing / PAGE));
    this.refresh();
  }

  /** Sees all of the memory again after it may have grown. */
  refresh(): void {
    const { buffer } = this.wasm.memory;
    if (this.bytes.buffer !== buffer) this.bytes = new Uint8Array(buffer);
  }

  /** Ends a call: gives back memory that only a rare input needs. */
  trim(): void {
    if (this.wasm.memory.buffer.byteLength <= KEPT_MEMORY) return;
    this.wasm = instance(this.module);
    this.refresh();
  }
}

function instance(module: WebAssembly.Module): CodecExports {
  const exports = new WebAssembly.Instance(module).exports as unknown as CodecExports;
  if (typeof exports.findText !== "function") throw new TypeError("it is another module");
  return exports;
}
