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
