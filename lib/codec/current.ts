import { DiscoError } from "../errors.ts";
import type { Codec, Engine } from "./engine.ts";
import { JsEngine } from "./js_engine.ts";
import { WasmEngine } from "./wasm_engine.ts";
import { compiledCodec } from "./wasm_module.ts";

const js = new JsEngine();
let wasm: WasmEngine | undefined;
let chosen: Codec["name"] = "module" in compiledCodec ? "wasm" : "js";

/**
 * Gives the engine that chunk() and records() use now.
 *
 * @returns The engine.
 */
export function engine(): Engine {
  return engineOf(chosen);
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
  return chosen;
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
  if (choice !== "js") wasm = choice === "wasm" ? wasm ?? wasmEngine() : new WasmEngine(choice);
  chosen = choice === "js" ? "js" : "wasm";
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
  return engineOf(name);
}

/**
 * Gives the compiled codec, for another thread.
 *
 * @returns The module; nothing while the `js` engine runs.
 */
export function wasmModule(): WebAssembly.Module | undefined {
  return chosen === "js" ? undefined : (wasm ??= wasmEngine()).module;
}

function engineOf(name: Codec["name"]): Engine {
  return name === "js" ? js : wasm ??= wasmEngine();
}

function wasmEngine(): WasmEngine {
  if ("module" in compiledCodec) return new WasmEngine(compiledCodec.module);
  throw new DiscoError(
    'WebAssembly may not be compiled here: give useCodec() the compiled codec.wasm of this package, or "js"',
    { code: "unsupported", cause: compiledCodec.refusal },
  );
}
