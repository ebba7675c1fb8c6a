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

/** The fewest bytes a millisecond that a body comes with, on an average over more than one time-out. */
const SLOWEST_DOWNLOAD = 1;

/** The same response, its body failing when a read takes too long, or all of them together for how little came. Time in which nobody reads does not count. */
export function watched(response: Response, watch: Watch): Response {
  const { body } = response;
  if (body === null) {
    watch.release();
    return response;
  }
  const { clock, timeout } = watch;
  const reader = body.getReader();
  let waitingSince: number | undefined;
  let [waited, received] = [0, 0];
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
      const since = waitingSince = clock.now();
      if (cancelTimer === undefined) arm(timeout);
      try {
        const { done, value } = await new Promise<ReadableStreamReadResult<Uint8Array>>((resolve, reject) => {
          if (watch.signal.aborted) return reject(watch.signal.reason);
          fail = reject;
          reader.read().then(resolve, reject);
        });
        waitingSince = undefined;
        waited += clock.now() - since;
        received += value?.length ?? 0;
        if (!done && waited > timeout + received / SLOWEST_DOWNLOAD) watch.abort(new TimeUp(waited, "too little came"));
        watch.signal.throwIfAborted();
        if (done) {
          end();
          controller.close();
        } else controller.enqueue(value);
      } catch (cause) {
        // An aborted fetch fails with words of its own, and perhaps first.
        const error = watch.signal.aborted ? watch.signal.reason : cause;
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
 * Reads a whole body as text, which is ASCII or UTF-8.
 *
 * @param response The response.
 * @param limit The most bytes that are read.
 * @throws {RangeError} If the body is larger.
 * @throws {TypeError} If it is shorter than announced, or no UTF-8.
 */
export async function wholeText(response: Response, limit: number): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let size = 0;
  for await (const part of parts(response)) {
    size += part.length;
    if (size > limit) throw new RangeError(`the answer is larger than ${limit} bytes`);
    text += decoder.decode(part, { stream: true });
  }
  const announced = announcedSize(response);
  if (announced !== undefined && size < announced) throw new TypeError(`${size} of ${announced} bytes came`);
  return text + decoder.decode();
}

/**
 * Reads the beginning of a body as text.
 *
 * @param response The response.
 * @param limit The most bytes that are read; what is past them is left out.
 */
export async function firstText(response: Response, limit: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const part of parts(response)) {
    text += decoder.decode(part.subarray(0, limit - size), { stream: true });
    size += part.length;
    if (size >= limit) return text;
  }
  return text + decoder.decode();
}

/** The size that Content-Length says; nothing where the body is encoded on its way. */
export function announcedSize({ headers }: Response): number | undefined {
  const length = headers.get("content-length");
  return length === null || headers.has("content-encoding") || !/^\d+$/.test(length) ? undefined : Number(length);
}

/** The parts of a body, which is cancelled when not all are taken. */
async function* parts({ body }: Response): AsyncGenerator<Uint8Array, void, undefined> {
  if (body === null) return;
  const reader = body.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  } finally {
    reader.cancel().catch(() => {});
  }
}
