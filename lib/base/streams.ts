/**
 * Makes a stream of parts.
 *
 * @param next Gives the next part when it is wanted, and `undefined` at the end.
 * @param cancel Called when no more are wanted.
 * @param strategy What is asked for before it is wanted; nothing by default.
 * @returns The stream.
 */
export function pulledStream<Part>(
  next: () => Part | undefined | Promise<Part | undefined>,
  cancel: (reason: unknown) => void | Promise<void>,
  strategy: QueuingStrategy<Part> = { highWaterMark: 0 },
): ReadableStream<Part> {
  return new ReadableStream({
    async pull(controller) {
      const part = await next();
      if (part === undefined) controller.close();
      else controller.enqueue(part);
    },
    cancel,
  }, strategy);
}

/**
 * Reads a stream into one piece of memory, whose pages are taken as bytes come: what gathers a Response keeps the parts beside it.
 *
 * @param size The number of bytes that will come, where it is known.
 * @returns All bytes.
 */
export async function gathered(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  size: number | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const whole = size === undefined ? undefined : memoryFor(size);
  if (whole === undefined) return new Uint8Array(await new Response(stream).arrayBuffer());
  const reader = stream.getReader();
  let at = 0;
  for (let { value } = await reader.read(); value !== undefined; { value } = await reader.read()) {
    whole.set(value, at);
    at += value.length;
  }
  return at === whole.length ? whole : whole.slice(0, at);
}

/** Takes memory; nothing where the host has not so much, and what was announced may not come. */
function memoryFor(size: number): Uint8Array<ArrayBuffer> | undefined {
  try {
    return new Uint8Array(size);
  } catch {
    return undefined;
  }
}
