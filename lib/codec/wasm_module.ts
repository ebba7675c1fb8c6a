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

/**
 * Reads the bytes of a WebAssembly module from printable ASCII: a character of value 0 to 87 is a byte, one of value 88 or 89 adds 88 or 176 to the byte
 * that follows. The characters are those from `#` on, without the backslash. What repeats in the bytes repeats in the text, and most bytes are small:
 * gzipped, it is a quarter smaller than base64.
 *
 * @param text The text.
 * @returns The bytes.
 */
export function wasmOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  let [size, more] = [0, 0];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const value = code - (code > 92 ? 36 : 35);
    if (value < 88) {
      bytes[size++] = more + value;
      more = 0;
    } else more = 88 * (value - 87);
  }
  return bytes.subarray(0, size);
}
