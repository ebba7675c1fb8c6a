// What runs in a worker thread. scripts/build_worker.ts makes one script of it, as text: worker_source.ts.
import { DiscoError } from "../errors.ts";
import type { StoredHunk } from "./engine.ts";
import { release } from "./release.ts";
import { WasmEngine } from "./wasm_engine.ts";

/** A task for a worker thread; its bytes' memory goes along. */
export type Task =
  | { readonly job: "encode"; readonly bytes: Uint8Array<ArrayBuffer>; readonly compress: boolean }
  | { readonly job: "decode"; readonly bytes: Uint8Array<ArrayBuffer>; readonly hunk: StoredHunk };

/** What a worker thread answers to a task. */
export interface Answer {
  /** The hunk, or what is in it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of a decoded hunk. */
  readonly offsets: Uint32Array<ArrayBuffer>;
  /** Of a decoded hunk. */
  readonly rest: Uint8Array<ArrayBuffer>;
  /** Why the task failed. */
  readonly error?: { readonly message: string; readonly code: string };
}

interface Port {
  onmessage: ((event: { data: Task | WebAssembly.Module }) => void) | null;
  postMessage(message: unknown, transfer?: ArrayBuffer[]): void;
}

const port = globalThis as unknown as Port;
let engine: WasmEngine | undefined;

port.onmessage = ({ data }) => {
  if (!("job" in data)) {
    engine = new WasmEngine(data);
    port.postMessage("ready");
    return;
  }
  try {
    if (engine === undefined) throw new TypeError("a task came before the module");
    if (data.job === "encode") {
      const bytes = engine.encodeHunk(data.bytes, data.compress);
      port.postMessage({ bytes }, [bytes.buffer]);
    } else {
      const { bytes, offsets, rest } = engine.decodeHunk(data.bytes, data.hunk);
      const buffers = new Set([bytes.buffer, offsets.buffer, rest.buffer]);
      port.postMessage({ bytes, offsets, rest }, [...buffers]);
    }
  } catch (error) {
    const code = error instanceof DiscoError ? error.code : "unsupported";
    port.postMessage({ error: { message: error instanceof Error ? error.message : String(error), code } });
  } finally {
    // Hardly anything on the heap of a worker wakes its collector.
    release(data.bytes.buffer);
  }
};
