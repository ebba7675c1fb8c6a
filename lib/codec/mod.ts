/**
 * The codec by itself: deflate, inflate and CRC-32, in WebAssembly or plain JavaScript.
 *
 * @module
 */
export { codec } from "./codecs.ts";
export { codecName, useCodec } from "./current.ts";
export type { WasmModule } from "./current.ts";
export type { Codec, DeflateOptions, Dialect, Level } from "./engine.ts";
export { DiscoError } from "../errors.ts";
export type { DiscoErrorOptions, ErrorCode } from "../errors.ts";
