import { onAbort } from "../abort.ts";
import type { Clock } from "../clock.ts";
import { DiscoError } from "../errors.ts";
import type { Closing } from "./closing.ts";
import { parseJson } from "./json.ts";
import { refusal } from "./responses.ts";

/** What bodies are read with. */
export interface BodyLimits {
  /** The most bytes. */
  readonly size: number;
  /** The most milliseconds that pass without a byte. */
  readonly stall: number;
  /** Measures them. */
  readonly after: Clock["after"];
  /** Ends all reading. */
  readonly closing: Closing;
  /** Ends the reading of this request's. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads the body of a request as it comes.
 *
 * @throws {DiscoError} If it is not as long as announced, too long, too slow, or broken off (code `source-failed`).
 */
export async function* chunksOf(request: Request, limits: BodyLimits): AsyncGenerator<Uint8Array, void> {
  const { size, stall, after, closing, signal } = limits;
  const announced = announcedLength(request);
  const reader = (await streamOf(request))?.getReader();
  if (reader === undefined) return checkWhole(0, announced);
  let failure: DiscoError | undefined;
  // A read that is under way ends by that.
  const fail = (message: string) => {
    failure ??= failed(message);
    reader.cancel(failure).catch(() => {});
  };
  const abort = () => fail("the request was aborted");
  const release = [onAbort(signal, abort), closing.whenBegun(abort)];
  if (closing.begun) abort();
  let received = 0;
  let ended = false;
  try {
    for (;;) {
      const cancel = after(stall, () => fail(`no byte came for ${stall} ms`));
      const { done, value } = await reader.read().catch((cause) => {
        throw failure ?? failed("the body broke off", { cause });
      }).finally(cancel);
      ended = done;
      if (failure !== undefined) throw failure;
      if (done) break;
      if (!(value instanceof Uint8Array)) throw failed("the body is not made of bytes");
      received += value.length;
      if (received > size) throw failed(`the body is larger than ${size} bytes`);
      if (received > announced) throw failed(`the body has more than the announced ${announced} bytes`);
      yield value;
    }
    checkWhole(received, announced);
  } finally {
    release.forEach((letGo) => letGo());
    if (!ended) void reader.cancel().catch(() => {});
  }
}

function checkWhole(received: number, announced: number): void {
  if (received >= announced || announced === Infinity) return;
  throw failed(`the body ended after ${received} of ${announced} bytes`);
}

/**
 * Reads a whole body, which is to be JSON.
 *
 * @throws {CommError} If it cannot be read, or is none (status 403).
 */
export async function jsonOf(request: Request, limits: BodyLimits): Promise<{ value: unknown; size: number }> {
  const bytes = await bytesOf(request, limits).catch((cause) => {
    throw refusal(403, "Invalid request.", request.url, { cause });
  });
  const value = parseJson(bytes);
  if (value === undefined) throw refusal(403, "Invalid request body.", request.url);
  return { value, size: bytes.length };
}

async function bytesOf(request: Request, limits: BodyLimits): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunksOf(request, limits)) {
    chunks.push(chunk);
    size += chunk.length;
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/** Drops a body that nobody reads, so that its source learns of it. */
export function drop(request: Request): void {
  if (!request.bodyUsed) void request.body?.cancel().catch(() => {});
}

/** The body as a stream. A request of Firefox has none, and gives its body as a whole. */
async function streamOf(request: Request): Promise<ReadableStream<Uint8Array> | null> {
  if ("body" in request) return request.body;
  const whole: Blob = await (request as Request).blob();
  return whole.size === 0 ? null : whole.stream();
}

/** The length that the request announces; without one, what comes is right. */
function announcedLength(request: Request): number {
  const header = request.headers.get("Content-Length");
  if (header === null) return Infinity;
  if (!/^\d+$/.test(header)) throw failed(`the Content-Length is no number: ${JSON.stringify(header)}`);
  return Number(header);
}

function failed(message: string, options: ErrorOptions = {}): DiscoError {
  return new DiscoError(message, { ...options, code: "source-failed" });
}
