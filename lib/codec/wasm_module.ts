import { WASM_BASE64 } from "./wasm_base64.ts";

/** The codec compiled, or why the host refuses to: its error. */
export type CompiledCodec = { readonly module: WebAssembly.Module } | { readonly refusal: unknown };

/**
 * The codec, compiled as this module is loaded: workerd allows it then, and at no other time. A page may forbid it by its Content
 * Security Policy.
 */
export const compiledCodec: CompiledCodec = (() => {
  try {
    return { module: new WebAssembly.Module(bytes()) };
  } catch (refusal) {
    return { refusal };
  }
})();

function bytes(): Uint8Array<ArrayBuffer> {
  const text = atob(WASM_BASE64);
  // Many times quicker than Uint8Array.from() with a function.
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
