import { BYTE_SETS_TEXT } from "./byte_sets_text.ts";
import type { SearchedRecords } from "./engine.ts";
import { wasmOf } from "./text_of_wasm.ts";

// Only what grep() imports when it is called imports this.

const PAGE = 65536;
/** Memory above this is given back: WebAssembly's can only grow. */
const KEPT_MEMORY = 64 << 20;
/** Zeros after the records. */
const SLACK = 64;
const STEPS_AT = 32;

/** The most rows' steps that a search takes. */
export const MOST_STEPS = 256;
/** Added to the number of a record that has to be tested. */
export const UNSURE = 0x80000000;

/** Rows of sets of bytes, one of which is looked for. Each byte has up to eight kinds, and a set is the bytes of some kinds. */
export interface SetSteps {
  /** The kinds by the lower half of a byte, then those by the upper one: it has those that are in both. */
  readonly kinds: Uint8Array;
  /** Pairs: the kinds of a set, and the distances from the beginning of the row at which a byte of it has to be, a bit for each. No kinds: the row ends. */
  readonly steps: readonly number[];
  /** The size of the shortest row. */
  readonly least: number;
  /** The size of the longest row, if a record of ASCII that has a row needs no test; else 0. */
  readonly most: number;
}

/** The exports of the module that is made from wasm/byte_sets.ts. */
interface SetExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly heap: { readonly value: number };
  findSets(
    data: number,
    size: number,
    offsets: number,
    steps: number,
    least: number,
    most: number,
    limit: number,
    to: number,
  ): number;
}

let module: WebAssembly.Module | undefined;
let wasm: SetExports | undefined;

/**
 * Tells whether the host can look for sets of bytes: workerd allows no WebAssembly that is compiled later.
 *
 * @returns Whether it can.
 */
export function canFindSets(): boolean {
  try {
    return instance() !== undefined;
  } catch {
    return false;
  }
}

/**
 * Finds the records that may have one of some rows of sets in them; what lies across two records is in neither.
 *
 * @param limit The most records to be tested.
 * @returns The numbers of the records, in order, to which {@linkcode UNSURE} is added if they have to be tested. Nothing if these are too many, or there is no
 * memory.
 */
export function findSets(
  { bytes, offsets }: SearchedRecords,
  { kinds, steps, least, most }: SetSteps,
  limit: number,
): Uint32Array<ArrayBuffer> | undefined {
  const { memory, heap, findSets } = instance();
  const data = heap.value;
  const offsetsAt = Math.ceil((data + bytes.length + SLACK) / 16) * 16;
  const to = offsetsAt + offsets.byteLength;
  try {
    const missing = to + offsets.byteLength - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
  } catch {
    return undefined;
  }
  const all = new Uint8Array(memory.buffer);
  all.set(kinds);
  all.set(steps, STEPS_AT);
  all.set(bytes, data);
  all.fill(0, data + bytes.length, offsetsAt);
  all.set(new Uint8Array(offsets.buffer, offsets.byteOffset, offsets.byteLength), offsetsAt);
  const count = findSets(data, bytes.length, offsetsAt, steps.length / 2, least, most, limit, to);
  const found = count < 0 ? undefined : new Uint32Array(new Uint8Array(all.subarray(to, to + 4 * count)).buffer);
  if (all.length > KEPT_MEMORY) wasm = undefined;
  return found;
}

function instance(): SetExports {
  module ??= new WebAssembly.Module(wasmOf(BYTE_SETS_TEXT));
  return wasm ??= new WebAssembly.Instance(module).exports as unknown as SetExports;
}
