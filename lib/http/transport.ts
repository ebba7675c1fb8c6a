import { onAbort, raceAbort } from "../base/abort.ts";
import { rangeOf, readText } from "./answer_body.ts";
import { show } from "../check.ts";
import { type Clock, sleep, timeUp } from "../base/clock.ts";
import { CommError, type CommErrorOptions, DiscoError } from "../errors.ts";
import type { DDFSEvent } from "../options.ts";
import { refuse, requestError } from "./refusal.ts";
import { stallTimer } from "./stall_timer.ts";
import { proxied, tryUrl } from "../urls.ts";

/** One request, as often as it takes. */
export interface Call {
  /** The HTTP method; GET by default. */
  readonly method?: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** The HTTP URL, before any proxy. */
  readonly url: string;
  /** Whether it goes to a master, and so may carry a token; to a node by default. */
  readonly toMaster?: boolean;
  /** The token, for a master. */
  readonly token?: string | undefined;
  /** What goes with each request, for one that sends something; told whether an answer "See Other" has led elsewhere. */
  readonly init?: ((isElsewhere: boolean) => Promise<RequestInit>) | undefined;
  /** The first byte that is wanted, counted from 0. */
  readonly start?: number;
  /** Sees to it that an attempt without an answer ends, in place of the time-out; returns a function that calls it off. */
  readonly limit?: ((attempt: AbortController) => () => void) | undefined;
  /** Whether it may be repeated when its answer was lost; by default only what is read. */
  readonly repeatable?: boolean | undefined;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
}

/** An answer, its status 200 to 299. */
export interface Answer {
  /** The HTTP status. */
  readonly status: number;
  /** The size of the whole resource, where it is known. */
  readonly size: number | undefined;
  /**
   * Gives the next bytes, of which there may be none, from the wanted one on; nothing at the end.
   *
   * @throws {CommError} If they do not come in time, break off, or are all too few.
   */
  read(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Ends the request: nothing more of it is wanted. */
  end(reason?: unknown): void;
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

/** What an event is about. */
type Told = Pick<CommErrorOptions, "url" | "status">;

/** Sends requests: token, proxy, time-out, retry, abort, events. */
export class Transport {
  /** What it works with. */
  declare readonly settings: TransportSettings;

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
    return this.repeat(call, async () => {
      const { read, end, status } = await this.send(call);
      const mostBytes = 1 << 28;
      const text = await readText(read, mostBytes, true).catch((cause) => {
        end(cause);
        throw failure(call, "the answer cannot be read", cause, status);
      });
      try {
        const value = shape(JSON.parse(text));
        if (value !== undefined) return value;
      } catch {
        // No JSON is not what DDFS sends either.
      }
      const cause = new DiscoError(show(text), { code: "bad-answer" });
      throw failure(call, "the answer is not what DDFS sends", cause, status);
    });
  }

  /** Sends a request until it is answered; the answer's body is dropped. */
  done(call: Call): Promise<void> {
    return this.repeat(call, async () => (await this.send(call)).end());
  }

  /**
   * Sends a request once.
   *
   * @param call The request.
   * @param attempt Ends it too.
   * @throws {CommError} If it is not answered with a status of 200 to 299.
   */
  async send(call: Call, attempt: AbortController = new AbortController()): Promise<Answer> {
    const { clock, timeout } = this.settings;
    const { start: wanted = 0 } = call;
    let reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined = undefined;
    const stall = stallTimer(clock, timeout, attempt);
    const releases = [
      stall.stop,
      onAbort(call.signal, (reason) => attempt.abort(reason)),
      // An injected fetch may not; and that ends a read that is under way.
      onAbort(attempt.signal, (reason) => void reader?.cancel(reason).catch(() => {})),
    ];
    const release = () => releases.forEach((letGo) => letGo());
    const end = (reason?: unknown) => {
      attempt.abort(reason);
      release();
    };
    const failed = (what: string, cause: unknown) => {
      end(cause);
      // An aborted fetch fails with words of its own, and perhaps first.
      return failure(call, what, attempt.signal.reason);
    };
    const inTime = <T>(work: Promise<T>, limit: Call["limit"] = stall.begin): Promise<T> =>
      raceAbort(work, attempt.signal).finally(limit(attempt));

    try {
      const response = await inTime(this.#follow(call, attempt.signal), call.limit);
      const { status, ok } = response;
      reader = response.body?.getReader();
      if (!ok) await inTime(refuse(call, response, async () => (await reader?.read())?.value));
      const [start, size] = rangeOf(response);
      if (!(start <= wanted)) {
        throw requestError(call, `asked for byte ${wanted}, got byte ${start}`, "bad-answer", { status });
      }
      let position = start;
      let waited = 0;
      const read = async () => {
        try {
          const ended = stall.begin();
          const value = (await reader?.read())?.value;
          waited += ended();
          attempt.signal.throwIfAborted();
          if (!value) {
            if (position < (size ?? 0)) throw new TypeError("it is too short");
            release();
            return undefined;
          }
          const fresh = value.subarray(Math.max(0, wanted - position));
          position += value.length;
          // Pages are not told of every encoding that a server between them and the master uses.
          if (position > (size ?? Infinity) && !call.toMaster) throw new TypeError("it is too long");
          // A byte a millisecond is the least, on an average over more than one time-out. Time in which nobody reads does not count.
          if (waited > timeout + position - start) throw timeUp(waited, "too little came");
          return fresh;
        } catch (cause) {
          throw failed(`broken off at byte ${position} of ${size ?? "?"}`, cause);
        }
      };
      return { status, size, read, end };
    } catch (cause) {
      throw failed("no answer", cause);
    }
  }

  /** The answer to a call, redirects followed. */
  async #follow(call: Call, signal: AbortSignal): Promise<Response> {
    const mostRedirects = 5;
    const { fetch, proxy, isAllowed } = this.settings;
    const { method = "GET", token, start: wanted = 0 } = call;
    let target = new URL(call.url);
    let url = new URL(proxied(call.url, method, proxy, call.toMaster));
    const origin = url.origin;
    for (let redirects = 0, isElsewhere = false;; redirects++) {
      if (!await isAllowed(target)) {
        throw requestError(
          call,
          `${show(target.host)} is neither in allowedHosts nor a node of the master`,
          "forbidden",
        );
      }
      signal.throwIfAborted();
      const init = await call.init?.(isElsewhere);
      const headers = new Headers(init?.headers);
      if (token !== undefined && url.origin === origin) headers.set("authorization", basic(token));
      if (wanted > 0) headers.set("range", `bytes=${wanted}-`);
      const response = await fetch(new Request(url, { method, ...init, headers, signal, redirect: "manual" }));
      const { status } = response;
      const location = response.headers.get("location");
      if (!location || status < 300 || status > 399) return response;
      response.body?.cancel().catch(() => {});
      const next = tryUrl(location, url);
      if (redirects === mostRedirects || !next?.protocol.startsWith("http")) {
        throw requestError(
          call,
          `redirect ${redirects + 1} to ${show(location)} is not followed: at most ${mostRedirects}, to http(s)`,
          "bad-answer",
          { status },
        );
      }
      isElsewhere ||= status === 303;
      url = target = next;
    }
  }

  /**
   * Tries something until it succeeds.
   *
   * @param call Whether it may be repeated, and what ends it.
   * @param once Tries it once.
   * @throws {CommError} If another try would not help, or the tries are used up.
   */
  async repeat<T>(
    { method = "GET", repeatable = method === "GET", signal }: Pick<Call, "method" | "repeatable" | "signal">,
    once: () => Promise<T>,
  ): Promise<T> {
    for (let attempt = 1;; attempt++) {
      try {
        return await once();
      } catch (error) {
        if (!repeatable) throw error;
        await this.untilRetry(attempt, error, signal);
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
    const { retries, clock } = this.settings;
    if (signal?.aborted || !(error instanceof CommError) || !isPassing(error) || attempt > retries) throw error;
    const delay = this.pause(attempt, error);
    this.tell("retry", error, attempt, delay);
    await sleep(clock, delay, signal);
  }

  /** Tells of something that happened on the way, and what is done about it. */
  tell(type: DDFSEvent["type"], about: Told, attempt: number, delay: number = 0, cause: unknown = about): void {
    this.settings.onEvent({ type, url: about.url, attempt, status: about.status ?? 0, delay, cause });
  }

  /**
   * How many milliseconds to wait before the next try: what the server asked for, up to a minute, else exponential back-off up to ten seconds, with full
   * jitter. A connection that broke is tried again at once the first time: a real cluster closes them unannounced.
   *
   * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#connections PROTOCOL: Connections}
   */
  pause(attempt: number, { code, retryAfter }: CommError): number {
    if (retryAfter !== undefined) return Math.min(retryAfter, 60_000);
    if (attempt === 1 && code === "unreachable") return 0;
    return this.settings.random() * Math.min(10_000, 200 * 2 ** attempt);
  }
}

/** The error of a request that failed: the reason of the caller's signal, once that is aborted. */
function failure(call: Call, what: string, cause: unknown, status: number = 0): unknown {
  if (call.signal?.aborted) return call.signal.reason;
  if (cause instanceof CommError) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  const advice = call.toMaster ? "is a Disco master there?" : "the node may be down";
  const code = cause instanceof DiscoError ? cause.code : "unreachable";
  return requestError(call, `${what}: ${why}; ${advice}`, code, { cause, status });
}

/** Whether the same request may succeed a little later. */
export function isPassing({ status, code }: CommError): boolean {
  return code === "unreachable" || code === "timeout" || [429, 502, 503, 504].includes(status);
}

/** The Authorization header of a token; PROTOCOL "Tokens". */
function basic(token: string): string {
  let text = "";
  for (const byte of new TextEncoder().encode(`token:${token}`)) text += String.fromCharCode(byte);
  return `Basic ${btoa(text)}`;
}
