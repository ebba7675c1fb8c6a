import { onAbort, raceAbort } from "../base/abort.ts";
import { type Clock, timeUp } from "../base/clock.ts";
import { type BodyReads, bodyReads, comesSmall } from "./body_reads.ts";
import type { Call } from "./call.ts";
import { failure } from "./error_answer.ts";
import { type StallTimer, stallTimer } from "./stall_timer.ts";

/** The settings of an {@linkcode Attempt}. */
interface AttemptSettings {
  readonly clock: Clock;
  /** Milliseconds that a wait may take. */
  readonly timeout: number;
  /** The proxy that is asked in place of the master and of nodes. */
  readonly proxy?: string | undefined;
}

/** One attempt to send a request: it can be ended, and its waits are limited. */
export class Attempt {
  /** Times the waits for its bytes. */
  readonly stall: StallTimer;
  readonly #call: Call;
  readonly #proxy: string | undefined;
  readonly #controller: AbortController;
  readonly #releases: (() => void)[];
  #body: BodyReads | undefined;

  /**
   * Begins an attempt; nothing is sent yet.
   *
   * @param controller Ends the attempt; so does the signal of the call.
   */
  constructor({ clock, timeout, proxy }: AttemptSettings, call: Call, controller: AbortController) {
    this.#call = call;
    this.#proxy = proxy;
    this.#controller = controller;
    this.stall = stallTimer(clock, timeout, () => controller.abort(timeUp(timeout)));
    this.#releases = [
      this.stall.stop,
      onAbort(call.signal, (reason) => controller.abort(reason)),
      // An injected fetch may not look at its signal; and this ends a read that is under way.
      onAbort(controller.signal, (reason) => void this.#body?.cancel(reason).catch(() => {})),
    ];
  }

  /** The signal that ends the attempt. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Takes the body of the answer, to be read by {@linkcode next}. */
  take(response: Response): void {
    this.#body = response.body === null ? undefined : bodyReads(response.body, comesSmall(response));
  }

  /** Gives the next bytes of the body, without minding the time; `undefined` at its end. */
  next(): Promise<{ readonly value?: Uint8Array<ArrayBuffer> | undefined }> {
    return this.#body?.read() ?? Promise.resolve({});
  }

  /** Waits for some work, and fails if it takes longer than it may. */
  inTime<T>(work: Promise<T>, limit: Call["limit"] = () => this.stall.begin()): Promise<T> {
    return raceAbort(work, this.signal).finally(limit(this.#controller));
  }

  /** Calls a function once it is over. */
  onRelease(run: () => void): void {
    this.#releases.push(run);
  }

  /** Lets go of timers and signals, as the attempt is over. */
  release(): void {
    for (const letGo of this.#releases.splice(0)) letGo();
  }

  /** Ends the attempt. */
  end(reason?: unknown): void {
    this.#controller.abort(reason);
    this.release();
  }

  /** Ends the attempt, and makes its error from the reason why it was aborted. An aborted fetch fails with another error, which may come first. */
  failed(what: string, cause: unknown): unknown {
    this.end(cause);
    return failure(this.#call, what, this.signal.reason, { proxy: this.#proxy });
  }
}
