import { onAbort, raceAbort } from "../base/abort.ts";
import type { Clock } from "../base/clock.ts";
import type { Call } from "./call.ts";
import { failure } from "./error_answer.ts";
import { type StallTimer, stallTimer } from "./stall_timer.ts";

/** Sending a request once: what ends it, and the watch over its waits. */
export class Attempt {
  /** Times the waits for its bytes. */
  readonly stall: StallTimer;
  readonly #call: Call;
  readonly #controller: AbortController;
  readonly #releases: (() => void)[];
  #body: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined;

  /**
   * Begins it; nothing is sent yet.
   *
   * @param settings The clock, and the milliseconds that a wait may take.
   * @param controller Ends it; so does the signal of the call.
   */
  constructor({ clock, timeout }: { clock: Clock; timeout: number }, call: Call, controller: AbortController) {
    this.#call = call;
    this.#controller = controller;
    this.stall = stallTimer(clock, timeout, controller);
    this.#releases = [
      this.stall.stop,
      onAbort(call.signal, (reason) => controller.abort(reason)),
      // An injected fetch may not look at its signal; and this ends a read that is under way.
      onAbort(controller.signal, (reason) => void this.#body?.cancel(reason).catch(() => {})),
    ];
  }

  /** Aborted when it is to end. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Takes the body of its answer. */
  take(response: Response): void {
    this.#body = response.body?.getReader();
  }

  /** Gives the next bytes of the body, without minding the time; `undefined` at its end. */
  async next(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return (await this.#body?.read())?.value;
  }

  /** Waits for some work, and fails if it takes longer than it may. */
  inTime<T>(work: Promise<T>, limit: Call["limit"] = this.stall.begin): Promise<T> {
    return raceAbort(work, this.signal).finally(limit(this.#controller));
  }

  /** Lets go of timers and signals: it is over. */
  release(): void {
    for (const letGo of this.#releases) letGo();
  }

  /** Ends it. */
  end(reason?: unknown): void {
    this.#controller.abort(reason);
    this.release();
  }

  /** Ends it, and makes its error from the reason why it was aborted. An aborted fetch fails with another error, which may come first. */
  failed(what: string, cause: unknown): unknown {
    this.end(cause);
    return failure(this.#call, what, this.signal.reason);
  }
}
