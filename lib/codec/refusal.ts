import { DiscoError } from "../errors.ts";
import type { StoredHunk } from "./engine.ts";
import { MEMORY, TOO_MUCH, WRONG_CRC32 } from "./failure.ts";
import type { Refused } from "./wasm_hunks.ts";

/** The faults of a zlib stream in words, by the numbers of wasm/failure.ts; the numbers without a text get one below. */
const OF_STREAMS = [
  "",
  "does not begin as one",
  "is cut short",
  "has a block of unknown type",
  "has a stored block of wrong length",
  "has code lengths that make no code",
  "has an unknown code",
  "refers to bytes before the first",
  "",
  "",
  "has a wrong Adler-32",
  "is followed by other bytes",
] as const;

/**
 * Makes the error for data that is not what its hunk's header says.
 *
 * @param refused What is wrong with it.
 * @param hunk What the header says.
 * @returns An error with code `corrupt-hunk`; `unsupported` if there was no memory for it.
 */
export function refusal({ failure, crc32 }: Refused, hunk: Pick<StoredHunk, "maxSize" | "crc32">): DiscoError {
  if (failure === MEMORY) return noMemory();
  const problem = failure === TOO_MUCH
    ? `it holds more than the ${hunk.maxSize} bytes that are accepted`
    : failure === WRONG_CRC32
    ? `its data has CRC-32 ${hex(crc32)}, its header says ${hex(hunk.crc32)}`
    : `its zlib stream ${OF_STREAMS[failure]}`;
  return new DiscoError(`Corrupt hunk: ${problem}`, { code: "corrupt-hunk" });
}

/**
 * Makes the error for a call of the codec that the host has no memory for.
 *
 * @param cause What the host threw.
 * @returns An error with code `unsupported`.
 */
export function noMemory(cause?: unknown): DiscoError {
  return new DiscoError("There is not enough memory: read or write smaller records", {
    code: "unsupported",
    ...(cause === undefined ? {} : { cause }),
  });
}

function hex(word: number): string {
  return "0x" + (word >>> 0).toString(16).padStart(8, "0");
}
