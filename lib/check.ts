import { DiscoError, type ErrorCode } from "./errors.ts";
import { withoutTokens } from "./secrets.ts";

/** Writes a value for an error message: quoted, and cut to a readable length. */
export function show(value: unknown): string {
  let text: string = typeof value;
  try {
    text = typeof value === "string" ? JSON.stringify(withoutTokens(value)) : String(value);
  } catch {
    // Some objects cannot be turned into text: their type has to do.
  }
  // Before it is cut: a part of a token is not found any longer.
  text = withoutTokens(text);
  return text.length > 100 ? `${text.slice(0, 80)}...` : text;
}

/** Makes the error of a value that is not valid. It says what the value was given for, the value, and what it must be. */
export function invalid(what: string, value: unknown, rule: string, code: ErrorCode = "invalid-argument"): DiscoError {
  return new DiscoError(`Invalid ${what} ${show(value)}: ${rule}`, { code });
}

/** Checks an option, and gives it; `undefined` if it is not given. */
export function check<T>(name: string, value: T, isValid: (value: NonNullable<T>) => boolean, rule: string): T {
  if (value === undefined || isValid(value as NonNullable<T>)) return value;
  throw invalid(name, value, rule);
}

/** The names of all options that something takes; a name that is missing in it is an error of types. */
export type OptionNames<Options> = { readonly [name in keyof Required<Options>]: true };

const isFunction = (value: unknown): boolean => typeof value === "function";
const isBoolean = (value: unknown): boolean => typeof value === "boolean";
const isSignal = (value: unknown): boolean =>
  isObject(value) && typeof value.aborted === "boolean" && isFunction(value.addEventListener);
const isClock = (value: unknown): boolean => isObject(value) && isFunction(value.now) && isFunction(value.after);

/** The kinds of options that have one meaning wherever they are taken. */
const KINDS: readonly (readonly [rule: string, isValid: (value: unknown) => boolean, names: readonly string[]])[] = [
  ["it must be a function", isFunction, [
    ...["fetch", "now", "after", "random", "reader"],
    ...["onEvent", "onOperation", "onMissing", "onCorrupt", "onProgress"],
  ]],
  ["it must be true or false", isBoolean, [
    ...["update", "delayed", "ignoreMissing", "text", "ignoreCorrupt", "decompress", "compress"],
  ]],
  ["it must be an AbortSignal", isSignal, ["signal"]],
  ['it must be "py2" or "py3"', (value) => value === "py2" || value === "py3", ["dialect"]],
  ["it must have now() and after()", isClock, ["clock"]],
  ["it must be an object", isObject, ["settings"]],
  ["it must be a list", Array.isArray, ["tagPath", "resume"]],
];

/**
 * Checks that options have known names, since one that is misspelt would be passed over without a word; and the values of those that mean the same
 * wherever they are taken.
 *
 * @param what The function that takes them, for the error.
 * @param options The options as they were given; other values than objects are refused.
 * @param names The names that they may have.
 * @throws {DiscoError} If one has another name or a wrong value, or they are no object (code `invalid-argument`).
 */
export function checkOptions<Options extends object>(
  what: string,
  options: Options,
  names: OptionNames<Options>,
): void {
  if (!isObject(options)) throw invalid(`options of ${what}`, options, "write { name: value }");
  const unknown = Object.entries(options).find(([name, value]) => value !== undefined && !Object.hasOwn(names, name));
  if (unknown) throw invalid(`option of ${what}`, unknown[0], `it takes ${Object.keys(names).join(", ") || "none"}`);
  for (const [rule, isValid, known] of KINDS) {
    for (const name of known) check(name, (options as Record<string, unknown>)[name], isValid, rule);
  }
}

/** Options that are numbers, by their names. */
type Numbers<N extends string> = { readonly [name in N]?: number | undefined };

/** Gives an option that is a whole number of at least `least`; `undefined` if it is not given. */
export function wholeNumber<N extends string>(options: Numbers<N>, name: N, least: number): number | undefined {
  const isValid = (value: number) => Number.isSafeInteger(value) && value >= least;
  return check<number | undefined>(name, options[name], isValid, `it must be a whole number from ${least} up`);
}

/** Gives an option that is a time of at least `least`; `undefined` if it is not given. */
export function milliseconds<N extends string>(options: Numbers<N>, name: N, least: number): number | undefined {
  const isValid = (value: number) => typeof value === "number" && value >= least && value <= 0x7fffffff;
  return check<number | undefined>(name, options[name], isValid, `it must be ${least} to ${0x7fffffff} milliseconds`);
}

/** Checks that a value is an object, or a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && !!value;
}

/** Checks that a value is a list of texts. */
export function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => typeof text === "string");
}
