// What runs in a worker thread. scripts/codec/build_worker.ts makes one script of it, as text: worker_source.ts.
import type { DecodedHunk, Level, StoredHunk } from "./engine.ts";
import { release } from "../runtime/release.ts";
import { decodeHunk, encodeHunk, type Refused } from "./wasm_hunks.ts";
import { type Crc32, WasmMemory } from "./wasm_memory.ts";

/** A hunk that a worker thread makes or reads back; the memory of its bytes moves to the thread. */
export type Task =
  | { readonly bytes: Uint8Array<ArrayBuffer>; readonly compress: boolean; readonly level: Level }
  | { readonly bytes: Uint8Array<ArrayBuffer>; readonly hunk: StoredHunk };

/** A hunk that a worker thread made. */
export interface EncodedHunk {
  /** The hunk. */
  readonly hunk: Uint8Array<ArrayBuffer>;
  /** The memory that came with the task. */
  readonly memory: ArrayBuffer;
}

/** The result of a task: the hunk that was made, the records of the hunk that was read, or the reason why there is neither. */
export type TaskResult = EncodedHunk | DecodedHunk | Refused | Error;

interface Port {
  /** The runtime's own CRC-32, where that is the quicker one. */
  readonly crc32?: Crc32;
  onmessage: ((event: { data: Task | WebAssembly.Module }) => void) | null;
  postMessage(message: TaskResult | "ready", transfer?: ArrayBuffer[]): void;
}

const port = globalThis as unknown as Port;
let codec: WasmMemory;

port.onmessage = ({ data }) => {
  if (!("bytes" in data)) {
    codec = new WasmMemory(data, port.crc32);
    port.postMessage("ready");
    return;
  }
  const memory = data.bytes.buffer;
  try {
    if ("hunk" in data) {
      const decoded = decodeHunk(codec, data.bytes, data.hunk);
      // Hardly anything on the heap of a worker wakes its collector.
      release(memory);
      port.postMessage(decoded, "bytes" in decoded ? [decoded.bytes.buffer, decoded.offsets.buffer] : []);
    } else {
      const hunk = encodeHunk(codec, data.bytes, data.compress, data.level);
      port.postMessage({ hunk, memory }, [hunk.buffer, memory]);
    }
  } catch (error) {
    port.postMessage(error as Error);
  }
};
