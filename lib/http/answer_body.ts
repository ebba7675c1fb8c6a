import type { Attempt } from "./attempt.ts";
import { timeUp } from "../base/clock.ts";

/** The part of a resource that an answer has. */
export interface Part {
  /** The first byte that comes, counted from 0. */
  readonly start: number;
  /** One past the last byte that comes, where that is known. */
  readonly end: number | undefined;
}

/**
 * Makes the function that reads the body of an answer.
 *
 * @param part The part of the resource that the answer has. If it is exact, more bytes than announced are an error. In a page they are not, since it
 * is not told of every encoding that a server before the master uses.
 * @param timeout The milliseconds that a wait may take.
 * @returns A function that gives the next bytes; `undefined` at the end.
 */
export function bodyReader(
  attempt: Attempt,
  { start, end, isExact }: Part & { readonly isExact: boolean },
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
        if (position < (end ?? 0)) throw new TypeError("it is too short");
        attempt.release();
        return undefined;
      }
      position += value.length;
      if (position > (end ?? Infinity) && isExact) throw new TypeError("it is too long");
      // A byte a millisecond is the least, on an average over more than one time-out. Time in which nobody reads does not count.
      if (waited > timeout + position - start) throw timeUp(waited, "too little came");
      return value;
    } catch (cause) {
      throw attempt.failed(`broken off at byte ${position} of ${end ?? "?"}`, cause);
    }
  };
}

/**
 * Tells which part of a resource an answer has.
 *
 * @returns Its first byte, NaN if that is not clear, or it says that it has nothing; where it ends and the size of the whole, if these are known. Content-Length
 * tells nothing about a body that is encoded on its way.
 */
export function partOf({ status, headers }: Response): Part & { readonly size: number | undefined } {
  const length = headers.has("content-encoding") ? "" : headers.get("content-length");
  const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers.get("content-range") ?? "");
  const size = numberOf(range?.[3] ?? length);
  // What keeps advertisements or guests off says 204 for whatever is asked.
  if (status !== 206) return { start: status === 204 || status === 205 ? NaN : 0, end: size, size };
  // A node names a last byte also where it sends none: `bytes 37-37/37`.
  const end = range ? Math.min(Number(range[2]) + 1, Number(range[3])) : undefined;
  return { start: Number(range?.[1]), end, size };
}

function numberOf(text: string | null | undefined): number | undefined {
  return /^\d+$/.test(text ?? "") ? Number(text) : undefined;
}
