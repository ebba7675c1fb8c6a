import { type Clock, TimeUp } from "./clock.ts";

/** How a body is watched. */
export interface Watch {
  /** The clock. */
  readonly clock: Clock;
  /** Milliseconds that a read may take. */
  readonly timeout: number;
  /** Aborted when the request has to end. */
  readonly signal: AbortSignal;
  /** Ends the request. */
  readonly abort: (cause: unknown) => void;
  /** Called once the body has ended, in whichever way. */
  readonly release: () => void;
}

/** The same response, its body failing when a read takes too long. Time in which nobody reads does not count. */
export function watched(response: Response, watch: Watch): Response {
  const { body } = response;
  if (body === null) {
    watch.release();
    return response;
  }
  const { clock, timeout } = watch;
  const reader = body.getReader();
  let waitingSince: number | undefined;
  let cancelTimer: (() => void) | undefined;
  let fail: ((reason: unknown) => void) | undefined;
  const arm = (milliseconds: number) => {
    // One timer for many reads: it looks how long the present one has been waiting, and goes on.
    cancelTimer = clock.after(milliseconds, () => {
      cancelTimer = undefined;
      if (waitingSince === undefined) return;
      const left = timeout - (clock.now() - waitingSince);
      if (left > 0) return arm(left);
      watch.abort(new TimeUp(timeout));
    });
  };
  const abort = () => fail?.(watch.signal.reason);
  watch.signal.addEventListener("abort", abort, { once: true });
  const end = () => {
    cancelTimer?.();
    watch.signal.removeEventListener("abort", abort);
    watch.release();
  };
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      waitingSince = clock.now();
      if (cancelTimer === undefined) arm(timeout);
      try {
        const { done, value } = await new Promise<ReadableStreamReadResult<Uint8Array>>((resolve, reject) => {
          if (watch.signal.aborted) return reject(watch.signal.reason);
          fail = reject;
          reader.read().then(resolve, reject);
        });
        waitingSince = undefined;
        if (done) {
          end();
          controller.close();
        } else controller.enqueue(value);
      } catch (error) {
        end();
        reader.cancel(error).catch(() => {});
        controller.error(error);
      }
    },
    async cancel(reason) {
      end();
      await reader.cancel(reason).catch(() => {});
      watch.abort(reason);
    },
  }, { highWaterMark: 0 });
  return new Response(stream, { status: response.status, statusText: response.statusText, headers: response.headers });
}

/**
 * Reads a body as text, up to a limit.
 *
 * @param response The response.
 * @param limit The most bytes that are read.
 * @param cut Whether what is past the limit is left out; otherwise it is an error.
 */
export async function boundedText(response: Response, limit: number, cut: boolean): Promise<string> {
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  let text = "";
  for (let size = 0;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    const rest = value.subarray(0, Math.max(0, limit - size));
    size += value.length;
    text += decoder.decode(rest, { stream: true });
    if (size > limit) {
      await reader.cancel();
      if (cut) return text;
      throw new RangeError(`the answer is larger than ${limit} bytes`);
    }
  }
}
