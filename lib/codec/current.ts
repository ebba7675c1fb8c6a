// First, so that its long text comes first in bundles: gzip looks back 32 KiB, and finds more of the code's words without it in between.
import { compiledCodec } from "./wasm_module.ts";
import { DiscoError } from "../errors.ts";
import type { Codec, Engine } from "./engine.ts";
import { WasmEngine } from "./wasm_engine.ts";

/**
 * A compiled WebAssembly module. Where the types of a program do not know WebAssembly (those of Node 20, without the DOM's), any object.
 */
export type WasmModule = typeof globalThis extends { WebAssembly: { Module: new (...args: never[]) => infer Module } }
  ? Module
  : object;

let js: Promise<Engine> | undefined;
let wasm: WasmEngine | undefined;
let chosen: Codec["name"] = "module" in compiledCodec ? "wasm" : "js";

/**
 * Gives the engine that chunk() and records() use now. The `js` one is loaded when it is needed first: in Deno, fflate costs 20 MB of memory.
 *
 * @returns The engine.
 */
export async function engine(): Promise<Engine> {
  return chosenWasm() ?? await (js ??= import("./js_engine.ts").then(({ JsEngine }) => new JsEngine()));
}

/**
 * Tells which engine runs now: `wasm` where WebAssembly is allowed, and there is memory for it, else `js`.
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
  return chosenWasm()?.name ?? "js";
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
export function useCodec(choice: WasmModule | "wasm" | "js"): void {
  if (choice !== "js") wasm = choice === "wasm" ? sharedWasmEngine() : new WasmEngine(choice);
  chosen = choice === "js" ? "js" : "wasm";
}

/**
 * Gives the compiled codec, for another thread.
 *
 * @returns The module; `undefined` while the `js` engine runs.
 */
export function wasmModule(): WebAssembly.Module | undefined {
  return chosenWasm()?.module;
}

/**
 * Gives the WebAssembly engine if it is chosen. One that does not start was chosen by default, and the `js` one takes its place: where a process may have little
 * virtual memory (`ulimit -v`), the host compiles WebAssembly, and has no memory for it.
 */
function chosenWasm(): WasmEngine | undefined {
  try {
    return chosen === "js"
      ? undefined
      : wasm ??= "module" in compiledCodec ? new WasmEngine(compiledCodec.module) : undefined;
  } catch {
    chosen = "js";
    return undefined;
  }
}

/**
 * Gives the WebAssembly engine, whichever is chosen.
 *
 * @returns The engine.
 * @throws {DiscoError} If the host refuses WebAssembly (code `unsupported`).
 */
export function sharedWasmEngine(): WasmEngine {
  return wasm ??= wasmEngine();
}

function wasmEngine(): WasmEngine {
  if ("module" in compiledCodec) return new WasmEngine(compiledCodec.module);
  throw new DiscoError(
    'WebAssembly may not be compiled here: give useCodec() the codec.wasm of this version, or "js"',
    { code: "unsupported", cause: compiledCodec.refusal },
  );
}
