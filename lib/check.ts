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

/**
 * Gives what a function of the caller's answered. A promise is refused: it would count as true, whatever comes of it.
 *
 * @param name The option that the function was given as.
 * @throws {DiscoError} If it is a promise (code `invalid-argument`).
 */
export function answered<T>(name: string, answer: T): T {
  if (!isObject(answer) || typeof answer.then !== "function") return answer;
  // It is not waited for, and its failure is nobody's.
  Promise.resolve(answer).catch(() => {});
  throw invalid(`answer of ${name}`, answer, "it is needed at once: give a function that is not async");
}

/** Checks that a value is a text. */
export function checkText(what: string, value: string): string {
  if (typeof value === "string") return value;
  throw invalid(what, value, "it must be a text");
}

/** Checks that a value is bytes; those of another realm are, too. */
export function checkBytes(what: string, value: Uint8Array): Uint8Array {
  if (ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === "[object Uint8Array]") return value;
  throw invalid(what, value, "it must be a Uint8Array");
}

/** A kind of values that an option may have: the rule for the error, and its check. */
export type OptionKind = readonly [rule: string, isValid: (value: unknown) => boolean];

const isFunction = (value: unknown): boolean => typeof value === "function";

/** A function. */
export const FUNCTION: OptionKind & { readonly is?: "function" } = ["it must be a function", isFunction];
/** True or false. */
export const FLAG: OptionKind & { readonly is?: "flag" } = [
  "it must be true or false",
  (value) => typeof value === "boolean",
];
/** A signal. */
export const SIGNAL: OptionKind & { readonly is?: "signal" } = [
  "it must be an AbortSignal",
  (value) => isObject(value) && typeof value.aborted === "boolean" && isFunction(value.addEventListener),
];
/** A clock. */
export const CLOCK: OptionKind = [
  "it must have now() and after()",
  (value) => isObject(value) && isFunction(value.now) && isFunction(value.after),
];
/** An object. */
export const OBJECT: OptionKind = ["it must be an object", (value) => isObject(value)];
/** A list. */
export const LIST: OptionKind = ["it must be a list", Array.isArray];

/** The kind of an option by its type; `true` where whoever uses it checks it. */
type KindOf<T> = [T] extends [boolean] ? typeof FLAG
  : [T] extends [(...args: never[]) => unknown] ? typeof FUNCTION
  : [T] extends [AbortSignal] ? typeof SIGNAL
  : OptionKind | true;

/** All options that something takes, and what they must be; one that is missing in it is an error of types. */
export type OptionNames<Options> = { readonly [name in keyof Options]-?: KindOf<NonNullable<Options[name]>> };

/**
 * Checks that options have known names, since one that is misspelt would be passed over without a word; and the values of those whose kind is said.
 *
 * @param what The function that takes them, for the error.
 * @param options The options as they were given; other values than objects are refused.
 * @param names The names that they may have, and their kinds.
 * @throws {DiscoError} If one has another name or a wrong value, or they are no object (code `invalid-argument`).
 */
export function checkOptions<Options extends object>(
  what: string,
  options: Options,
  names: OptionNames<Options>,
): void {
  if (!isObject(options)) throw invalid(`options of ${what}`, options, "write { name: value }");
  const kinds: Readonly<Record<string, OptionKind | true>> = names;
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (kind === undefined) {
      throw invalid(`option of ${what}`, name, `it takes ${Object.keys(kinds).join(", ") || "none"}`);
    }
    if (kind !== true) check(name, value, kind[1], kind[0]);
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
