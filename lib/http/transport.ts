import { bodyReader, partOf } from "./answer_body.ts";
import { readText } from "./read_text.ts";
import { Attempt } from "./attempt.ts";
import type { Answer, Call } from "./call.ts";
import { show } from "../check.ts";
import { DiscoError } from "../errors.ts";
import { failure, throwErrorAnswer } from "./error_answer.ts";
import { follow, type FollowSettings } from "./follow.ts";
import type { DDFSEvent, ReadOptions, Replicas } from "../options.ts";
import type { Probe, Probes } from "./probes.ts";
import { checkRetry, Retries, type RetrySettings } from "./retry.ts";
import { freshConnection } from "../runtime/host.ts";
import { soon } from "../base/turn.ts";
import { cleanCause, withoutTokens } from "../secrets.ts";

/** The settings of a {@linkcode Transport}. */
export interface TransportSettings extends FollowSettings, RetrySettings {
  /** Milliseconds without a sign of life after which an attempt is given up. */
  readonly timeout: number;
  /** Called for every retry. */
  readonly onEvent: (event: DDFSEvent) => void;
  /** The masters that have answered, by origin. */
  readonly answered: Set<string>;
  /** The masters that carry out one of all requests with one key, by origin: the embedded DDFS does. */
  readonly once: Set<string>;
  /** Looks whether servers live. */
  readonly probes: Probes;
}

/** An event of a request. */
interface Happening {
  /** The kind of event, which says what is done about it. */
  readonly type: DDFSEvent["type"];
  /** The URL that it happened to. */
  readonly about: { readonly url: string; readonly status?: number };
  /** Which try it was, from 1. */
  readonly attempt: number;
  /** Milliseconds until the next one; none by default. */
  readonly delay?: number;
  /** The cause; by default the error that it happened to. */
  readonly cause?: unknown;
  /** The replicas of the blobs that it is about. */
  readonly replicas?: readonly Replicas[];
}

/** Checks a value and the answer that it came with; `undefined` for one of the wrong shape. */
export type Shape<T> = (value: unknown, answer: Answer) => T | undefined;

/** Sends requests: with token and proxy, time-outs and retries, and until they are aborted. */
export class Transport {
  /** Its settings. */
  declare readonly settings: TransportSettings;
  /** The last failure that was told as an event. */
  lastFailure: Error | undefined;

  /** Makes a transport; nothing is sent yet. */
  constructor(settings: TransportSettings) {
    this.settings = settings;
  }

  /** Gives the same transport for one operation, which may have its own limits for retries. */
  forOperation({ retry }: Pick<ReadOptions, "retry">): Transport {
    const own = this.settings.retry;
    const { within = own.within, tries = own.tries } = checkRetry(retry);
    return new Transport({ ...this.settings, retry: { within, tries } });
  }

  /**
   * Sends a request until it is answered, and reads the JSON of the answer.
   *
   * @param shape Checks the value, and gives it its type; `undefined` for a value of the wrong shape. It is told of the answer, too.
   * @throws {CommError} If no good answer comes within the tries, or one of the wrong shape (code `bad-answer`).
   */
  json<T>(call: Call, shape: Shape<T>): Promise<T> {
    return this.repeat(call, async () => {
      const answer = await this.send(call);
      const { read, end, status } = answer;
      const mostBytes = 1 << 28;
      const text = await readText(read, mostBytes, true).catch((cause) => {
        end(cause);
        throw failure(call, "the answer cannot be read", cause, { status });
      });
      return shaped(call, text, shape, answer);
    });
  }

  /** Sends a request until it is answered. What came of the answer's body with it is read, so that the connection can be used again; more is dropped. */
  done(call: Call): Promise<void> {
    return this.repeat(call, async () => {
      const { read, end, headers, status } = await this.send(call);
      await soon(readShort(read));
      end();
      // A page to log in, or what a server has for every path: no master has done anything.
      if (/^text\/html\b/i.test(headers.get("content-type") ?? "")) {
        const cause = new DiscoError("it is a page of HTML", { code: "bad-answer" });
        throw failure(call, "the answer is not what DDFS sends", cause, { status });
      }
    });
  }

  /**
   * Sends a request once.
   *
   * @param controller Ends the request, as the call's own signal does.
   * @throws {CommError} If it is not answered with a status of 200 to 299.
   */
  async send(call: Call, controller: AbortController = new AbortController()): Promise<Answer> {
    const { timeout } = this.settings;
    const attempt = new Attempt(this.settings, call, controller);
    attempt.onRelease(this.settings.probes.count(new URL(call.url).origin));
    try {
      const response = await attempt.inTime(follow(this.settings, call, attempt.signal), call.limit);
      if (call.toMaster) this.#hear(call, response);
      attempt.take(response);
      const { status, ok } = response;
      if (!ok) await attempt.inTime(throwErrorAnswer(call, response, async () => (await attempt.next()).value));
      const { start, end, size } = partOf(response);
      const read = bodyReader(attempt, { start, end, isExact: !call.toMaster }, timeout);
      const etag = response.headers.get("etag") ?? undefined;
      return { status, headers: response.headers, size, start, etag, read, end: (reason) => attempt.end(reason) };
    } catch (cause) {
      throw attempt.failed("no answer", cause);
    }
  }

  /** Tells whether a master has said that of all requests with one key it carries out one, so that they may be repeated. */
  takesOnce(url: string): boolean {
    return this.settings.once.has(new URL(url).origin);
  }

  /** Notes what an answer tells of its master. */
  #hear({ url, request }: Call, { ok, headers }: Response): void {
    const { answered, once } = this.settings;
    const { origin } = new URL(url);
    answered.add(origin);
    if (headers.get("ddfs-requests") === "once") once.add(origin);
    // Another master may have the address by now.
    else if (ok && request !== undefined) once.delete(origin);
  }

  /**
   * Looks whether a server lives.
   *
   * @param url A URL on it.
   * @returns Nothing where so many requests are on their way there that this one might wait.
   */
  probe(url: string): Probe | undefined {
    const { origin } = new URL(url);
    return this.settings.probes.ask(origin, async (signal) => {
      // It leaves no idle connection behind that a blob could be sent over.
      const init = () => Promise.resolve(freshConnection());
      const response = await follow(this.settings, { method: "HEAD", url: `${origin}/ddfs/`, init }, signal);
      await response.body?.cancel();
    });
  }

  /**
   * Tries something until it succeeds.
   *
   * @param call The request; it says whether it may be repeated.
   * @param once Tries it once.
   * @throws {CommError} If another try would not help, or there is none left.
   */
  async repeat<T>(call: Partial<Call>, once: () => Promise<T>): Promise<T> {
    const { method = "GET", repeatable = method === "GET", signal } = call;
    const retries = this.retries(call);
    for (;;) {
      try {
        return await once();
      } catch (error) {
        if (!repeatable) throw error;
        await retries.next(error, signal);
      }
    }
  }

  /** Begins counting the tries of a request. */
  retries({ toMaster = false, url }: Partial<Call>): Retries {
    const { answered } = this.settings;
    return new Retries({
      settings: this.settings,
      isKnown: () => !toMaster || url === undefined || answered.has(new URL(url).origin),
      onRetry: (about, attempt, delay) => this.tell({ type: "retry", about, attempt, delay }),
    });
  }

  /** Tells an event. */
  tell({ type, about, attempt, delay = 0, cause = about, replicas }: Happening): void {
    if (about instanceof Error) this.lastFailure = about;
    this.settings.onEvent({
      type,
      url: withoutTokens(about.url),
      attempt,
      status: about.status ?? 0,
      delay,
      cause: cleanCause(cause),
      ...(replicas && { replicas }),
    });
  }
}

/** Reads a short answer; a long one, or one that never ends, is left. */
async function readShort(read: Answer["read"]): Promise<void> {
  for (let parts = 0; parts < 8 && await read() !== undefined; parts++);
}

/** Reads the value that a JSON text stands for, and checks its shape. */
function shaped<T>(call: Call, text: string, shape: Shape<T>, answer: Answer): T {
  let why: unknown;
  try {
    const value = shape(JSON.parse(text), answer);
    if (value !== undefined) return value;
  } catch (cause) {
    why = cause;
    // Without a length, that it broke off can be seen in the text alone.
    if (answer.size === undefined && isCut(text)) {
      throw failure(call, "the answer cannot be read", new TypeError("it is cut off", { cause }), answer);
    }
  }
  const cause = new DiscoError(show(text), { code: "bad-answer", cause: why });
  throw failure(call, "the answer is not what DDFS sends", cause, answer);
}

/** Tells whether a text is the beginning of some JSON: nothing at all, or something in it is not closed. */
function isCut(text: string): boolean {
  const rest = text.trim().replace(/"(?:[^"\\]|\\.)*"/gs, "");
  const count = (pattern: RegExp) => rest.match(pattern)?.length ?? 0;
  return text.trim() === "" || (/^[[{"]/.test(rest || '"') && (rest.includes('"') || count(/[[{]/g) > count(/[\]}]/g)));
}
