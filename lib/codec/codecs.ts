import { check, checkBytes } from "../check.ts";
import { sharedWasmEngine } from "./current.ts";
import type { Codec, Engine } from "./engine.ts";
import { JsEngine } from "./js_engine.ts";

const js = checked(new JsEngine());
let wasm: { readonly engine: Engine; readonly codec: Codec } | undefined;

/**
 * Gives an engine by name, for use by itself.
 *
 * @param name `wasm`, or `js` (fflate).
 * @returns The engine's codec, the same one each time.
 * @throws {DiscoError} If the host refuses WebAssembly (code `unsupported`), or there is no such engine (`invalid-argument`).
 *
 * @example There and back
 * ```ts
 * import { codec } from "@ddfs/client/codec";
 * import { expect } from "@std/expect";
 *
 * const js = codec("js");
 * expect(js.inflate(js.deflate(new Uint8Array([1, 2, 3])))).toEqual(new Uint8Array([1, 2, 3]));
 * ```
 */
export function codec(name: "wasm" | "js"): Codec {
  check("codec", name, (name) => name === "js" || name === "wasm", 'it must be "wasm" or "js"');
  if (name === "js") return js;
  const engine = sharedWasmEngine();
  if (wasm?.engine !== engine) wasm = { engine, codec: checked(engine) };
  return wasm.codec;
}

/** Gives an engine's codec, which is told only of bytes. */
function checked(engine: Engine): Codec {
  return {
    name: engine.name,
    deflate: (bytes, options) => engine.deflate(checkBytes("bytes", bytes), options),
    inflate: (bytes, size) => engine.inflate(checkBytes("bytes", bytes), size),
    crc32: (bytes, seed) => engine.crc32(checkBytes("bytes", bytes), seed),
  };
}
