import { invalid } from "../check.ts";

/** Bytes in memory: a buffer, or any view of one. */
export type Memory = ArrayBufferLike | ArrayBufferView;

/**
 * Puts bytes one after the other.
 *
 * @param size How many they are, where that is known already.
 * @returns A copy of all of them.
 */
export function joined(
  parts: readonly Uint8Array[],
  size: number = parts.reduce((sum, { length }) => sum + length, 0),
): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Tells whether there is nothing else in the memory of some bytes. */
export function fillsMemory({ length, buffer }: Uint8Array): boolean {
  return length === buffer.byteLength;
}

/**
 * Sees a value as bytes: memory of any kind, and of any realm, a frame's or a test runner's too. Shared and resizable memory is copied, since Blobs,
 * requests and decoders refuse it.
 *
 * @param value Any value.
 * @returns The bytes, a view of the same memory if that is possible; `undefined` if the value is no memory.
 * @throws {DiscoError} If the memory was transferred elsewhere (code `invalid-argument`).
 */
export function memoryBytes(value: unknown): Uint8Array<ArrayBuffer> | undefined {
  const isView = ArrayBuffer.isView(value);
  const memory: unknown = isView ? value.buffer : value;
  const kind = Object.prototype.toString.call(memory);
  if (!isView && kind !== "[object ArrayBuffer]" && kind !== "[object SharedArrayBuffer]") return undefined;
  const buffer = memory as ArrayBuffer & { readonly resizable?: boolean };
  try {
    const bytes = value instanceof Uint8Array && value.length > 0
      ? value as Uint8Array<ArrayBuffer>
      : isView
      ? new Uint8Array(buffer, value.byteOffset, value.byteLength)
      : new Uint8Array(buffer);
    return kind === "[object SharedArrayBuffer]" || buffer.resizable === true ? new Uint8Array(bytes) : bytes;
  } catch {
    throw invalid("bytes", kind, "their memory was transferred elsewhere, and nothing is left of it here");
  }
}
