/** A part of a body: where it starts, and how many bytes it has. */
export type Span = readonly [start: number, length: number];

/** A span that makes Disco fail: a closed range that starts past the end. */
export const BEYOND = "beyond";

/** The most ranges of one request, as many as Apache serves. */
const MAX_SPANS = 200;

/**
 * Reads a Range header the way Disco does.
 *
 * @param size The size of the body in bytes.
 * @returns The spans in the order of the request; none for the whole body, which is the answer to too many or too large ranges, too.
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#reading-a-blob PROTOCOL: Reading a blob}
 */
export function spansOf(header: string | null, size: number): readonly Span[] | typeof BEYOND {
  if (header === null || !header.startsWith("bytes=") || header === "bytes=0-") return [];
  const spans: Span[] = [];
  for (const range of header.slice("bytes=".length).split(",").map((text) => text.trim()).filter(Boolean)) {
    const [, first, last] = /^(\d*)\s*-\s*(\d*)$/.exec(range) ?? [];
    if (first === undefined || last === undefined || first + last === "") return [];
    const span = spanOf(first, last, size);
    if (span === BEYOND) return BEYOND;
    if (span !== undefined) spans.push(span);
  }
  return isTooMuch(spans, size) ? [] : spans;
}

/** Tells whether ranges ask for more bytes than the body has. No client needs that, and the whole body is the answer. */
function isTooMuch(spans: readonly Span[], size: number): boolean {
  return spans.length > MAX_SPANS || (spans.length > 1 && spans.reduce((sum, [, length]) => sum + length, 0) > size);
}

/** Gives the part of a body that a Range header is likely to want, before the size is known; `undefined` if it depends on the size. */
export function wantedOf(header: string | null): { readonly start: number; readonly end: number } | undefined {
  if (header === null) return { start: 0, end: Infinity };
  const [, first, last] = /^bytes=\s*(\d+)\s*-\s*(\d*)\s*$/.exec(header) ?? [];
  if (first === undefined || last === undefined) return undefined;
  return { start: Number(first), end: last === "" ? Infinity : Number(last) + 1 };
}

function spanOf(first: string, last: string, size: number): Span | typeof BEYOND | undefined {
  if (first === "") return Number(last) <= size ? [size - Number(last), Number(last)] : [0, size];
  const start = Number(first);
  if (last === "") return start < size ? [start, size - start] : undefined;
  if (start > Number(last)) return undefined;
  return start > size ? BEYOND : [start, Math.min(Number(last) + 1, size) - start];
}

/** Writes a span as the Content-Range header has it; a span without bytes names its start twice. */
export function contentRange([start, length]: Span, size: number): string {
  return `bytes ${start}-${start + Math.max(length - 1, 0)}/${size}`;
}
