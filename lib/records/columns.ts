import { utf8 } from "../base/utf8.ts";
import { joined } from "../base/bytes.ts";
import { check } from "../check.ts";
import type { DecodedHunk } from "../codec/engine.ts";
import { release } from "../runtime/release.ts";
import type { RecordForm } from "./batches.ts";
import { cutsOf, textOf } from "./text_cuts.ts";
import type { Value } from "./pickle/value.ts";

/** Records that are byte strings, in the layout that Apache Arrow gives a column of `Binary`. */
export interface ByteColumns {
  /** Bytes and offsets. */
  readonly kind: "bytes";
  /** The records, one right after the other, in memory that nothing else uses. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Record `i` goes from byte `offsets[i]` to byte `offsets[i + 1]`: one number more than there are records, the first one 0. */
  readonly offsets: Int32Array<ArrayBuffer>;
}

/** Records that are byte strings, read as text in UTF-8. */
export interface TextColumns {
  /** Text and offsets. */
  readonly kind: "text";
  /** The records, one right after the other. */
  readonly text: string;
  /** Record `i` is `text.slice(offsets[i], offsets[i + 1])`: one number more than there are records, in UTF-16 units, the first one 0. */
  readonly offsets: Int32Array<ArrayBuffer>;
}

/** Records that are not all byte strings. */
export interface ValueColumns {
  /** Values. */
  readonly kind: "values";
  /** The records, as `recordBatches()` gives them. */
  readonly values: Value[];
}

/** The records of a hunk, without an object for each: bytes or text and where the records are in it; values where they are not all byte strings. */
export type Columns = ByteColumns | TextColumns | ValueColumns;

/** The most bytes that offsets of 31 bits can tell. */
const MOST_BYTES = 0x7fffffff;

/**
 * Checks that the offsets of a hunk fit into 31 bits, as Arrow has them.
 *
 * @throws {DiscoError} If `maxHunkSize` allows larger hunks (code `invalid-argument`).
 */
export function checkColumnSize({ maxHunkSize }: { readonly maxHunkSize?: number | undefined }): void {
  check("maxHunkSize", maxHunkSize, (size) => size <= MOST_BYTES, `offsets in a column go up to ${MOST_BYTES}`);
}

/** Records as bytes and offsets. */
export const AS_BYTES: RecordForm<ByteColumns | ValueColumns> = columnForm((columns) => columns);

/** Records as text and offsets. */
export const AS_TEXT: RecordForm<TextColumns | ValueColumns> = columnForm((columns) => {
  const text = textColumns(columns);
  release(columns.bytes.buffer);
  return text;
});

function columnForm<Made extends ByteColumns | TextColumns>(
  made: (columns: ByteColumns) => Made,
): RecordForm<Made | ValueColumns> {
  return {
    ofHunk: (hunk) => made(byteColumns(hunk)),
    ofValues: (values) => values.every(isBytes) ? made(columnsOf(values)) : { kind: "values", values },
    count: countOf,
    leaves: "buffers",
  };
}

/** Tells how many records there are. */
export function countOf(columns: Columns): number {
  return columns.kind === "values" ? columns.values.length : columns.offsets.length - 1;
}

function isBytes(value: Value): value is Uint8Array<ArrayBuffer> {
  return value instanceof Uint8Array;
}

function byteColumns({ bytes, offsets: { buffer, byteOffset, length } }: DecodedHunk): ByteColumns {
  return { kind: "bytes", bytes, offsets: new Int32Array(buffer, byteOffset, length) };
}

/** Puts together records that a reader found one by one. */
function columnsOf(records: readonly Uint8Array[]): ByteColumns {
  const offsets = new Int32Array(records.length + 1);
  let size = 0;
  for (const [i, { length }] of records.entries()) offsets[i + 1] = size += length;
  return { kind: "bytes", bytes: joined(records, size), offsets };
}

/**
 * Reads byte strings as text, as if each were read by itself.
 *
 * @param base What is taken from their offsets.
 * @default {0}
 * @returns Text and its offsets: the same where all bytes are characters, else anew, without a base.
 */
export function textColumns({ bytes, offsets: given }: ByteColumns, base = 0): TextColumns {
  const text = textOf(bytes);
  const offsets = base === 0 || text.length === bytes.length ? given : given.map((offset) => offset - base);
  const cuts = cutsOf(bytes, text, offsets);
  if (cuts !== undefined) return { kind: "text", text, offsets: cuts };
  const texts = Array.from(
    { length: offsets.length - 1 },
    (_, i) => utf8.decode(bytes.subarray(offsets[i], offsets[i + 1])),
  );
  const places = new Int32Array(offsets.length);
  for (const [i, { length }] of texts.entries()) places[i + 1] = (places[i] as number) + length;
  return { kind: "text", text: texts.join(""), offsets: places };
}
