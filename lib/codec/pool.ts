import { engine } from "./current.ts";
import type { DecodedHunk, StoredHunk } from "./engine.ts";

/** Encodes and decodes hunks, in the order they were given. */
export interface HunkPool {
  /** How many hunks it can take at a time. */
  readonly inFlight: number;

  /**
   * Makes a hunk of pickles.
   *
   * @param pickled The pickles; their memory is taken over.
   * @param compress Whether to compress them.
   * @returns The hunk, header and data.
   */
  encode(pickled: Uint8Array<ArrayBuffer>, compress: boolean): Promise<Uint8Array<ArrayBuffer>>;

  /**
   * Reads a hunk's data back.
   *
   * @param stored The data after the header; its memory is taken over.
   * @param hunk What the header says.
   * @returns The records' places, and the pickles left for the general unpickler.
   * @throws {DiscoError} If the data is not what the header says (code `corrupt-hunk`).
   */
  decode(stored: Uint8Array<ArrayBuffer>, hunk: StoredHunk): Promise<DecodedHunk>;

  /** Ends the pool; what it has under way is not finished. */
  close(): void;
}

/**
 * Makes a pool on the current engine, in this thread.
 *
 * @returns The pool.
 */
export function hunkPool(_workers?: number): HunkPool {
  return {
    inFlight: 1,
    encode: (pickled, compress) => attempt(() => engine().encodeHunk(pickled, compress)),
    decode: (stored, hunk) => attempt(() => engine().decodeHunk(stored, hunk)),
    close() {},
  };
}

function attempt<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => resolve(work()));
}
