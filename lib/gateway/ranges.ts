/** A part of a blob, in bytes; `end` is one past the last. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a Range header.
 *
 * @param size The size of the blob in bytes.
 * @returns The one part that is asked for; "all" for what is to be answered with the whole blob: no range, several, or none that can be
 * understood; "none" where the blob has no such part.
 * @see https://www.rfc-editor.org/rfc/rfc9110.html#name-range-requests
 */
export function spanOf(header: string | null, size: number): Span | "all" | "none" {
  const [, first, last] = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header ?? "") ?? [];
  if (first === undefined || last === undefined || first + last === "") return "all";
  if (first === "") return fits({ start: Math.max(0, size - Number(last)), end: size });
  if (last !== "" && Number(first) > Number(last)) return "all";
  return fits({ start: Number(first), end: last === "" ? size : Math.min(size, Number(last) + 1) });
}

function fits(span: Span): Span | "none" {
  return span.start < span.end ? span : "none";
}
