import { onAbort } from "./abort.ts";

const { setImmediate } = globalThis as { setImmediate?: (run: () => void) => void };

/** Milliseconds that work may go on before other work gets its turn. */
const LONGEST = 40;

/** The time of the event loop's last turn, as far as it is known here. */
let last = performance.now();

/**
 * Lets the event loop have a turn, which promises alone do not: messages, timers, input, an abort. Where a page has to ask by a message, that is because
 * its timers come once a second or less while nobody looks at it; in Deno, messages to itself would keep those of its threads waiting.
 */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      last = performance.now();
      resolve();
    };
    if (setImmediate !== undefined) return setImmediate(done);
    if (typeof MessageChannel !== "function") return setTimeout(done);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      done();
    };
    port2.postMessage(undefined);
  });
}

/**
 * Waits for something to end, but no longer than a turn of the event loop: it may never do so.
 *
 * @param ending The promise that is waited for; its error is dropped.
 */
export async function soon(ending: PromiseLike<unknown> | undefined): Promise<void> {
  await Promise.race([Promise.resolve(ending).catch(() => {}), turn()]);
}

/**
 * Gives the result of some work, or throws the signal's reason a turn after it is aborted. By then the work has cleaned up, unless it is stuck.
 *
 * @returns What the work gives.
 */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let release = () => {};
  const aborted = new Promise<never>((_, reject) => {
    release = onAbort(signal, (reason) => void turn().then(() => reject(reason)));
  });
  return await Promise.race([work, aborted]).finally(release);
}

/**
 * Lets the event loop have a turn when it had none for a while; called between pieces of work that take about a millisecond each.
 *
 * @param signal Its reason is thrown once it is aborted.
 * @returns A promise to await; `undefined` while it is not time yet.
 */
export function breathe(signal?: AbortSignal): Promise<void> | undefined {
  if (performance.now() - last < LONGEST) return undefined;
  return turn().then(() => signal?.throwIfAborted());
}
