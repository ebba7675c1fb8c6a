import { dumps } from "../../lib/records/mod.ts";
import { bytesOf, joined } from "./bytes.ts";
import { compressedHunk } from "./hunks.ts";

/** Lines of about a kilobyte that compress to between a tenth and a half, more and more, so that hunks differ in size. */
export const lines = (count: number): Uint8Array<ArrayBuffer> => {
  let seed = 1;
  return bytesOf(
    Array.from({ length: count }, (_, n) => {
      const digits = Array.from(
        { length: 10 + (n >> 6) },
        () => (seed = Math.imul(seed, 1103515245) + 12345 >>> 0).toString(36),
      );
      return `${n} ${digits.join("").padEnd(1000, " some text")}\n`;
    }).join(""),
  );
};

/** The pickle of a line. */
export const line = (text: string): Uint8Array<ArrayBuffer> => dumps(bytesOf(text));

/** The empty hunk at the end of a chunk. */
export const closing: Uint8Array<ArrayBuffer> = compressedHunk(new Uint8Array());

/** A hunk of two lines; all have the same size. */
export const hunk = (n: number): Uint8Array<ArrayBuffer> => compressedHunk(joined([line(`${n}a\n`), line(`${n}b\n`)]));

/** A chunk of three such hunks, and where its hunks begin. */
export const three: Uint8Array<ArrayBuffer> = joined([hunk(0), hunk(1), hunk(2), closing]);
export const starts: readonly number[] = [0, 1, 2, 3].map((n) => n * hunk(0).length);

/** The same bytes, but one. */
export const changed = (bytes: Uint8Array, at: number, to: number = ~(bytes[at] ?? 0)): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(bytes, (byte, i) => i === at ? to : byte);
