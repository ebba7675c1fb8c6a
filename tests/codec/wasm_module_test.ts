import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { JsEngine } from "../../lib/codec/js_engine.ts";
import { BYTE_SETS_TEXT } from "../../lib/codec/byte_sets_text.ts";
import { WASM_TEXT } from "../../lib/codec/wasm_text.ts";
import { wasmOf } from "../../lib/codec/text_of_wasm.ts";
import { compiledCodec } from "../../lib/codec/wasm_module.ts";

const PAGE = 65_536;

interface Inflater {
  readonly memory: WebAssembly.Memory;
  readonly heap: WebAssembly.Global;
  readonly failure: WebAssembly.Global;
  inflate(data: number, size: number, to: number, most: number): number;
}

/** Gzips as the network does, where the runtime can. */
async function gzipped(bytes: Uint8Array<ArrayBuffer>): Promise<number> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).arrayBuffer()).byteLength;
}

if ("module" in compiledCodec) {
  const { module } = compiledCodec;
  describe("the WebAssembly module", () => {
    it("imports nothing", () => {
      expect(WebAssembly.Module.imports(module)).toEqual([]);
    });

    it("is at most 18,000 bytes, 8,500 gzipped", async () => {
      const bytes = wasmOf(WASM_TEXT);

      expect(bytes.length).toBeLessThanOrEqual(18_000);
      expect(await gzipped(bytes)).toBeLessThanOrEqual(8_500);
    });

    it("that looks for sets of bytes is apart: at most 1,000 bytes, 620 gzipped, without imports", async () => {
      const bytes = wasmOf(BYTE_SETS_TEXT);

      expect(WebAssembly.Module.imports(new WebAssembly.Module(bytes))).toEqual([]);
      expect(bytes.length).toBeLessThanOrEqual(1_000);
      expect(await gzipped(bytes)).toBeLessThanOrEqual(620);
    });

    it("takes no more memory for a hostile stream than it was told", () => {
      const bomb = new JsEngine().deflate(new Uint8Array(64 << 20));
      const bound = 1 << 20;
      const { memory, heap, failure, inflate } = new WebAssembly.Instance(module).exports as unknown as Inflater;
      memory.grow(Math.ceil(bomb.length / PAGE) + 1);
      new Uint8Array(memory.buffer).set(bomb, heap.value);
      const to = heap.value + bomb.length + 64;

      inflate(heap.value, bomb.length, to, bound);

      expect(failure.value).not.toBe(0);
      expect(memory.buffer.byteLength).toBeLessThanOrEqual(to + bound + 2 * PAGE);
    });
  });
}
