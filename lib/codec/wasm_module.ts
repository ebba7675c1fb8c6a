import { WASM_HEX } from "./wasm_hex.ts";

/** The codec compiled, or why the host refuses to: its error. */
export type CompiledCodec = { readonly module: WebAssembly.Module } | { readonly refusal: unknown };

/**
 * The codec, compiled as this module is loaded: workerd allows it then, and at no other time. A page may forbid it by its Content
 * Security Policy.
 */
export const compiledCodec: CompiledCodec = (() => {
  try {
    return { module: new WebAssembly.Module(wasmBytes()) };
  } catch (refusal) {
    return { refusal };
  }
})();

/**
 * Gives the codec as a WebAssembly module's bytes.
 *
 * @returns The content of `codec.wasm`.
 */
export function wasmBytes(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(WASM_HEX.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = digit(2 * i) << 4 | digit(2 * i + 1);
  return bytes;
}

/** Many times quicker than parseInt(). */
function digit(i: number): number {
  const code = WASM_HEX.charCodeAt(i);
  return (code & 15) + (code >> 6) * 9;
}
