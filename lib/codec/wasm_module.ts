import { wasmOf } from "./text_of_wasm.ts";
import { WASM_TEXT } from "./wasm_text.ts";

/** The codec compiled, or why the host refuses to: its error. */
export type CompiledCodec = { readonly module: WebAssembly.Module } | { readonly refusal: unknown };

/**
 * The codec, compiled as this module is loaded: workerd allows it then, and at no other time. A page may forbid it by its Content
 * Security Policy.
 */
export const compiledCodec: CompiledCodec = (() => {
  try {
    return { module: new WebAssembly.Module(wasmOf(WASM_TEXT)) };
  } catch (refusal) {
    return { refusal };
  }
})();
