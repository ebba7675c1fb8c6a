import { DiscoError } from "../errors.ts";

/**
 * Reads text, which is ASCII or UTF-8.
 *
 * @param read Gives the next bytes; `undefined` at their end.
 * @param limit The most bytes that are read.
 * @param isWhole True if the text is of use only as a whole; otherwise its beginning is enough.
 * @throws {DiscoError} If the whole is larger.
 * @throws {TypeError} If the whole is no UTF-8.
 */
export async function readText(
  read: () => Promise<Uint8Array | undefined>,
  limit: number,
  isWhole: boolean = false,
): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: isWhole });
  let text = "";
  for (let left = limit; left >= 0;) {
    const part = await read();
    if (!part) return text + decoder.decode();
    text += decoder.decode(part.subarray(0, left), { stream: true });
    left -= part.length;
  }
  if (isWhole) throw new DiscoError(`it exceeds ${limit} bytes`, { code: "bad-answer" });
  return text;
}
