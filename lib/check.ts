import { DiscoError, type ErrorCode } from "./errors.ts";

/** Writes a value for an error message: quoted, and cut to a readable length. */
export function show(value: unknown): string {
  let text: string = typeof value;
  try {
    text = typeof value === "string" ? JSON.stringify(value) : String(value);
  } catch {
    // Some objects cannot be turned into text: their type has to do.
  }
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

/** Gives an option that is a number of at least `least`; `undefined` if it is not given. */
type NumberOption = <Name extends string>(
  options: { readonly [name in Name]?: number | undefined },
  name: Name,
  least: number,
) => number | undefined;

/** Gives an option that is a whole number of at least `least`; `undefined` if it is not given. */
export const wholeNumber: NumberOption = (options, name, least) =>
  check<number | undefined>(
    name,
    options[name],
    (value) => Number.isSafeInteger(value) && value >= least,
    `it must be a whole number from ${least} up`,
  );

/** Gives an option that is a time of at least `least`; `undefined` if it is not given. */
export const milliseconds: NumberOption = (options, name, least) =>
  check<number | undefined>(
    name,
    options[name],
    (value) => typeof value === "number" && value >= least && value <= 0x7fffffff,
    `it must be ${least} to ${0x7fffffff} milliseconds`,
  );

/** Checks that a value is an object, or a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && !!value;
}

/** Checks that a value is a list of texts. */
export function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => typeof text === "string");
}
