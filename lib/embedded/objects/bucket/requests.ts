import type { Clock } from "../../../base/clock.ts";
import { DiscoError } from "../../../errors.ts";
import { reasonOf, refusal, toldReason } from "../../stores/refusal.ts";
import type { StoreSetup } from "../../stores/store.ts";
import type { ListedObject, ObjectEngine } from "./engine.ts";

/** Milliseconds that a request for a small object may take. */
const LIMIT = 15_000;
/** The times that a request is made that may be repeated. */
const TRIES = 6;
/** Milliseconds: the longest pause after the first failure; it doubles with each one that follows. */
const FIRST_PAUSE = 20;
const LONGEST_PAUSE = 2000;
/** Milliseconds: the same after a lost race. */
const FIRST_RACE = 1;
const LONGEST_RACE = 60;
/** Milliseconds of the pause, about, that a store wants which says that it has too much to do, and of one that has a limit a second. */
const BUSY_PAUSE = 200;
const LIMITED_PAUSE = 1000;

/** Time and chance, as {@linkcode StoreSetup} has them. */
export type Pauses = Pick<StoreSetup, "after" | "random">;

/** Tells whether an error says that the store has too much to do, and has done nothing therefore. */
export function isBusy(error: unknown): boolean {
  return statusOf(error) === 503 || isLimited(error);
}

/** Tells whether an error says that the store takes no more requests for one key in this second. */
export function isLimited(error: unknown): boolean {
  return statusOf(error) === 429;
}

function statusOf(error: unknown): unknown {
  return (Object(error) as { status?: unknown }).status;
}

/**
 * Waits for a while that depends on chance, so that those who lost a race do not meet again.
 *
 * @param failures The number of failures before it, from 1.
 * @param error The failure.
 */
export function pause({ after, random }: Pauses, failures: number, error?: unknown): Promise<void> {
  const most = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(failures, 10));
  const least = isLimited(error) ? LIMITED_PAUSE / 2 : isBusy(error) ? BUSY_PAUSE / 2 : 0;
  return wait(after, least + random() * Math.max(most, 2 * least));
}

/** Waits for a while after somebody else was faster: not at all at first, and longer the more there are. */
export function pauseAfterRace({ after, random }: Pauses, races: number): Promise<void> {
  if (races === 1) return Promise.resolve();
  return wait(after, random() * Math.min(LONGEST_RACE, FIRST_RACE * 2 ** Math.min(races, 10)));
}

/** Waits for some milliseconds. */
export function wait(after: Clock["after"], milliseconds: number): Promise<void> {
  return new Promise((resolve) => void after(milliseconds, resolve));
}

/**
 * Makes a request, and ends it when it takes too long.
 *
 * @throws {DiscoError} If it took too long (code `timeout`).
 */
export async function timed<T>(
  { after }: Pauses,
  request: (signal: AbortSignal) => Promise<T>,
  limit: number = LIMIT,
): Promise<T> {
  const stop = new AbortController();
  const error = new DiscoError(`the object store did not answer within ${limit} ms`, { code: "timeout" });
  let cancel = () => {};
  const tooLate = new Promise<never>((_, reject) => {
    cancel = after(limit, () => {
      reject(error);
      stop.abort(error);
    });
  });
  try {
    // An engine need not listen to the signal.
    return await Promise.race([request(stop.signal), tooLate]);
  } finally {
    cancel();
  }
}

/** Makes a request that changes nothing if it is made twice; again where it failed. */
export async function patient<T>(
  pauses: Pauses,
  request: (signal: AbortSignal) => Promise<T>,
  limit?: number,
): Promise<T> {
  for (let failures = 0;;) {
    try {
      return await timed(pauses, request, limit);
    } catch (error) {
      if (++failures === TRIES || isFinal(error)) throw error;
      await pause(pauses, failures, error);
    }
  }
}

/** Lists objects by key; where the listing breaks off, it goes on from there. */
export async function* listed(
  engine: ObjectEngine,
  pauses: Pauses,
  prefix: string,
): AsyncGenerator<ListedObject, void> {
  let after: string | undefined;
  for (let failures = 0;;) {
    try {
      for await (const object of engine.list({ prefix, after })) {
        after = object.key;
        failures = 0;
        yield object;
      }
      return;
    } catch (error) {
      if (++failures === TRIES || isFinal(error)) throw unavailable(error, prefix);
      await pause(pauses, failures, error);
    }
  }
}

/** Makes the error that a request is answered with when the object store failed: its own status would mean something else. */
export function unavailable(cause: unknown, url: string): DiscoError {
  const text = (reason: string) => `The object store failed: ${reason}`;
  return refusal(503, text(reasonOf(cause)), url, { cause, told: text(toldReason(cause)) });
}

/** Tells whether an error says that the request itself is refused, and always will be. */
export function isFinal(error: unknown): boolean {
  const status = statusOf(error);
  return typeof status === "number" && status >= 400 && status < 500 && status !== 408 && status !== 429;
}
