import { type Clock, sleep, TimeUp } from "./clock.ts";
import { CommError } from "./errors.ts";
import type { DDFSEvent } from "./options.ts";
import { watched, wholeText } from "./bodies.ts";
import { show } from "./names.ts";
import { raceAbort } from "./race_abort.ts";
import { Refusal, refusalOf } from "./refusal.ts";
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
  /** The size in bytes of a body for a node: it may take its time, as long as the node lives. */
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
  /** Whether a host may be asked at all. */
  readonly isAllowed: (url: URL) => boolean | Promise<boolean>;
}

const FIRST_PAUSE = 200;
const LONGEST_PAUSE = 10_000;
const LONGEST_RETRY_AFTER = 60_000;
const SLOWEST_UPLOAD = 128;
const MAX_REDIRECTS = 5;
const MAX_JSON = 1 << 28;
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
      const text = await wholeText(response, MAX_JSON).catch((cause) => {
        if (!(cause instanceof RangeError)) throw this.#failure(call, cause);
        throw new CommError(`${call.method} ${call.url}: ${cause.message}`, {
          code: "bad-answer",
          url: call.url,
          cause,
        });
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
    const endWait = call.size === undefined
      ? clock.after(timeout, () => attempt.abort(new TimeUp(timeout)))
      : this.#watchUpload(call.url, call.size, attempt);
    try {
      const response = await this.#follow(call, attempt.signal);
      if (!response.ok) throw await raceAbort(refusalOf(call, response), attempt.signal);
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
      endWait();
    }
  }

  /**
   * Gives an upload the time that its size needs on a slow line, unless the node is dead: one that does not answer a small request meanwhile either.
   * No runtime tells how much of a body has left.
   */
  #watchUpload(url: string, size: number, attempt: AbortController): () => void {
    const { clock, timeout, fetch, proxy } = this.settings;
    const longest = timeout + size / SLOWEST_UPLOAD;
    const { origin } = new URL(url);
    const probe = proxy === undefined ? `${origin}/ddfs/` : proxied(`${origin}/ddfs/`, "HEAD", proxy, false);
    let waited = 0;
    let isProbing = false;
    let cancel = () => {};
    const wait = () => {
      const step = Math.min(timeout, longest - waited);
      cancel = clock.after(step, () => {
        waited += step;
        if (isProbing || waited >= longest) return attempt.abort(new TimeUp(waited));
        isProbing = true;
        // Any answer is a sign of life, and so is a refusal by the runtime: pages may not read what nodes answer.
        Promise.resolve(new Request(probe, { method: "HEAD", redirect: "manual", signal: attempt.signal }))
          .then(fetch)
          .then((response) => response.body?.cancel())
          .catch(() => {})
          .finally(() => isProbing = false);
        wait();
      });
    };
    wait();
    return () => cancel();
  }

  /** Follows redirects within http(s); a token is for the host it was meant for. */
  async #follow(call: Call, signal: AbortSignal): Promise<Response> {
    const { proxy, fetch } = this.settings;
    let url = proxy === undefined ? call.url : proxied(call.url, call.method, proxy, call.toMaster);
    const first = new URL(url);
    let { method } = call;
    await this.#checkHost(call, call.url);
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
      response.body?.cancel().catch(() => {});
      const next = URL.canParse(location, url) ? new URL(location, url) : undefined;
      if (redirects === MAX_REDIRECTS || next === undefined || !/^https?:$/.test(next.protocol)) {
        const why = redirects === MAX_REDIRECTS
          ? `more than ${MAX_REDIRECTS} redirects`
          : `a redirect to ${next?.protocol ?? show(location)}`;
        throw new CommError(`${call.method} ${call.url}: ${why}`, {
          code: "bad-answer",
          url: call.url,
          status: response.status,
        });
      }
      if (response.status === 303 && method !== "HEAD") method = "GET";
      await this.#checkHost(call, next.href);
      url = next.href;
    }
  }

  async #checkHost(call: Call, url: string): Promise<void> {
    const target = new URL(url);
    const allowed = this.settings.isAllowed(target);
    if (allowed === true || await allowed) return;
    const { host } = target;
    throw new CommError(
      `${call.method} ${call.url}: ${show(host)} is neither in \`allowedHosts\` nor a host that the master names`,
      { code: "forbidden", url: call.url },
    );
  }

  async #repeat<T>(call: Call, once: () => Promise<T>): Promise<T> {
    for (let attempt = 1;; attempt++) {
      try {
        return await once();
      } catch (error) {
        if (!call.repeatable) throw error;
        await this.untilRetry(attempt, error, call.signal);
      }
    }
  }

  /**
   * Waits until a request may be tried again, and tells of it.
   *
   * @param attempt Which try has failed, from 1.
   * @param error Why.
   * @param signal Ends the wait.
   * @throws The error, when another try would not help, or the tries are used up.
   */
  async untilRetry(attempt: number, error: unknown, signal: AbortSignal | undefined): Promise<void> {
    const { retries, clock, onEvent } = this.settings;
    if (!(error instanceof CommError) || !isPassing(error) || attempt > retries) throw error;
    const delay = this.pause(attempt, error);
    onEvent({ type: "retry", url: error.url, attempt, status: error.status, delay, cause: error });
    await sleep(clock, delay, signal);
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
  return PASSING.has(error.status) && error.code !== "bad-answer" && error.code !== "forbidden";
}

/** The Authorization header of a token; PROTOCOL "Tokens". */
function basic(token: string): string {
  const bytes = new TextEncoder().encode(`token:${token}`);
  return `Basic ${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
