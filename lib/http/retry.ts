import { checkOptions, milliseconds, type OptionNames, wholeNumber } from "../check.ts";
import { type Clock, sleep } from "../base/clock.ts";
import { CommError } from "../errors.ts";
import type { RetryOptions } from "../options.ts";
import { isLasting } from "./causes.ts";

/** The milliseconds since its first failure in which a request is sent again. */
const WITHIN = 30_000;
/** The same for a master that has not answered this client yet: it may be the wrong address. */
const WITHIN_UNKNOWN = 3_000;
/** A master keeps the error of a tag for as long as that is asked for more often than once a second. */
const TAG_PAUSE = 1_300;

/**
 * Checks the options of retries.
 *
 * @throws {DiscoError} If a number makes no sense (code `invalid-argument`).
 */
export function checkRetry(retry: RetryOptions = {}): RetryOptions {
  checkOptions("retry", retry, { within: true, tries: true } satisfies OptionNames<RetryOptions>);
  return { within: milliseconds(retry, "within", 0), tries: wholeNumber(retry, "tries", 1) };
}

/** Tells whether the same request may succeed a little later. */
export function isPassing({ status, code, message, cause }: CommError): boolean {
  if (code === "unreachable" || code === "timeout") return !isLasting(cause);
  return [429, 502, 503, 504].includes(status) || isRestarting(status, message);
}

/** Tells whether a master says that too few of its nodes are back yet. */
function isRestarting(status: number, message: string): boolean {
  return status === 500 && /: 500 .*(too_many_failed_nodes|replication_failed)/s.test(message);
}

/** The settings of retries. */
export interface RetrySettings {
  /** The retry options that were given. */
  readonly retry: RetryOptions;
  /** The clock. */
  readonly clock: Clock;
  /** The randomness. */
  readonly random: () => number;
}

/** The settings of the tries of one request. */
export interface RetriesOptions {
  /** The limits of the tries, and the clock. */
  readonly settings: RetrySettings;
  /** Tells whether the server has answered before; by default it has. */
  readonly isKnown?: () => boolean;
  /** Called for each retry with the error, the number of failures, and the milliseconds until the next try. */
  readonly onRetry?: (error: CommError, failures: number, delay: number) => void;
}

/** The tries of one request, which all have the same clock and count. */
export class Retries {
  readonly #options: RetriesOptions;
  #firstFailure: number | undefined;
  #failures = 0;

  /** Begins with no failure. */
  constructor(options: RetriesOptions) {
    this.#options = options;
  }

  /** Forgets the failures, since something has succeeded. */
  reset(): void {
    this.#firstFailure = undefined;
    this.#failures = 0;
  }

  /**
   * Counts a failure, and waits until the next try.
   *
   * @param error The error of the last try.
   * @param signal Ends the wait when it is aborted.
   * @param mayPass True if another try may help.
   * @throws The error, when another try would not help, or there is none left.
   */
  async next(error: unknown, signal: AbortSignal | undefined, mayPass?: boolean): Promise<void> {
    if (signal?.aborted || !(error instanceof CommError)) throw error;
    const delay = this.pauseAfter(error, mayPass);
    if (delay === undefined) throw error;
    this.#options.onRetry?.(error, this.#failures, delay);
    await sleep(this.#options.settings.clock, delay, signal);
  }

  /** Counts a failure, and gives the milliseconds to wait; `undefined` if there is no other try. */
  pauseAfter(error: CommError, mayPass: boolean = isPassing(error)): number | undefined {
    const { settings: { clock, retry }, isKnown } = this.#options;
    const now = clock.now();
    this.#firstFailure ??= now;
    this.#failures++;
    const within = retry.within ?? (isKnown?.() === false ? WITHIN_UNKNOWN : WITHIN);
    const left = this.#firstFailure + within - now;
    if (!mayPass || left <= 0 || this.#failures >= (retry.tries ?? Infinity)) return undefined;
    const { retryAfter = Math.min(left, this.#backOff(error)) } = error;
    return retryAfter <= left ? retryAfter : undefined;
  }

  /**
   * Gives the pause before the next try: exponential back-off up to ten seconds, with full jitter. After a first broken connection it is 0, as a real cluster closes them
   * unannounced.
   *
   * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#connections PROTOCOL: Connections}
   * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#failures-of-a-cluster PROTOCOL: Failures of a cluster}
   */
  #backOff({ code, status, message }: CommError): number {
    if (this.#failures === 1 && code === "unreachable") return 0;
    const pause = this.#options.settings.random() * Math.min(10_000, 200 * 2 ** this.#failures);
    return isRestarting(status, message) ? TAG_PAUSE + pause : pause;
  }
}
