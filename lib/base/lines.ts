/**
 * Splits UTF-8 text at newlines, which stay.
 *
 * @param stream The text.
 * @returns The lines that each part of the stream completes; the last one may have no newline.
 */
export async function* lineBatches(stream: ReadableStream<Uint8Array>): AsyncGenerator<string[], void, undefined> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const reader = stream.getReader();
  // The pieces of a line that is not complete.
  let pieces: string[] = [];
  try {
    for (let { value } = await reader.read(); value !== undefined; { value } = await reader.read()) {
      const lines = decoder.decode(value, { stream: true }).split(/(?<=\n)/);
      const last = lines.at(-1)?.endsWith("\n") === false ? lines.pop() : undefined;
      if (lines.length > 0) {
        lines[0] = pieces.join("") + lines[0];
        pieces = [];
        yield lines;
      }
      if (last) pieces.push(last);
    }
    const rest = pieces.join("") + decoder.decode();
    if (rest !== "") yield [rest];
  } finally {
    reader.cancel().catch(() => {});
  }
}
