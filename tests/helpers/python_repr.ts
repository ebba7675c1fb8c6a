import { type Dialect, Tuple, type Value } from "../../lib/records/mod.ts";

const ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\" };

/** Writes a value as Python's `repr` does, as far as the golden values need it. */
export function pythonRepr(value: Value, dialect: Dialect): string {
  const repr = (item: Value) => pythonRepr(item, dialect);
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "bigint") return `${value}${dialect === "py2" && BigInt.asIntN(64, value) !== value ? "L" : ""}`;
  if (typeof value === "string") {
    return dialect === "py2" ? `u'${quoted(value, 0x7f)}'` : `'${quoted(value, Infinity)}'`;
  }
  if (value instanceof Uint8Array) {
    return (dialect === "py2" ? "'" : "b'") + quoted(String.fromCharCode(...value), 0x7f) + "'";
  }
  if (value instanceof Tuple) return `(${value.map(repr).join(", ")}${value.length === 1 ? "," : ""})`;
  if (Array.isArray(value)) return `[${value.map(repr).join(", ")}]`;
  if (value instanceof Map) return `{${[...value].map(([key, item]) => `${repr(key)}: ${repr(item)}`).join(", ")}}`;
  return String(value);
}

function quoted(text: string, lastPlain: number): string {
  return Array.from(text, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (character in ESCAPES) return ESCAPES[character];
    if (code >= 0x20 && code <= lastPlain && code !== 0x7f) return character;
    const hex = code.toString(16);
    return code < 0x100
      ? `\\x${hex.padStart(2, "0")}`
      : code < 0x10000
      ? `\\u${hex.padStart(4, "0")}`
      : `\\U${hex.padStart(8, "0")}`;
  }).join("");
}
