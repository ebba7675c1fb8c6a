import { Tuple, type Value } from "../../records/mod.ts";

/** A record as it is shown. */
export interface Shown {
  /** Text, bytes that are no text, or any other value. */
  readonly kind: "text" | "bytes" | "value";
  readonly text: string;
  /** True where there is more of it. */
  readonly isCut: boolean;
}

const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** Bytes that no text has: it would be shown as nothing. */
const CONTROL = /(?![\t-\r])\p{Cc}/u;

/** Writes a record: text as it is, bytes that are no text with escapes, other values much as Python does. */
export function shown(value: Value, most: number): Shown {
  if (typeof value === "string") return cut("text", value, most);
  if (value instanceof Uint8Array) {
    const text = textOf(value, most);
    return text === undefined ? cut("bytes", bytesText(value, most), most, value.length > most) : text;
  }
  const writer = new Writer(most);
  writer.write(value, "");
  return cut("value", writer.text, most);
}

/** Writes a record for a file: on one line, with its end. */
export function lineOf(value: Value): string {
  const { kind, text } = shown(value, Infinity);
  return kind === "text" && text.endsWith("\n") ? text : `${text}\n`;
}

/** Writes a record on several lines, where it is JSON or a value with parts; `undefined` where there is nothing to gain. */
export function pretty(value: Value, most: number): string | undefined {
  const { kind, text } = shown(value, Infinity);
  if (kind === "bytes") return undefined;
  if (kind === "text") return prettyJson(text)?.slice(0, most);
  if (typeof value !== "object" || value === null) return undefined;
  const writer = new Writer(most, "  ");
  writer.write(value, "");
  return writer.text.slice(0, most);
}

/** Writes bytes in lines of 16: where they are, what they are, and as text. */
export function hexLines(bytes: Uint8Array, start: number): string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const part = bytes.subarray(at, at + 16);
    const hex = Array.from(part, (byte) => byte.toString(16).padStart(2, "0")).join(" ").padEnd(47);
    const text = Array.from(part, (byte) => byte > 31 && byte < 127 ? String.fromCharCode(byte) : "·").join("");
    lines.push(`${(start + at).toString(16).padStart(8, "0")}  ${hex}  ${text}`);
  }
  return lines;
}

/** Reads bytes as text, if they are: a character that is cut off at either end is left out where `isPart`. */
export function textOfPart(bytes: Uint8Array, isPart: boolean): string | undefined {
  let first = 0;
  while (isPart && first < 3 && (bytes[first] ?? 0) >> 6 === 2) first++;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(bytes.subarray(first), { stream: isPart });
    return CONTROL.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

function textOf(bytes: Uint8Array, most: number): Shown | undefined {
  // What is beyond is not shown, but it decides whether this is text.
  try {
    const text = DECODER.decode(bytes);
    return CONTROL.test(text) ? undefined : cut("text", text, most);
  } catch {
    return undefined;
  }
}

function cut(kind: Shown["kind"], text: string, most: number, isCut: boolean = text.length > most): Shown {
  return { kind, text: text.length > most ? text.slice(0, most) : text, isCut };
}

function prettyJson(text: string): string | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return undefined;
  }
}

function bytesText(bytes: Uint8Array, most: number): string {
  let text = 'b"';
  for (const byte of bytes.subarray(0, most)) {
    const isPlain = byte > 31 && byte < 127 && byte !== 34 && byte !== 92;
    text += isPlain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return `${text}"`;
}

/** Writes a value with all its parts; those that have it in themselves are left out there. */
class Writer {
  text = "";
  readonly #most: number;
  readonly #indent: string;
  readonly #within = new Set<object>();

  constructor(most: number, indent = "") {
    this.#most = most;
    this.#indent = indent;
  }

  write(value: Value, margin: string): void {
    if (this.text.length > this.#most) return;
    if (typeof value !== "object" || value === null) this.text += plain(value);
    else if (value instanceof Uint8Array) {
      const text = textOf(value, Infinity);
      this.text += text === undefined ? bytesText(value, this.#most) : `b${JSON.stringify(text.text)}`;
    } else if (this.#within.has(value)) this.text += "…";
    else {
      this.#within.add(value);
      if (value instanceof Map) {
        this.#parts("{", "}", value, margin, ([key, item], margin) => this.#pair(key, item, margin));
      } else {
        const [open, close] = value instanceof Tuple
          ? ["(", value.length === 1 ? ",)" : ")"] as const
          : ["[", "]"] as const;
        this.#parts(open, close, value, margin, (item, margin) => this.write(item, margin));
      }
      this.#within.delete(value);
    }
  }

  #pair(key: Value, item: Value, margin: string): void {
    this.write(key, margin);
    this.text += ": ";
    this.write(item, margin);
  }

  #parts<Part>(
    open: string,
    close: string,
    parts: Iterable<Part>,
    margin: string,
    write: (part: Part, margin: string) => void,
  ): void {
    const inner = margin + this.#indent;
    this.text += open;
    let isFirst = true;
    for (const part of parts) {
      if (this.text.length > this.#most) return;
      if (!isFirst) this.text += this.#indent === "" ? ", " : ",";
      if (this.#indent !== "") this.text += `\n${inner}`;
      write(part, inner);
      isFirst = false;
    }
    if (!isFirst && this.#indent !== "") this.text += `\n${margin}`;
    this.text += close;
  }
}

function plain(value: null | boolean | number | bigint | string): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
