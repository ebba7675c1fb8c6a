import type { DecodedHunk, Level, StoredHunk } from "./engine.ts";
import { TOO_MUCH, WRONG_CRC32 } from "./failure.ts";
import { HEADER_SIZE, writeHeader } from "./hunk.ts";
import type { WasmMemory } from "./wasm_memory.ts";

// What threads do too; so an input that is not valid comes back as a value, which can be posted, and error texts are elsewhere.

/** Data that is not what its hunk's header says. */
export interface Refused {
  /** The reason: a number of failure.ts. */
  readonly failure: number;
  /** The CRC-32 of the data, where that is what is wrong. */
  readonly crc32: number;
}

/** The largest number of bytes that WebAssembly can tell. */
const LARGEST = 0xffffffff;
/**
 * Bytes by which strings are moved down in memory, at least: so their pickles are read before anything is written there. Before an output is its input, which
 * is not needed any more, and before the heap are as many bytes that nobody uses.
 */
const LAG = 96;
/** Bytes of the shortest pickle of a byte string. */
const SHORTEST_PICKLE = 3;

/** Makes a hunk, as {@linkcode Engine.encodeHunk} does. */
export function encodeHunk(
  memory: WasmMemory,
  pickled: Uint8Array,
  compress: boolean,
  level: Level,
): Uint8Array<ArrayBuffer> {
  const { length } = pickled;
  const { wasm, heap } = memory;
  const to = memory.load(pickled, compress ? HEADER_SIZE + (wasm.deflateBound(length) >>> 0) : 0);
  const crc32 = memory.crc32(heap, length);
  let hunk: Uint8Array<ArrayBuffer>;
  if (compress) {
    const size = wasm.deflate(heap, length, to + HEADER_SIZE, level) >>> 0;
    hunk = memory.copy(to, to + HEADER_SIZE + size);
  } else {
    hunk = new Uint8Array(HEADER_SIZE + length);
    hunk.set(memory.bytes.subarray(heap, heap + length), HEADER_SIZE);
  }
  writeHeader(hunk, compress, crc32);
  memory.trim();
  return hunk;
}

/** The place of the output of {@linkcode inflateIn} in memory. */
interface Inflated {
  /** 0, or a number of failure.ts: then there is no output. */
  readonly failure: number;
  /** The address at which it begins. */
  readonly from: number;
  /** Its size in bytes. */
  readonly size: number;
}

/** Inflates a zlib stream of at most `most` bytes within memory, which stays as large until {@linkcode WasmMemory.trim}. */
export function inflateIn(memory: WasmMemory, stream: Uint8Array, most: number): Inflated {
  const from = memory.load(stream, 0);
  const { wasm, heap } = memory;
  const size = wasm.inflate(heap, stream.length, from, Math.max(0, Math.min(most, LARGEST))) >>> 0;
  memory.refresh();
  return { failure: wasm.failure.value, from, size };
}

/** Reads a hunk's data back, as {@linkcode Engine.decodeHunk} does. */
export function decodeHunk(memory: WasmMemory, stored: Uint8Array, hunk: StoredHunk): DecodedHunk | Refused {
  const decoded = decodeIn(memory, stored, hunk);
  memory.trim();
  return decoded;
}

function decodeIn(
  memory: WasmMemory,
  stored: Uint8Array,
  { compressed, maxSize, ...hunk }: StoredHunk,
): DecodedHunk | Refused {
  const { wasm } = memory;
  if (!compressed) {
    if (stored.length > maxSize) return { failure: TOO_MUCH, crc32: 0 };
    memory.load(stored, 0);
  }
  const { failure, from, size } = compressed
    ? inflateIn(memory, stored, maxSize)
    : { failure: 0, from: memory.heap, size: stored.length };
  if (failure !== 0) return { failure, crc32: 0 };
  const crc32 = memory.crc32(from, size);
  if (crc32 !== hunk.crc32) return { failure: WRONG_CRC32, crc32 };
  const end = from + size;
  const to = from - LAG;
  const ends = memory.after(end);
  memory.reserve(ends + 4 * (Math.floor(size / SHORTEST_PICKLE) + 2));
  const count = wasm.findByteStrings(from, size, to, ends) >>> 0;
  const offsets = new Uint32Array(memory.copy(ends, ends + 4 * (count + 1)).buffer);
  const length = offsets[count] as number;
  const rest = memory.bytes.subarray(from + (wasm.rest.value >>> 0), end);
  if (rest.length === 0) return { bytes: memory.copy(to, to + length), offsets, rest: new Uint8Array(0) };
  const whole = new Uint8Array(length + rest.length);
  whole.set(memory.bytes.subarray(to, to + length));
  whole.set(rest, length);
  return { bytes: whole.subarray(0, length), offsets, rest: whole.subarray(length) };
}
