import { type ByteColumns, textColumns } from "./columns.ts";

/**
 * Bytes that become text at a time. Node makes strings of a megabyte in new memory each time, at 30 times the cost; these are among what is young, die
 * there, and are in the cache when they are searched.
 */
const PIECE = 1 << 16;

/** Characters that bytes become which are not UTF-8, and parts of characters: they do not say which bytes they are. */
const OF_OTHER_BYTES = /\ufffd|\p{Surrogate}/u;
const encoder = new TextEncoder();

/** Some records of a hunk as text. */
export interface TextPiece {
  /** The records, one right after the other. */
  readonly text: string;
  /** Record `first + i` is `text.slice(places[i] - base, places[i + 1] - base)`. */
  readonly places: Int32Array;
  /** Taken from each place. */
  readonly base: number;
  /** The number of the first one. */
  readonly first: number;
}

/** Tells before which record a piece that begins with record `from` ends. */
export function endOfPiece(offsets: Int32Array, from: number): number {
  const end = (offsets[from] as number) + PIECE;
  let to = from + 1;
  while (to + 1 < offsets.length && (offsets[to + 1] as number) <= end) to++;
  return to;
}

/** Reads the records from `from` on to before `to` as text. */
export function textPiece({ bytes, offsets }: ByteColumns, from: number, to: number): TextPiece {
  const base = offsets[from] as number;
  const places = offsets.subarray(from, to + 1);
  const columns = textColumns({ kind: "bytes", bytes: bytes.subarray(base, offsets[to]), offsets: places }, base);
  const { text } = columns;
  return columns.offsets === places
    ? { text, places, base, first: from }
    : { text, places: columns.offsets, base: 0, first: from };
}

/** The bytes that each record has which has a text; nothing where other bytes may be that text, or there are none. */
export function searchable(text: string): Uint8Array | undefined {
  return text === "" || OF_OTHER_BYTES.test(text) ? undefined : encoder.encode(text);
}
