import type { Clock } from "../../lib/base/clock.ts";
import { DDFSReader } from "../../lib/client/reader.ts";
import type { DDFSEvent, DDFSOptions } from "../../lib/options.ts";

/** A clock that stands still until it is told. Pauses of 0 ms pass by themselves. */
export interface ManualClock extends Clock {
  /** Lets time pass, and with it everything that is due. */
  advance(milliseconds: number): Promise<void>;
  /** The same at once: what runs by itself before and after is not waited for. */
  pass(milliseconds: number): void;
  /** How many timers are set. */
  readonly pending: number;
}

/** Makes a clock that stands still. */
export function manualClock(): ManualClock {
  let now = 0;
  let timers: { at: number; run: () => void }[] = [];
  const pass = (milliseconds: number) => {
    now += milliseconds;
    for (const timer of timers.filter(({ at }) => at <= now)) {
      timers = timers.filter((other) => other !== timer);
      timer.run();
    }
  };
  return {
    pass,
    now: () => now,
    after(milliseconds, run) {
      const timer = { at: now + milliseconds, run };
      timers.push(timer);
      const cancel = () => timers = timers.filter((other) => other !== timer);
      if (milliseconds === 0) {
        queueMicrotask(() => {
          if (!timers.includes(timer)) return;
          cancel();
          run();
        });
      }
      return cancel;
    },
    async advance(milliseconds) {
      await settled();
      pass(milliseconds);
      await settled();
    },
    get pending() {
      return timers.length;
    },
  };
}

const { setImmediate = setTimeout } = globalThis as { setImmediate?: (run: () => void) => unknown };

/**
 * Waits until everything that is ready to run has run: some turns of the event loop, and a timer, so that what other threads do for the runtime
 * comes in. Timers alone would take 4 ms each, as each of them sets the next one.
 */
export async function settled(turns = 10): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise<void>((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 0));
}

/** All values of an async iterable. */
export async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const value of values) list.push(value);
  return list;
}

/** The error that a promise ends with. */
export function failure(promise: Promise<unknown>): Promise<Error & { code?: string; url?: string; status?: number }> {
  return promise.then((value) => {
    throw new Error(`expected an error, got ${JSON.stringify(value)}`);
  }, (error) => error);
}

/** A JSON answer. */
export function json(value: unknown, status = 200): Response {
  return new Response(JSON.stringify(value), { status, headers: { "content-type": "application/json" } });
}

/** A fetch that answers from a list, one a request, and remembers the requests. An error in the list is thrown. */
export function scripted(...answers: (Response | Error | ((request: Request) => Response | Promise<Response>))[]): {
  fetch: (request: Request) => Promise<Response>;
  requests: Request[];
} {
  const requests: Request[] = [];
  return {
    requests,
    fetch: async (request) => {
      requests.push(request);
      const answer = answers[requests.length - 1];
      if (answer === undefined) {
        throw new Error(`unexpected request ${requests.length}: ${request.method} ${request.url}`);
      }
      if (answer instanceof Error) throw answer;
      return typeof answer === "function" ? await answer(request) : answer;
    },
  };
}

/** A client of the master `m` on a clock that stands still, without jitter; and the events that it told. */
export function watchedReader(
  fetch: (request: Request) => Promise<Response>,
  options: DDFSOptions = {},
): { ddfs: DDFSReader; events: DDFSEvent[]; clock: ManualClock } {
  const events: DDFSEvent[] = [];
  const clock = manualClock();
  const onEvent = (event: DDFSEvent) => events.push(event);
  return {
    ddfs: new DDFSReader("disco://m", { settings: {}, fetch, clock, random: () => 0, onEvent, ...options }),
    events,
    clock,
  };
}

/** The one value of an async iterable. */
export async function only<T>(values: AsyncIterable<T>): Promise<T> {
  const [value, ...more] = await all(values);
  if (value === undefined || more.length > 0) {
    throw new Error(`expected one value, got ${more.length + (value === undefined ? 0 : 1)}`);
  }
  return value;
}

/** Makes a clock whose time passes as soon as nothing else happens: what is due next is run then. */
export function idleClock(): Clock {
  let now = 0;
  let timers: { at: number; run: () => void }[] = [];
  let isWaiting = false;
  const pass = () => {
    isWaiting = false;
    const [next] = timers.toSorted((one, other) => one.at - other.at);
    if (next === undefined) return;
    timers = timers.filter((timer) => timer !== next);
    now = Math.max(now, next.at);
    wait();
    next.run();
  };
  const wait = () => {
    if (isWaiting) return;
    isWaiting = true;
    setTimeout(() => setTimeout(pass));
  };
  return {
    now: () => now,
    after(milliseconds, run) {
      const timer = { at: now + milliseconds, run };
      timers.push(timer);
      wait();
      return () => timers = timers.filter((other) => other !== timer);
    },
  };
}

/** A promise, and what settles it: Node 20 has no Promise.withResolvers(). */
export function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => resolve = settle);
  return { promise, resolve };
}
