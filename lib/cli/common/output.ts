import { base64, textOf } from "../../records/json_text.ts";

/** A number of bytes for people: `0`, `512`, `1.4K`, `20M`. */
export function humanSize(bytes: number): string {
  const units = ["", "K", "M", "G", "T", "P"];
  let unit = 0;
  let size = bytes;
  while (size >= 1023.5 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return (unit > 0 && size < 9.95 ? size.toFixed(1) : Math.round(size).toFixed(0)) + units[unit];
}

/** Writes a value as JSON on one line: bytes as text where they are UTF-8, else as `{"base64": …}`; whole numbers of any size. */
export function jsonLine(value: unknown): string {
  if (value === undefined) return "null";
  if (typeof value === "bigint") return String(value);
  // JSON has no other way to say it, and null would hide that it is a number.
  if (typeof value === "number" && !Number.isFinite(value)) return JSON.stringify(String(value));
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (value instanceof Uint8Array) return jsonLine(textOf(value) ?? { base64: base64(value) });
  if (Array.isArray(value)) return `[${value.map(jsonLine).join(",")}]`;
  if (value instanceof Map) return mapLine(value);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${jsonLine(item)}`).join(",")}}`;
}

/** A dict: an object where all keys are texts, else a list of pairs. */
function mapLine(map: ReadonlyMap<unknown, unknown>): string {
  const entries = Array.from(map, ([key, item]) => [key instanceof Uint8Array ? textOf(key) : key, item] as const);
  if (!entries.every(([key]) => typeof key === "string")) return jsonLine([...map].map(([key, item]) => [key, item]));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${jsonLine(item)}`).join(",")}}`;
}

/** Lines of columns, each as wide as its widest cell; numbers to the right. */
export function table(rows: readonly (readonly (string | number)[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => widths[i] = Math.max(widths[i] ?? 0, String(cell).length));
  }
  return rows.map((row) =>
    row.map((cell, i) => {
      const width = widths[i] ?? 0;
      return /^[\d.]+[KMGTP%]?$/.test(String(cell)) ? String(cell).padStart(width) : String(cell).padEnd(width);
    }).join("  ").trimEnd()
  );
}
