import type { ByteColumns, Value, ValueColumns } from "../../../mod.ts";
import { joined } from "./bytes.ts";

const ENCODER = new TextEncoder();
const TAB = ENCODER.encode("\t");
const NEWLINE = 10;
const LINE_END = Uint8Array.of(NEWLINE);

/** Records as they are printed: the bytes, and where each one begins. */
export interface Printed {
  /** The records, each with a newline at its end. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The place in the bytes at which each record begins. */
  readonly starts: Uint32Array;
}

/**
 * Prints records as the original does: bytes and text as they are, the items of tuples, lists and the keys of dicts with tabs between, other
 * values as Python's `str()`; a newline is added where the record does not end with one. Nothing is taken away.
 */
export function printed(records: readonly Value[]): Printed {
  const isBytes = records.every((record) => record instanceof Uint8Array);
  const parts = isBytes ? records as readonly Uint8Array[] : records.map(bytesOf);
  const starts = new Uint32Array(parts.length);
  let length = 0;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] ?? LINE_END;
    starts[i] = length;
    length += part.length + (part[part.length - 1] === NEWLINE ? 0 : 1);
  }
  const bytes = new Uint8Array(length);
  bytes.fill(NEWLINE);
  for (let i = 0; i < parts.length; i++) bytes.set(parts[i] ?? LINE_END, starts[i]);
  return { bytes, starts };
}

/** Prints records that come in columns the same way: their memory as it is where each is a line. */
export function printedColumns(columns: ByteColumns | ValueColumns): Uint8Array<ArrayBuffer> {
  if (columns.kind === "values") return printed(columns.values).bytes;
  const { bytes, offsets } = columns;
  for (let i = 1; i < offsets.length; i++) {
    const end = offsets[i] as number;
    if (end > (offsets[i - 1] as number) && bytes[end - 1] === NEWLINE) continue;
    return printed(Array.from({ length: offsets.length - 1 }, (_, i) => bytes.subarray(offsets[i], offsets[i + 1])))
      .bytes;
  }
  return bytes;
}

function bytesOf(record: Value): Uint8Array {
  if (record instanceof Uint8Array) return record;
  const items = record instanceof Map ? [...record.keys()] : Array.isArray(record) ? record : undefined;
  if (items === undefined) return ENCODER.encode(pythonText(record));
  return joined(items.flatMap((item, i) => {
    const bytes = item instanceof Uint8Array ? item : ENCODER.encode(pythonText(item));
    return i === 0 ? [bytes] : [TAB, bytes];
  }));
}

/** A value as Python's `str()` gives it. */
export function pythonText(value: Value): string {
  if (typeof value === "string") return value;
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : pythonRepr(value);
}

/** A value as Python's `repr()` gives it. */
function pythonRepr(value: Value): string {
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value === "number") return pythonNumber(value);
  if (typeof value === "string") return quoted(value);
  if (value instanceof Uint8Array) return quoted(new TextDecoder().decode(value));
  if (value instanceof Map) {
    return `{${Array.from(value, ([key, item]) => `${pythonRepr(key)}: ${pythonRepr(item)}`).join(", ")}}`;
  }
  if (!Array.isArray(value)) return String(value);
  const items = value.map(pythonRepr).join(", ");
  return value.constructor === Array ? `[${items}]` : `(${items}${value.length === 1 ? "," : ""})`;
}

function pythonNumber(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  if (Object.is(value, -0)) return "-0.0";
  return String(value).replace(/e([+-])(\d)$/, "e$10$2");
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/[\\\n\r\t]/g, (character) => {
    return ({ "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" })[character] ?? character;
  });
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote;
}
