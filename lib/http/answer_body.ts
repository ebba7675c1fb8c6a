import { DiscoError } from "../errors.ts";

/**
 * Reads text, which is ASCII or UTF-8.
 *
 * @param read Gives the next bytes; nothing at their end.
 * @param limit The most bytes that are read.
 * @param isWhole Whether it is of use only as a whole; otherwise its beginning is.
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

/**
 * Tells which part of a resource an answer has.
 *
 * @returns Where it begins, NaN when that is not clear; and the size of the whole, where it is known. Content-Length tells nothing of a body that is
 * encoded on its way.
 */
export function rangeOf({ status, headers }: Response): [start: number, size: number | undefined] {
  const length = headers.has("content-encoding") ? "" : headers.get("content-length");
  const [, start, size = length] = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers.get("content-range") ?? "") ?? [];
  const isSize = /^\d+$/.test(size ?? "");
  return [status === 206 ? Number(start) : 0, isSize ? Number(size) : undefined];
}
