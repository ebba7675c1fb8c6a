/** Writes JSON as Disco does: everything outside ASCII is escaped. */
export function toJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Reads JSON from bytes; `undefined` if they are no JSON, a value that JSON does not have. A byte order mark is no JSON. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return parseText(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** Reads JSON; `undefined` if a text is none. */
export function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
