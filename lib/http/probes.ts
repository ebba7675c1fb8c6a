import type { Clock } from "../base/clock.ts";
import { MOST_AT_ONCE } from "../runtime/host.ts";
import { isDown } from "./causes.ts";

/** A small request that is on its way to a server, to see whether it lives. */
export interface Probe {
  /** Milliseconds for which nothing has come; 0 once something came. */
  silence(): number;
  /** The runtime's reason to say that nobody is there. */
  readonly failure: unknown;
  /** Lets go of it. */
  release(): void;
}

/** Looks whether servers live: one small request at a time to each, whoever wants to know. */
export class Probes {
  readonly #clock: Clock;
  readonly #running = new Map<string, { probe: SharedProbe; users: number }>();
  readonly #requests = new Map<string, number>();

  /** Makes them; nothing is sent yet. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts a request to a server, until the returned function is called. */
  count(origin: string): () => void {
    const add = (more: number) => {
      const count = (this.#requests.get(origin) ?? 0) + more;
      if (count > 0) this.#requests.set(origin, count);
      else this.#requests.delete(origin);
    };
    add(1);
    return () => add(-1);
  }

  /**
   * Asks a server, or joins whoever is asking it.
   *
   * @param send Sends the request; its answer does not matter.
   * @returns Nothing where an answer would not come, however well the server is.
   */
  ask(origin: string, send: (signal: AbortSignal) => Promise<void>): Probe | undefined {
    // It would wait in the runtime, or in the server.
    if ((this.#requests.get(origin) ?? 0) >= MOST_AT_ONCE) return undefined;
    const shared = this.#running.get(origin) ?? { probe: new SharedProbe(this.#clock, send), users: 0 };
    this.#running.set(origin, shared);
    shared.users++;
    const { probe } = shared;
    const forget = () => {
      if (this.#running.get(origin) === shared) this.#running.delete(origin);
    };
    probe.ended.then(forget);
    let isReleased = false;
    return {
      silence: () => probe.silence(),
      get failure() {
        return probe.failure;
      },
      release: () => {
        if (isReleased) return;
        isReleased = true;
        if (--shared.users > 0) return;
        forget();
        probe.stop.abort();
      },
    };
  }
}

class SharedProbe {
  readonly stop = new AbortController();
  readonly ended: Promise<void>;
  failure: unknown;
  readonly #clock: Clock;
  readonly #began: number;
  #isAnswered = false;

  constructor(clock: Clock, send: (signal: AbortSignal) => Promise<void>) {
    this.#clock = clock;
    this.#began = clock.now();
    const answered = () => {
      this.#isAnswered = true;
    };
    // Any answer is a sign of life, and so is a refusal by the runtime: pages may not read what nodes answer.
    this.ended = send(this.stop.signal).then(answered, (cause) => {
      if (isDown(cause)) this.failure = cause;
      answered();
    });
  }

  silence(): number {
    return this.#isAnswered ? 0 : this.#clock.now() - this.#began;
  }
}
