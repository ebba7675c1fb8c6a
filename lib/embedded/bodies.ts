import { onAbort } from "../base/abort.ts";
import type { Clock } from "../base/clock.ts";
import { DiscoError } from "../errors.ts";
import type { Closing } from "./closing.ts";

/** Options for reading a body. */
export interface BodyLimits {
  /** The most bytes. */
  readonly size: number;
  /** The most milliseconds that pass without a byte. */
  readonly stall: number;
  /** Calls a function when such a time is over. */
  readonly after: Clock["after"];
  /** Tells when the DDFS closes, which ends all reading. */
  readonly closing: Closing;
  /** Ends the reading of this body when it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

const NOT_BYTES = new TypeError("the body is not made of bytes");
/** Bytes that are gathered before they are stored. */
const PIECE = 1 << 18;
/** Memory that a body gets first which does not tell its length: many have no more, and memory is cleared before it is used. */
const FIRST = 1 << 14;
/**
 * The most bytes that are asked for at a time: the 64 KiB that a stream of Deno's comes in, and their frame. For each piece that Deno's server gives, it reads
 * ahead as much as it was asked for, and moves all that it has: where a piece is less, that is in the end more than is stored.
 */
const READ = (64 << 10) + "10000\r\n\r\n".length;

/** The pace at which a body is read; it may be changed meanwhile. */
export interface Pace {
  /** Gives bytes as they come, in place of pieces of 256 KiB. */
  eager: boolean;
}

/**
 * Reads the body of a request, in pieces of 256 KiB.
 *
 * @returns The pieces; their memory belongs to the caller.
 * @throws {DiscoError} If it is not as long as announced, too long, too slow, or broken off (code `source-failed`).
 */
export async function* piecesOf(
  request: Request,
  limits: BodyLimits,
  pace: Readonly<Pace> = { eager: false },
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  const { size, stall, after, closing, signal } = limits;
  const announced = announcedLength(request);
  const stream = await streamOf(request);
  if (stream === null) return checkWhole(0, announced);
  const { read, cancel } = readerInto(stream, announced);
  let failure: DiscoError | undefined;
  // A read that is under way ends by that.
  const fail = (message: string) => {
    failure ??= failed(message);
    cancel(failure).catch(() => {});
  };
  const abort = () => fail("the request was aborted");
  const release = [onAbort(signal, abort), closing.whenBegun(abort)];
  if (closing.begun) abort();
  let received = 0;
  let ended = false;
  try {
    while (!ended) {
      // One byte tells an end from a body that is too long. More than is needed would have to be cleared for each small blob.
      const wanted = Math.min(pace.eager ? READ : PIECE, Math.max(1, announced - received));
      let piece = new Uint8Array(announced === Infinity && received === 0 ? FIRST : wanted);
      let filled = 0;
      while (!ended && filled < (pace.eager ? 1 : wanted)) {
        if (filled === piece.length) piece = grown(piece, wanted);
        const inTime = after(stall, () => fail(`no byte came for ${stall} ms`));
        const { memory, length } = await read(piece.subarray(filled)).catch((cause) => {
          throw failure ?? failed(cause === NOT_BYTES ? NOT_BYTES.message : "the body broke off", { cause });
        }).finally(inTime);
        if (failure !== undefined) throw failure;
        ended = length === 0;
        piece = memory;
        filled += length;
        received += length;
        if (received > size) throw failed(`the body is larger than ${size} bytes`);
        if (received > announced) throw failed(`the body has more than the announced ${announced} bytes`);
      }
      if (ended) checkWhole(received, announced);
      // A few bytes do not keep the memory of many.
      if (filled > 0) yield pace.eager ? piece.slice(0, filled) : piece.subarray(0, filled);
    }
  } finally {
    release.forEach((letGo) => letGo());
    if (!ended) void cancel().catch(() => {});
  }
}

function grown(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(length);
  larger.set(bytes);
  return larger;
}

/** A reader that reads into memory that is given to it. */
interface ReaderInto {
  /**
   * Reads some bytes to the beginning of a view; at the end of the stream, none.
   *
   * @param view The view; it cannot be used any longer.
   * @returns The whole memory of the view, and the number of bytes that were read.
   */
  read(view: Uint8Array<ArrayBuffer>): Promise<{ readonly memory: Uint8Array<ArrayBuffer>; readonly length: number }>;
  cancel(reason?: unknown): Promise<void>;
}

/**
 * Reads straight into memory where the length is known, and more than a read gives: what Deno has whole when the request comes is no stream of bytes, and to
 * ask for such a reader in vain took a tenth of the time of a small blob. Where the length is not known, a client says by itself how large the pieces are; of those that are smaller than
 * what is asked for, Deno's server keeps ever more, and moves all of it each time: 400 MB took 45 s of CPU time.
 */
function readerInto(stream: ReadableStream<Uint8Array>, announced: number): ReaderInto {
  const direct = announced === Infinity || announced <= READ ? undefined : directReader(stream);
  if (direct !== undefined) {
    return {
      async read(view) {
        const { value } = await direct.read(view.subarray(0, READ));
        return { memory: new Uint8Array(value?.buffer ?? new ArrayBuffer(0)), length: value?.length ?? 0 };
      },
      cancel: (reason) => direct.cancel(reason),
    };
  }
  const reader = stream.getReader();
  let rest: Uint8Array | undefined = new Uint8Array();
  return {
    async read(view) {
      while (rest?.length === 0) {
        const { done, value } = await reader.read();
        if (!done && !isBytes(value)) throw NOT_BYTES;
        rest = value;
      }
      const part = rest?.subarray(0, view.length);
      if (part !== undefined) view.set(part);
      rest = rest?.subarray(view.length);
      return { memory: new Uint8Array(view.buffer), length: part?.length ?? 0 };
    },
    cancel: (reason) => reader.cancel(reason),
  };
}

/** Makes a reader that reads a stream of bytes straight into memory; `undefined` for a stream of another kind. */
function directReader(stream: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | undefined {
  try {
    return stream.getReader({ mode: "byob" });
  } catch {
    return undefined;
  }
}

function checkWhole(received: number, announced: number): void {
  if (received >= announced || announced === Infinity) return;
  throw failed(`the body ended after ${received} of ${announced} bytes`);
}

/** Drops a body that nobody reads, so that its source learns of it. */
export function drop(request: Request): void {
  if (!request.bodyUsed) void request.body?.cancel().catch(() => {});
}

/** Gives the body as a stream. A request of Firefox has no stream, and gives its body as a whole. */
async function streamOf(request: Request): Promise<ReadableStream<Uint8Array> | null> {
  if ("body" in request) return request.body;
  const whole: Blob = await (request as Request).blob();
  return whole.size === 0 ? null : whole.stream();
}

/** Tells whether a value is bytes, of any realm: where tests run with jsdom, those of a request are of another one. */
function isBytes(value: unknown): boolean {
  return value instanceof Uint8Array || Object.prototype.toString.call(value) === "[object Uint8Array]";
}

/** Gives the length that the request announces. Without one, any length is right. */
function announcedLength(request: Request): number {
  const header = request.headers.get("Content-Length");
  if (header === null) return Infinity;
  const length = announcedSize(request);
  if (length === undefined) throw failed(`the Content-Length is no number: ${JSON.stringify(header)}`);
  return length;
}

/**
 * Gives the number of bytes that a request announces; `undefined` without one. It may say the same number several times.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-8.6 RFC 9110, section 8.6}
 */
export function announcedSize({ headers }: Request): number | undefined {
  const [, length] = /^(\d+)(?:\s*,\s*\1)*$/.exec(headers.get("Content-Length") ?? "") ?? [];
  return length === undefined ? undefined : Number(length);
}

function failed(message: string, options: ErrorOptions = {}): DiscoError {
  return new DiscoError(message, { ...options, code: "source-failed" });
}
