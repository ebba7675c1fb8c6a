import { type Clock, sleep, TimeUp } from "./clock.ts";
import { CommError, type ErrorCode } from "./errors.ts";
import type { DDFSEvent } from "./options.ts";
import { boundedText, watched } from "./bodies.ts";
import { proxied } from "./urls.ts";

/** One request, as often as it takes. */
export interface Call {
  /** The HTTP method. */
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** The HTTP URL, before any proxy. */
  readonly url: string;
  /** Whether it goes to a master, and so may carry a token. */
  readonly toMaster: boolean;
  /** The token, for a master. */
  readonly token?: string | undefined;
  /** More headers. */
  readonly headers?: Record<string, string>;
  /** The body; made anew for each attempt. */
  readonly body?: (() => BodyInit | Promise<BodyInit>) | undefined;
  /** The body's size in bytes, which adds to the time an answer may take. */
  readonly size?: number;
  /** Whether it may be repeated when its answer was lost. */
  readonly repeatable: boolean;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
}

/** What a {@linkcode Transport} works with. */
export interface TransportSettings {
  /** Makes requests. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** The proxy, without a slash at its end. */
  readonly proxy: string | undefined;
  /** How often a failed request is tried again. */
  readonly retries: number;
  /** Milliseconds without a sign of life after which an attempt is given up. */
  readonly timeout: number;
  /** The clock. */
  readonly clock: Clock;
  /** The randomness. */
  readonly random: () => number;
  /** Told about every retry. */
  readonly onEvent: (event: DDFSEvent) => void;
}

const FIRST_PAUSE = 200;
const LONGEST_PAUSE = 10_000;
const LONGEST_RETRY_AFTER = 60_000;
const SLOWEST_UPLOAD = 128;
const MAX_REDIRECTS = 5;
const MAX_JSON = 1 << 28;
const MAX_ERROR_TEXT = 2000;
const PASSING = new Set([0, 429, 502, 503, 504]);

/** Sends requests: token, proxy, time-out, retry, abort, events. */
export class Transport {
  /** What it works with. */
  readonly settings: TransportSettings;

  /** Makes one; nothing is sent yet. */
  constructor(settings: TransportSettings) {
    this.settings = settings;
  }

  /**
   * Sends a request until it is answered, and reads the JSON of the answer.
   *
   * @param call The request.
   * @param shape Checks the value, and gives it its type; returns nothing for a value of the wrong shape.
   * @throws {CommError} If no good answer comes within the tries, or one of the wrong shape (code `bad-answer`).
   */
  json<T>(call: Call, shape: (value: unknown) => T | undefined): Promise<T> {
    return this.#repeat(call, async () => {
      const response = await this.send(call);
      const text = await boundedText(response, MAX_JSON, false).catch((cause) => {
        throw this.#failure(call, cause);
      });
      const value = shape(parseJson(text));
      if (value === undefined) {
        const excerpt = text.length > 80 ? `${text.slice(0, 80)}…` : text;
        throw new CommError(
          `${call.method} ${call.url}: the answer is not what DDFS sends: ${
            JSON.stringify(excerpt)
          }; is there a Disco master at this address?`,
          { code: "bad-answer", url: call.url, status: response.status },
        );
      }
      return value;
    });
  }

  /** Sends a request until it is answered; the answer's body is dropped. */
  done(call: Call): Promise<void> {
    return this.#repeat(call, async () => {
      const response = await this.send(call);
      await response.body?.cancel();
    });
  }

  /**
   * Sends a request once.
   *
   * @param call The request.
   * @returns The answer, its status 200 to 299, its body watched for stalls.
   * @throws {CommError} If it is not answered so.
   */
  async send(call: Call): Promise<Response> {
    const { clock, timeout } = this.settings;
    call.signal?.throwIfAborted();
    const attempt = new AbortController();
    const abort = () => attempt.abort(call.signal?.reason);
    call.signal?.addEventListener("abort", abort, { once: true });
    const release = () => call.signal?.removeEventListener("abort", abort);
    const wait = timeout + (call.size ?? 0) / SLOWEST_UPLOAD;
    const cancelTimer = clock.after(wait, () => attempt.abort(new TimeUp(wait)));
    try {
      const response = await this.#follow(call, attempt.signal);
      if (!response.ok) throw await this.#refusal(call, response);
      return watched(response, {
        clock,
        timeout,
        signal: attempt.signal,
        abort: (cause) => attempt.abort(cause),
        release,
      });
    } catch (cause) {
      release();
      attempt.abort(cause);
      throw this.#failure(call, attempt.signal.reason instanceof TimeUp ? attempt.signal.reason : cause);
    } finally {
      cancelTimer();
    }
  }

  /** Follows redirects within http(s); a token is for the host it was meant for. */
  async #follow(call: Call, signal: AbortSignal): Promise<Response> {
    const { proxy, fetch } = this.settings;
    let url = proxy === undefined ? call.url : proxied(call.url, call.method, proxy, call.toMaster);
    const first = new URL(url);
    let { method } = call;
    for (let redirects = 0;; redirects++) {
      const headers = new Headers(call.headers);
      if (call.token !== undefined && new URL(url).origin === first.origin) {
        headers.set("authorization", basic(call.token));
      }
      const body = method === call.method ? await call.body?.() : undefined;
      const streamed = body instanceof ReadableStream ? { duplex: "half" } : {};
      const request = new Request(url, {
        method,
        headers,
        body: body ?? null,
        signal,
        redirect: "manual",
        ...streamed,
      });
      const response = await raceAbort(fetch(request), signal);
      const location = response.headers.get("location");
      if (response.status < 300 || response.status > 399 || response.status === 304 || location === null) {
        return response;
      }
      await response.body?.cancel();
      const next = new URL(location, url);
      if (redirects === MAX_REDIRECTS || !/^https?:$/.test(next.protocol)) {
        const why = redirects === MAX_REDIRECTS
          ? `more than ${MAX_REDIRECTS} redirects`
          : `a redirect to ${next.protocol}`;
        throw new CommError(`${call.method} ${call.url}: ${why}`, {
          code: "bad-answer",
          url: call.url,
          status: response.status,
        });
      }
      if (response.status === 303 && method !== "HEAD") method = "GET";
      url = next.href;
    }
  }

  async #repeat<T>(call: Call, once: () => Promise<T>): Promise<T> {
    const { retries, clock, onEvent } = this.settings;
    for (let attempt = 1;; attempt++) {
      try {
        return await once();
      } catch (error) {
        if (!(error instanceof CommError) || !call.repeatable || !isPassing(error) || attempt > retries) throw error;
        const delay = this.pause(attempt, error);
        onEvent({ type: "retry", url: error.url, attempt, status: error.status, delay, cause: error });
        await sleep(clock, delay, call.signal);
      }
    }
  }

  /**
   * How long to wait before the next try: what the server asked for, else exponential back-off with full jitter. A connection that broke is tried again
   * at once the first time: a real cluster closes them unannounced.
   *
   * @see PROTOCOL "Connections"
   */
  pause(attempt: number, error: CommError): number {
    if (error instanceof Refusal && error.retryAfter !== undefined) {
      return Math.min(error.retryAfter, LONGEST_RETRY_AFTER);
    }
    if (attempt === 1 && error.code === "unreachable") return 0;
    return this.settings.random() * Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** attempt);
  }

  async #refusal(call: Call, response: Response): Promise<CommError> {
    const text = (await boundedText(response, MAX_ERROR_TEXT, true).catch(() => "")).trim();
    const { status } = response;
    const advice = ADVICE[status];
    const message = `${call.method} ${call.url}: ${status} ${text || response.statusText}${
      advice === undefined ? "" : ` (${advice})`
    }`;
    return new Refusal(message, { code: codeOf(status), url: call.url, status }, retryAfter(response.headers));
  }

  #failure(call: Call, cause: unknown): unknown {
    if (call.signal?.aborted) return call.signal.reason;
    if (cause instanceof CommError) return cause;
    const timedOut = cause instanceof TimeUp;
    const what = timedOut ? cause.message : `no answer: ${cause instanceof Error ? cause.message : String(cause)}`;
    const advice = call.toMaster ? "is the master running, and is this its address?" : "the node may be down";
    return new CommError(`${call.method} ${call.url}: ${what}; ${advice}`, {
      code: timedOut ? "timeout" : "unreachable",
      url: call.url,
      cause,
    });
  }
}

/** Whether the same request may succeed a little later. */
export function isPassing(error: CommError): boolean {
  return PASSING.has(error.status) && error.code !== "bad-answer";
}

/** An answer that says no, and perhaps when to come back. */
class Refusal extends CommError {
  readonly retryAfter: number | undefined;

  constructor(message: string, options: ConstructorParameters<typeof CommError>[1], retryAfter: number | undefined) {
    super(message, options);
    this.retryAfter = retryAfter;
  }
}

const ADVICE: Record<number, string> = {
  401: "give a token that may do this: the `token` option, or DDFS_READ_TOKEN and DDFS_WRITE_TOKEN",
};

function codeOf(status: number): ErrorCode {
  if (status === 401) return "unauthorized";
  if (status === 404) return "not-found";
  if (status >= 500) return "server-error";
  return status >= 400 ? "forbidden" : "bad-answer";
}

/** Milliseconds that a Retry-After header asks for (RFC 9110, section 10.2.3). */
function retryAfter(headers: Headers): number | undefined {
  const value = headers.get("retry-after");
  if (value === null) return undefined;
  const milliseconds = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : undefined;
}

/** The Authorization header of a token; PROTOCOL "Tokens". */
function basic(token: string): string {
  const bytes = new TextEncoder().encode(`token:${token}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An injected fetch may not look at its signal. */
function raceAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
