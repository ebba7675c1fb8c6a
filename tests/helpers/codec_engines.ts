import type { Engine } from "../../lib/codec/engine.ts";
import { JsEngine } from "../../lib/codec/js_engine.ts";
import { WasmEngine } from "../../lib/codec/wasm_engine.ts";
import { compiledCodec } from "../../lib/codec/wasm_module.ts";

/** Makes a WebAssembly engine that nothing was done with yet. */
export function freshWasm(): WasmEngine {
  if ("refusal" in compiledCodec) throw compiledCodec.refusal;
  return new WasmEngine(compiledCodec.module);
}

/** Both engines, which must agree on everything but the form of their zlib streams. Where WebAssembly is refused, the one there is. */
export const ENGINES: readonly Engine[] = [...("module" in compiledCodec ? [freshWasm()] : []), new JsEngine()];
