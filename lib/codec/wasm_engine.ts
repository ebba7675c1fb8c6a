import { DiscoError } from "../errors.ts";
import { nativeCrc32 } from "../runtime/host.ts";
import type {
  DecodedHunk,
  DeflateOptions,
  Engine,
  Level,
  PickledLines,
  PickleLinesOptions,
  SearchedRecords,
  StoredHunk,
} from "./engine.ts";
import { levelOf } from "./level.ts";
import { DEFAULT_MAX_SIZE } from "./limits.ts";
import { noMemory, refusal } from "./refusal.ts";
import { decodeHunk, encodeHunk, inflateIn, type Refused } from "./wasm_hunks.ts";
import { WasmMemory } from "./wasm_memory.ts";

const NEWLINE = 10;
/** The most bytes that a pickle of either dialect adds to its line, when no byte of the line takes two. */
const PICKLE_EXTRA = 46;

/** The engine in WebAssembly, made from wasm/. */
export class WasmEngine implements Engine {
  /** Which engine this is. */
  readonly name = "wasm";
  readonly #crc32 = nativeCrc32();
  readonly #memory: WasmMemory;

  /**
   * Instantiates the codec.
   *
   * @param module The compiled `codec.wasm`.
   * @throws {DiscoError} If it is another module, or has no memory (code `unsupported`).
   */
  constructor(module: WebAssembly.Module) {
    try {
      this.#memory = new WasmMemory(module, this.#crc32);
    } catch (cause) {
      throw new DiscoError(`The WebAssembly codec does not start: ${cause}; give the codec.wasm of this version`, {
        code: "unsupported",
        cause,
      });
    }
  }

  /** Gives the compiled codec, to start it in another thread. */
  get module(): WebAssembly.Module {
    return this.#memory.module;
  }

  deflate(bytes: Uint8Array, options: DeflateOptions = {}): Uint8Array<ArrayBuffer> {
    const level = levelOf(options);
    return this.#run((memory) => {
      const { wasm, heap } = memory;
      const to = memory.load(bytes, wasm.deflateBound(bytes.length) >>> 0);
      return memory.copy(to, to + (wasm.deflate(heap, bytes.length, to, level) >>> 0));
    });
  }

  inflate(bytes: Uint8Array, size: number = DEFAULT_MAX_SIZE): Uint8Array<ArrayBuffer> {
    return this.#run((memory) => {
      const { failure, from, size: inflated } = inflateIn(memory, bytes, size);
      if (failure !== 0) throw refusal({ failure, crc32: 0 }, { maxSize: size, crc32: 0 });
      return memory.copy(from, from + inflated);
    });
  }

  crc32(bytes: Uint8Array, seed = 0): number {
    return this.#crc32?.(bytes, seed) ?? this.#run((memory) => {
      memory.load(bytes, 0);
      return memory.wasm.crc32(memory.heap, bytes.length, seed) >>> 0;
    });
  }

  pickleLines(text: Uint8Array, start: number, options: PickleLinesOptions): PickledLines {
    const { dialect, maxRecordSize } = options;
    if (options.limit < 0) return { pickled: new Uint8Array(0), consumed: 0, records: 0, tooLarge: 0 };
    // Each pickle is larger than its line: what these lines make exceeds the limit, or they are all there are.
    const newline = start + options.limit < text.length ? text.indexOf(NEWLINE, start + options.limit) : -1;
    const lines = text.subarray(start, newline < 0 ? text.length : newline + 1);
    const largest = Math.min(maxRecordSize, 2 * lines.length + PICKLE_EXTRA);
    const limit = Math.min(options.limit, (PICKLE_EXTRA + 2) * lines.length);
    const memory = this.#memory;
    const { wasm, heap, slack } = memory;
    const from = heap + limit + largest + slack;
    enough(() => memory.reserve(from + lines.length + slack));
    memory.bytes.set(lines, from);
    const isLast = Number(options.last && newline < 0);
    const size = wasm.pickleLines(from, lines.length, isLast, Number(dialect === "py3"), limit, largest, heap) >>> 0;
    return {
      pickled: memory.bytes.subarray(heap, heap + size),
      consumed: wasm.consumed.value >>> 0,
      records: wasm.records.value >>> 0,
      tooLarge: wasm.tooLarge.value >>> 0,
    };
  }

  encodeHunk(pickled: Uint8Array, compress: boolean, level: Level = 1): Uint8Array<ArrayBuffer> {
    return enough(() => encodeHunk(this.#memory, pickled, compress, level));
  }

  decodeHunk(stored: Uint8Array, hunk: StoredHunk): DecodedHunk {
    return accepted(enough(() => decodeHunk(this.#memory, stored, hunk)), hunk);
  }

  findText({ bytes, offsets }: SearchedRecords, text: Uint8Array): Uint32Array<ArrayBuffer> {
    return this.#run((memory) => {
      const { wasm, heap } = memory;
      const size = bytes.length;
      const textAt = memory.after(heap + size);
      const offsetsAt = memory.after(textAt + text.length);
      const to = memory.after(offsetsAt + offsets.byteLength);
      memory.load(bytes, to + offsets.byteLength - heap);
      memory.bytes.set(text, textAt);
      memory.bytes.set(new Uint8Array(offsets.buffer, offsets.byteOffset, offsets.byteLength), offsetsAt);
      const count = wasm.findText(heap, size, offsetsAt, textAt, text.length, to) >>> 0;
      return new Uint32Array(memory.copy(to, to + 4 * count).buffer);
    });
  }

  #run<T>(call: (memory: WasmMemory) => T): T {
    try {
      return enough(() => call(this.#memory));
    } finally {
      this.#memory.trim();
    }
  }
}

/**
 * Gives the records of a hunk that a thread or an instance has decoded.
 *
 * @param decoded What it gave.
 * @param hunk What the hunk's header says.
 * @returns The same.
 * @throws {DiscoError} If the data was refused (code `corrupt-hunk`; `unsupported` if there was no memory for it).
 */
export function accepted(decoded: DecodedHunk | Refused, hunk: StoredHunk): DecodedHunk {
  if ("failure" in decoded) throw refusal(decoded, hunk);
  return decoded;
}

/** Makes a call, and says what it means when the host refuses it. */
function enough<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw failed(error);
  }
}

/**
 * Tells what it means that a call of the codec failed: in this thread or another one, the host had no memory for it.
 *
 * @param error What was thrown.
 * @returns An error with code `unsupported` for that; else the same.
 */
export function failed(error: unknown): unknown {
  return error instanceof RangeError ? noMemory(error) : error;
}
