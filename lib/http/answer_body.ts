import type { Attempt } from "./attempt.ts";
import { timeUp } from "../base/clock.ts";

/** The part of a resource that an answer has. */
export interface Part {
  /** The first byte that is wanted. */
  readonly wanted: number;
  /** The first byte that comes. */
  readonly start: number;
  /** One past the last byte that comes, counted from the beginning of the whole, where it is known. */
  readonly size: number | undefined;
  /** True if more bytes than announced are an error. In a page they are not, since it is not told of every encoding that a server before the master uses. */
  readonly isExact: boolean;
}

/**
 * Makes the function that reads the body of an answer.
 *
 * @param part The part of the resource that the answer has.
 * @param timeout The milliseconds that a wait may take.
 * @returns A function that gives the next bytes from the wanted one on; `undefined` at the end.
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
      const { value } = await attempt.next();
      waited += ended();
      attempt.signal.throwIfAborted();
      if (!value) {
        if (position < (size ?? 0)) throw new TypeError("it is too short");
        attempt.release();
        return undefined;
      }
      const fresh = wanted > position ? value.subarray(wanted - position) : value;
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
 * Tells which part of a resource an answer has.
 *
 * @returns Its first byte, NaN if that is not clear; and the size of the whole, if it is known. Content-Length tells nothing about a body that is
 * encoded on its way.
 */
export function rangeOf({ status, headers }: Response): [start: number, size: number | undefined] {
  const length = headers.has("content-encoding") ? "" : headers.get("content-length");
  const [, start, size = length] = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers.get("content-range") ?? "") ?? [];
  const isSize = /^\d+$/.test(size ?? "");
  return [status === 206 ? Number(start) : 0, isSize ? Number(size) : undefined];
}
