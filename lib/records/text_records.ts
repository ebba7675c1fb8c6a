import { utf8 } from "../base/utf8.ts";
import type { DecodedHunk } from "../codec/engine.ts";
import { cutsOf, textOf } from "./text_cuts.ts";
import type { Value } from "./pickle/value.ts";

/**
 * Bytes that become text at once, to be cut into records: a call for each record would take most of the time. A record that is kept may keep so many with it,
 * and more of them are not quicker.
 */
const PIECE = 1 << 11;
const room = new Int32Array(PIECE + 1);

/**
 * Reads some records of a hunk as text, each as if by itself.
 *
 * @param from The first of them.
 * @param to The one after the last.
 * @param records Where they are put, at their numbers.
 */
export function readTexts(
  { bytes, offsets }: {
    readonly bytes: Uint8Array<ArrayBuffer>;
    readonly offsets: DecodedHunk["offsets"] | Int32Array;
  },
  from: number,
  to: number,
  records: Value[],
): void {
  for (let i = from; i < to;) {
    const base = offsets[i] as number;
    let count = 0;
    // One that is larger than a piece is a piece.
    do {
      count++;
      room[count] = (offsets[i + count] as number) - base;
    } while (i + count < to && count < PIECE && (offsets[i + count + 1] as number) - base <= PIECE);
    const places = room.subarray(0, count + 1);
    const piece = bytes.subarray(base, base + (places[count] as number));
    const text = textOf(piece);
    if (count === 1) {
      records[i++] = text;
      continue;
    }
    const cuts = cutsOf(piece, text, places);
    for (let n = 0; n < count; n++, i++) {
      records[i] = cuts === undefined
        ? utf8.decode(piece.subarray(places[n], places[n + 1]))
        : text.slice(cuts[n], cuts[n + 1]);
    }
  }
}
