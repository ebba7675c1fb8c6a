/**
 * Puts bytes one after the other.
 *
 * @param parts The bytes.
 * @param size How many they are.
 * @returns A copy of all of them.
 */
export function joined(parts: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
