import { DiscoError } from "../errors.ts";
import type { Codec, Engine } from "./engine.ts";
import { JsEngine } from "./js_engine.ts";

const js = new JsEngine();
let current: Engine = js;

/**
 * Gives the engine that chunk() and records() use now.
 *
 * @returns The engine.
 */
export function engine(): Engine {
  return current;
}

/**
 * Tells which engine runs now: `wasm` where WebAssembly is allowed, else `js`.
 *
 * @returns The name of the engine.
 *
 * @example
 * ```ts
 * import { codecName, useCodec } from "@ddfs/client/codec";
 * import { expect } from "@std/expect";
 *
 * useCodec("js");
 * expect(codecName()).toEqual("js");
 * ```
 */
export function codecName(): Codec["name"] {
  return current.name;
}

/**
 * Chooses the engine for all that follows in this realm.
 *
 * @param choice `js`, `wasm`, or the compiled `codec.wasm` of this package, for hosts that compile ahead, such as workerd.
 * @throws {DiscoError} If the host refuses WebAssembly (code `unsupported`).
 *
 * @example Without WebAssembly
 * ```ts
 * import { codecName, useCodec } from "@ddfs/client/codec";
 * import { expect } from "@std/expect";
 *
 * useCodec("js");
 * expect(codecName()).toEqual("js");
 * ```
 */
export function useCodec(choice: WebAssembly.Module | "wasm" | "js"): void {
  current = choice === "js" ? js : wasm();
}

/**
 * Gives an engine by name, for use by itself.
 *
 * @param name `wasm`, or `js` (fflate).
 * @returns The engine's codec, the same one each time.
 * @throws {DiscoError} If the host refuses WebAssembly (code `unsupported`).
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
  return name === "js" ? js : wasm();
}

function wasm(): Engine {
  throw new DiscoError("WebAssembly is refused here: use the js codec", { code: "unsupported" });
}
