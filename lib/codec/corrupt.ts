import { DiscoError } from "../errors.ts";

/**
 * Makes the error for data that is not what its hunk's header says.
 *
 * @param problem What is wrong with it.
 * @returns An error with code `corrupt-hunk`.
 */
export function corrupt(problem: string): DiscoError {
  return new DiscoError(`Corrupt hunk: ${problem}`, { code: "corrupt-hunk" });
}

/**
 * Makes the error for data that yields more than it may.
 *
 * @param maxSize The most bytes that were accepted.
 * @returns An error with code `corrupt-hunk`.
 */
export function tooMuch(maxSize: number): DiscoError {
  return corrupt(`it holds more than the ${maxSize} bytes that are accepted`);
}

/**
 * Makes the error for data whose CRC-32 is not the one of its header.
 *
 * @param actual The CRC-32 of the data.
 * @param expected The CRC-32 of the header.
 * @returns An error with code `corrupt-hunk`.
 */
export function wrongCrc32(actual: number, expected: number): DiscoError {
  return corrupt(`its data has CRC-32 ${hex(actual)}, its header says ${hex(expected)}`);
}

function hex(word: number): string {
  return "0x" + (word >>> 0).toString(16).padStart(8, "0");
}
