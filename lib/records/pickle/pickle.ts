import { checkBytes, checkOptions, wholeNumber } from "../../check.ts";
import { DIALECT, type Dialect } from "../../codec/engine.ts";
import { DiscoError } from "../../errors.ts";
import { Pickler } from "./pickler.ts";
import { MAX_MEMORY, Unpickler } from "./unpickler.ts";
import type { Picklable, Value } from "./value.ts";

/** Options of {@linkcode dumps}. */
export interface DumpsOptions {
  /**
   * Which Python's pickles are written: `py2`, which Disco's workers expect, or `py3`, from which Python 3 reads byte strings as bytes.
   *
   * @default {"py2"}
   */
  dialect?: Dialect | undefined;
}

/** Options of {@linkcode loads}. */
export interface LoadsOptions {
  /**
   * The most bytes of memory that the values may take, by an estimate; a pickle that makes more is refused. A few bytes of a pickle can ask for
   * any amount.
   *
   * @default {268435456}
   */
  maxMemory?: number | undefined;
}

/**
 * Pickles a value with protocol 1, byte for byte as Python does.
 *
 * Text that occurs more than once in a value is written once. Whole numbers become integers; see {@linkcode Float} for the others, and
 * {@linkcode Value} for what becomes what.
 *
 * @param value The value; lists, dicts and tuples may hold each other, and themselves.
 * @param options The dialect.
 * @returns The pickle.
 * @throws {DiscoError} If the value, or one in it, has no counterpart in Python (code `invalid-argument`).
 *
 * @example
 * ```ts
 * import { dumps, loads } from "@ddfs/client/records";
 * import { expect } from "@std/expect";
 *
 * const pickle = dumps(["text", 1, new Map([["key", null]])]);
 * expect(loads(pickle)).toEqual(["text", 1, new Map([["key", null]])]);
 * ```
 *
 * @see {@link https://REPOSITORY/lib/records/FORMAT.md#records FORMAT: Records}
 */
export function dumps(value: Picklable, options: DumpsOptions = {}): Uint8Array<ArrayBuffer> {
  checkOptions("dumps()", options, { dialect: DIALECT });
  return new Pickler(options.dialect ?? "py2").dump(value).slice();
}

/**
 * Reads a pickle of protocol 0, 1 or 2. Nothing is ever imported or called: of Python's globals only the two that stand for bytes are known.
 *
 * @param bytes One pickle, the whole of it; what is returned shares no memory with it.
 * @param options How much memory it may take.
 * @returns The value; see {@linkcode Value} for what becomes what.
 * @throws {DiscoError} If it is no pickle, cut short, followed by more bytes, or refers to anything else (code `invalid-pickle`).
 *
 * @example A Python 2 byte string
 * ```ts
 * import { loads } from "@ddfs/client/records";
 * import { expect } from "@std/expect";
 *
 * const value = loads(new TextEncoder().encode("U\x05helloq\x01."));
 * expect(value).toEqual(new TextEncoder().encode("hello"));
 * ```
 *
 * @see {@link https://REPOSITORY/lib/records/FORMAT.md#records FORMAT: Records}
 */
export function loads(bytes: Uint8Array, options: LoadsOptions = {}): Value {
  checkOptions("loads()", options, { maxMemory: true });
  const unpickler = new Unpickler(
    new Uint8Array(checkBytes("pickle", bytes)),
    wholeNumber(options, "maxMemory", 1) ?? MAX_MEMORY,
  );
  const value = unpickler.next();
  const { offset } = unpickler;
  if (offset < bytes.length) {
    throw new DiscoError(`Invalid pickle: it ends at offset ${offset}, ${bytes.length - offset} bytes follow it`, {
      code: "invalid-pickle",
    });
  }
  return value;
}
