/** The most characters of one record's JSON: a pickle of some bytes can stand for more than any memory holds. */
const MOST = 1 << 26;
/** The deepest that lists in lists are written; one that holds itself has no end. */
const DEEPEST = 500;

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Gives the text that a record is.
 *
 * @param record A record, as it is read from a chunk.
 * @returns The text; `undefined` for bytes that are not UTF-8, and for values of other kinds.
 */
export function textOf(record: unknown): string | undefined {
  if (typeof record === "string") return record;
  if (!(record instanceof Uint8Array)) return undefined;
  try {
    return UTF8.decode(record);
  } catch {
    return undefined;
  }
}

/** Writes bytes in base64. */
export function base64(bytes: Uint8Array): string {
  const parts: string[] = [];
  // Three bytes are four characters, so the parts can be joined.
  const most = 3 << 12;
  for (let at = 0; at < bytes.length; at += most) {
    parts.push(btoa(String.fromCharCode(...bytes.subarray(at, at + most))));
  }
  return parts.join("");
}

/**
 * Writes a record as JSON, without line breaks: bytes as text where they are UTF-8, else as `{"base64": …}`, a dict as an object where its keys are texts,
 * else as a list of pairs, whole numbers of any size as they are, and a number that JSON does not have as a text.
 *
 * @returns The JSON; that of an error for a record that is too deep or too large.
 */
export function jsonText(record: unknown): string {
  let left = MOST;
  const counted = (text: string) => {
    left -= text.length;
    if (left < 0) throw new RangeError("the record is too large to be written as JSON");
    return text;
  };
  const write = (value: unknown, depth: number): string => {
    if (depth > DEEPEST) throw new RangeError("the record is too deep to be written as JSON");
    const text = textOf(value);
    if (text !== undefined) return counted(JSON.stringify(text));
    if (value instanceof Uint8Array) return counted(`{"base64":"${base64(value)}"}`);
    if (Array.isArray(value)) return counted(`[${value.map((item) => write(item, depth + 1)).join(",")}]`);
    if (value instanceof Map) return counted(writeMap(value, depth));
    return counted(isPlain(value) ? JSON.stringify(value) : typeof value === "bigint" ? `${value}` : `"${value}"`);
  };
  const writeMap = (map: ReadonlyMap<unknown, unknown>, depth: number) => {
    const pairs = [...map].map(([key, item]) => [textOf(key), write(key, depth + 1), write(item, depth + 1)] as const);
    return pairs.every(([key]) => key !== undefined)
      ? `{${pairs.map(([, key, item]) => `${key}:${item}`).join(",")}}`
      : `[${pairs.map(([, key, item]) => `[${key},${item}]`).join(",")}]`;
  };
  try {
    return write(record, 0);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return JSON.stringify({ error: error.message });
  }
}

function isPlain(value: unknown): boolean {
  return value === null || typeof value === "boolean" || Number.isFinite(value);
}
