import { type ManualClock, manualClock, settled } from "../helpers/fakes.ts";
import type { Fault } from "./faults.ts";
import { FaultProxy, NUMBER, WISH } from "./proxy.ts";

/** Milliseconds that pass at once. */
const STEP = 50;

/**
 * Real sockets for a client whose clock stands still while a request is on its way: time passes only while the client waits for what is held
 * up on purpose, or for its own pauses. So nothing depends on how fast the machine is.
 */
export class PatientNetwork {
  /** The client's clock. */
  readonly clock: ManualClock;
  /** How many requests the client has sent. */
  requests = 0;
  readonly #proxy: FaultProxy;
  readonly #decide: (request: Request) => Fault | undefined;
  /** The numbers of the requests that have no answer yet. */
  readonly #unanswered = new Set<string>();

  private constructor(clock: ManualClock, proxy: FaultProxy, decide: (request: Request) => Fault | undefined) {
    this.clock = clock;
    this.#proxy = proxy;
    this.#decide = decide;
  }

  /**
   * Starts proxies with faults.
   *
   * @param hosts The addresses to listen on.
   * @param backend The server's port on 127.0.0.1.
   * @param decide What happens to a request.
   */
  static async listen(
    hosts: readonly string[],
    backend: number,
    decide: (request: Request) => Fault | undefined,
  ): Promise<PatientNetwork> {
    const clock = manualClock();
    const proxy = await FaultProxy.listen(hosts, backend, ({ wish }) => wish as Fault | undefined, clock);
    return new PatientNetwork(clock, proxy, decide);
  }

  /** The port that the proxies listen on. */
  get port(): number {
    return this.#proxy.port;
  }

  /** The client's fetch. */
  readonly fetch = async (request: Request): Promise<Response> => {
    const number = String(++this.requests);
    const wish = this.#decide(request);
    request.headers.set(NUMBER, number);
    if (wish !== undefined) request.headers.set(WISH, wish);
    this.#unanswered.add(number);
    try {
      return await (wish === "refused" ? fetch(nobody(), { signal: request.signal }) : fetch(request));
    } finally {
      this.#unanswered.delete(number);
    }
  };

  /** Lets time pass as far as it must until some work has ended. */
  async passUntil<T>(work: Promise<T>): Promise<T> {
    let isOver = false;
    const ended = work.finally(() => isOver = true);
    ended.catch(() => {});
    while (!isOver) {
      await settled();
      if (!isOver && !this.#isBusy()) this.clock.pass(STEP);
    }
    return await ended;
  }

  /** Waits until everything that is on its way has arrived, also what the client has given up. */
  async delivered(): Promise<void> {
    do await settled(); while (this.#proxy.working > 0);
  }

  /** Ends the proxies. */
  async close(): Promise<void> {
    await this.#proxy.close();
  }

  #isBusy(): boolean {
    return this.#proxy.working > 0 || [...this.#unanswered].some((number) => !this.#proxy.isSilent(number));
  }
}

/** Where nobody listens. */
function nobody(): string {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return `http://127.0.0.1:${listener.addr.port}/`;
}
