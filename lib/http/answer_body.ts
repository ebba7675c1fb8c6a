import type { Attempt } from "./attempt.ts";
import { timeUp } from "../base/clock.ts";
import { DiscoError } from "../errors.ts";

/** Which part of a resource an answer has. */
export interface Part {
  /** The first byte that is wanted. */
  readonly wanted: number;
  /** The first byte that comes. */
  readonly start: number;
  /** The size of the whole, where it is known. */
  readonly size: number | undefined;
  /** Whether more bytes than announced are an error: pages are not told of every encoding that a server before the master uses. */
  readonly isExact: boolean;
}

/**
 * Makes the function that reads the body of an answer.
 *
 * @param attempt The request.
 * @param part What it has.
 * @param timeout The milliseconds that a wait may take.
 * @returns Gives the next bytes from the wanted one on; nothing at the end.
 */
export function bodyReader(
  attempt: Attempt,
  { wanted, start, size, isExact }: Part,
  timeout: number,
): () => Promise<Uint8Array<ArrayBuffer> | undefined> {
  let position = start;
  let waited = 0;
  return async () => {
    try {
      const ended = attempt.stall.begin();
      const value = await attempt.next();
      waited += ended();
      attempt.signal.throwIfAborted();
      if (!value) {
        if (position < (size ?? 0)) throw new TypeError("it is too short");
        attempt.release();
        return undefined;
      }
      const fresh = value.subarray(Math.max(0, wanted - position));
      position += value.length;
      if (position > (size ?? Infinity) && isExact) throw new TypeError("it is too long");
      // A byte a millisecond is the least, on an average over more than one time-out. Time in which nobody reads does not count.
      if (waited > timeout + position - start) throw timeUp(waited, "too little came");
      return fresh;
    } catch (cause) {
      throw attempt.failed(`broken off at byte ${position} of ${size ?? "?"}`, cause);
    }
  };
}

/**
 * Reads text, which is ASCII or UTF-8.
 *
 * @param read Gives the next bytes; nothing at their end.
 * @param limit The most bytes that are read.
 * @param isWhole Whether it is of use only as a whole; otherwise its beginning is.
 * @throws {DiscoError} If the whole is larger.
 * @throws {TypeError} If the whole is no UTF-8.
 */
export async function readText(
  read: () => Promise<Uint8Array | undefined>,
  limit: number,
  isWhole: boolean = false,
): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: isWhole });
  let text = "";
  for (let left = limit; left >= 0;) {
    const part = await read();
    if (!part) return text + decoder.decode();
    text += decoder.decode(part.subarray(0, left), { stream: true });
    left -= part.length;
  }
  if (isWhole) throw new DiscoError(`it exceeds ${limit} bytes`, { code: "bad-answer" });
  return text;
}

/**
 * Tells which part of a resource an answer has.
 *
 * @returns Where it begins, NaN when that is not clear; and the size of the whole, where it is known. Content-Length tells nothing of a body that is
 * encoded on its way.
 */
export function rangeOf({ status, headers }: Response): [start: number, size: number | undefined] {
  const length = headers.has("content-encoding") ? "" : headers.get("content-length");
  const [, start, size = length] = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers.get("content-range") ?? "") ?? [];
  const isSize = /^\d+$/.test(size ?? "");
  return [status === 206 ? Number(start) : 0, isSize ? Number(size) : undefined];
}
