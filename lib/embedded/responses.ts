import { CommError } from "../errors.ts";
import { wantsRanges } from "./conditions.ts";
import { BEYOND, contentRange, spansOf } from "./ranges.ts";
import { toJson } from "./stores/json.ts";
import { Refusal, refusal, toldReason } from "./stores/refusal.ts";
import type { SetsBytes } from "./stores/tag_store.ts";

type Headers = Readonly<Record<string, string>>;

/** The body of an answer. */
export interface Content {
  /** Headers, `Content-Type` among them. */
  readonly headers: Headers;
  /** Bytes. */
  readonly size: number;
  /** Reads a part of it, when it is asked for. */
  read(start: number, length: number): AsyncIterable<Uint8Array<ArrayBuffer>>;
}

/** Further options of an answer. */
export interface AnswerContext {
  /** Makes the random text that separates several ranges. */
  readonly random?: () => number;
  /** Ends the answer when it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** Says that of all requests with one `?request=KEY` one is carried out, also when the key was forgotten, if those that are sent again say so. */
export const ONCE: Headers = { "DDFS-Requests": "once" };

/** The text of the answer to a request that lacks a token. */
export const WRONG_TOKEN = "Incorrect or missing token.";

/** Characters that are sent at a time. */
const PIECE = 1 << 18;

/** Makes the answer to a request that failed: with the text of an error that is made for clients, else without its cause. */
export function refused(error: unknown): Response {
  if (error instanceof Refusal) return plain(error.status, error.told, ONCE);
  return error instanceof CommError
    ? plain(503, `The store failed: ${toldReason(error)}`)
    : plain(500, "Internal server error");
}

/** Makes an answer of plain text, as all errors are. */
export function plain(status: number, text: string, headers: Headers = {}): Response {
  return new Response(text, {
    status,
    ...(status === 404 ? { statusText: "Object Not Found" } : {}),
    headers: {
      ...headers,
      "Content-Type": "text/plain",
      "Content-Length": String(new TextEncoder().encode(text).length),
    },
  });
}

/** Makes the answer for a path or method that does not exist. */
export function notFound(): Response {
  return plain(404, "Not found.");
}

/** Makes an answer of a value as JSON. */
export function json(request: Request, value: unknown, headers: Headers = {}): Response {
  return jsonText(request, toJson(value), headers);
}

/** Makes an answer of a JSON text in ASCII. A Range applies to it, as to everything. Large texts are sent in pieces. */
export function jsonText(request: Request, text: string, headers: Headers = {}): Response {
  const all = { "Content-Type": "application/json", ...headers };
  if (text.length <= PIECE && request.method !== "HEAD" && !request.headers.has("Range")) {
    return new Response(ascii(text), { headers: { ...all, "Content-Length": String(text.length) } });
  }
  return answer(request, {
    headers: all,
    size: text.length,
    async *read(start, length) {
      const end = start + length;
      for (let at = start; at < end; at += PIECE) yield ascii(text.slice(at, Math.min(at + PIECE, end)));
    },
  });
}

/** Makes an answer of JSON in ASCII whose sets come as they are read, between two texts. No Range applies to it. */
export function jsonAround(
  [before, sets, after]: readonly [before: string, sets: SetsBytes, after: string],
  headers: Headers,
  signal: AbortSignal | undefined,
): Response {
  const size = before.length + sets.size + after.length;
  const all = { "Content-Type": "application/json", ...headers, "Content-Length": String(size) };
  const parts = (async function* () {
    yield ascii(before);
    yield* sets.pieces();
    yield ascii(after);
  })();
  const end = async () => {
    await sets.close();
    return { done: true, value: undefined } as const;
  };
  const source = { [Symbol.asyncIterator]: () => ({ next: () => parts.next(), return: end }) };
  return new Response(streamOf(source, signal), { headers: all });
}

/**
 * Makes the answer with the part of a content that a request asks for.
 *
 * @throws {CommError} If it wants a range that Disco fails at (status 403).
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#reading-a-blob PROTOCOL: Reading a blob}
 */
export function answer(request: Request, content: Content, { random, signal }: AnswerContext = {}): Response {
  const { headers, size } = content;
  const spans = wantsRanges(request, headers) ? spansOf(request.headers.get("Range"), size) : [];
  if (spans === BEYOND) throw refusal(403, "Disco node is busy", request.url);
  const [span] = spans;
  if (span === undefined) {
    return respond(request, 200, headers, size, () => content.read(0, size), signal);
  }
  if (spans.length === 1) {
    const part = { ...headers, "Accept-Ranges": "bytes", "Content-Range": contentRange(span, size) };
    return respond(request, 206, part, span[1], () => content.read(...span), signal);
  }
  const boundary = Array.from({ length: 16 }, () => Math.floor((random ?? Math.random)() * 16).toString(16)).join("");
  const parts = spans.map((span) => ({
    head: ascii(
      `--${boundary}\r\nContent-Type: ${headers["Content-Type"]}\r\nContent-Range: ${contentRange(span, size)}\r\n\r\n`,
    ),
    span,
  }));
  const end = ascii(`--${boundary}--\r\n`);
  const length = parts.reduce((sum, { head, span }) => sum + head.length + span[1] + 2, end.length);
  const all = { ...headers, "Content-Type": `multipart/byteranges; boundary=${boundary}`, "Accept-Ranges": "bytes" };
  return respond(request, 206, all, length, async function* () {
    for (const { head, span } of parts) {
      yield head;
      yield* content.read(...span);
      yield ascii("\r\n");
    }
    yield end;
  }, signal);
}

function respond(
  request: Request,
  status: number,
  headers: Headers,
  length: number,
  read: () => AsyncIterable<Uint8Array<ArrayBuffer>>,
  signal: AbortSignal | undefined,
): Response {
  const body = request.method === "HEAD" || length === 0 ? null : streamOf(read(), signal);
  return new Response(body, { status, headers: { ...headers, "Content-Length": String(length) } });
}

/** Makes a stream that reads only when it is asked to, and ends its source when it is cancelled or the signal is aborted. */
function streamOf(
  source: AsyncIterable<Uint8Array<ArrayBuffer>>,
  signal: AbortSignal | undefined,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const iterator = source[Symbol.asyncIterator]();
  let stop = () => {};
  return new ReadableStream({
    start(controller) {
      const abort = () => {
        controller.error(signal?.reason);
        void iterator.return?.().catch(() => {});
      };
      if (signal?.aborted) return abort();
      signal?.addEventListener("abort", abort, { once: true });
      stop = () => signal?.removeEventListener("abort", abort);
    },
    async pull(controller) {
      try {
        const { done, value } = await iterator.next();
        if (signal?.aborted) return;
        if (!done) return controller.enqueue(value);
        stop();
        controller.close();
      } catch (error) {
        stop();
        throw error;
      }
    },
    async cancel() {
      stop();
      await iterator.return?.();
    },
  }, { highWaterMark: 0 });
}

function ascii(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
