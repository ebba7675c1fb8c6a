import { check } from "../check.ts";
import { sharedWasmEngine } from "./current.ts";
import type { Codec } from "./engine.ts";
import { JsEngine } from "./js_engine.ts";

const js = new JsEngine();

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
  return name === "js" ? js : sharedWasmEngine();
}
