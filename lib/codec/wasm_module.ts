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
  const { fromHex } = Uint8Array as { fromHex?: (this: unknown, hex: string) => Uint8Array<ArrayBuffer> };
  if (fromHex !== undefined) return fromHex.call(Uint8Array, WASM_HEX);
  // Four bytes a step: this runs once, and so before anything is compiled.
  const view = new DataView(new ArrayBuffer(WASM_HEX.length / 2 + 4));
  for (let i = 0; i < WASM_HEX.length; i += 8) {
    view.setUint32(i / 2, parseInt(WASM_HEX.slice(i, i + 8).padEnd(8, "0"), 16));
  }
  return new Uint8Array(view.buffer, 0, WASM_HEX.length / 2);
}
