/** A stream that is watched: what was read of it, and whether it was cancelled. */
export interface WatchedStream {
  readonly stream: ReadableStream<Uint8Array>;
  /** How many parts were asked for. */
  readonly pulled: () => number;
  /** What it was cancelled with, a list of none or one. */
  readonly cancelled: unknown[];
}

/**
 * Makes a stream of parts, one a read.
 *
 * @param parts The parts; a function makes the next one, `undefined` ends it, what it throws fails the stream.
 */
export function watchedStream(
  parts: readonly Uint8Array[] | ((n: number) => Uint8Array | undefined | Promise<Uint8Array | undefined>),
): WatchedStream {
  let pulled = 0;
  const cancelled: unknown[] = [];
  const part = typeof parts === "function" ? parts : (n: number) => parts[n];
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await part(pulled++);
      if (next === undefined) controller.close();
      else controller.enqueue(next);
    },
    cancel(reason) {
      cancelled.push(reason);
    },
  }, { highWaterMark: 0 });
  return { stream, pulled: () => pulled, cancelled };
}

/** A promise that is never settled. */
export const never: Promise<never> = new Promise(() => {});
