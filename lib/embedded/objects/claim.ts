import { type CommError, DiscoError } from "../../errors.ts";
import type { ObjectEngine } from "./bucket/engine.ts";
import { refusal } from "../stores/refusal.ts";
import { patient, type Pauses, timed, wait } from "./bucket/requests.ts";

/** The key of the object by which somebody has a bucket alone. */
const KEY = "copying";
/** Milliseconds between two signs of life of who has it. */
const BEAT = 5_000;
/** Milliseconds without a sign of life after which another one may take it. */
const DEAD = 30_000;
/** Milliseconds: who could give no sign of life for so long gives up. */
const LATE = 20_000;
/** Milliseconds for which a writer relies on what it saw. */
const LOOK = 5_000;
/** Milliseconds after which every writer has seen a claim, and has ended what it began before: a look, and the longest request for a tag. */
const SETTLE = LOOK + 15_000;

/** A wait of who wants a bucket alone. */
export interface CopyWait {
  /** The bucket's name, for people. */
  readonly place: string;
  /** Those that are waited for: all who may still write, or somebody who has the bucket, and may be dead. */
  readonly for: "writers" | "holder";
  /** The most seconds that it takes. */
  readonly seconds: number;
}

/** Time and chance, as a store's setup has them. */
export interface ClaimTimes extends Pauses {
  /** Tells the time in milliseconds since 1970. */
  readonly now: () => number;
}

/** The bucket for oneself: nobody else writes to it, or is about to. */
export class Claim {
  readonly #engine: ObjectEngine;
  readonly #times: ClaimTimes;
  readonly #id: string;
  #etag: string;
  #beats = 0;
  #seen: number;
  #lost: DiscoError | undefined;
  #isOver = false;
  #stop = () => {};
  #beating: Promise<void> = Promise.resolve();

  private constructor(engine: ObjectEngine, times: ClaimTimes, id: string, etag: string) {
    this.#engine = engine;
    this.#times = times;
    this.#id = id;
    this.#etag = etag;
    this.#seen = times.now();
  }

  /**
   * Takes a bucket, and waits until nobody writes to it any more, which takes 20 seconds; longer where somebody who had it was killed.
   *
   * @param onWait Called before each wait.
   * @throws {DiscoError} If somebody else has it (code `locked`).
   */
  static async take(
    engine: ObjectEngine,
    times: ClaimTimes,
    signal?: AbortSignal,
    onWait: (wait: CopyWait) => void = () => {},
  ): Promise<Claim> {
    const place = engine.name;
    const id = crypto.randomUUID();
    const body = bodyOf(id, 0);
    let made = await patient(times, (signal) => engine.put(KEY, body, { ifNoneMatch: "*", signal }));
    if (made === "lost") {
      const etag = await heldBy(engine, times, id) ??
        await deadHolder(engine, times, signal, () => onWait({ place, for: "holder", seconds: DEAD / 1000 }));
      made = etag === undefined
        ? await engine.put(KEY, body, { ifNoneMatch: "*" })
        : await engine.put(KEY, body, { ifMatch: etag });
    }
    if (made === "lost") throw taken(engine);
    const claim = new Claim(engine, times, id, made.etag);
    claim.#beat();
    try {
      onWait({ place, for: "writers", seconds: SETTLE / 1000 });
      for (let waited = 0; waited < SETTLE; waited += 1000) {
        signal?.throwIfAborted();
        await wait(times.after, 1000);
        claim.check();
      }
    } catch (error) {
      await claim.release();
      throw error;
    }
    return claim;
  }

  /** Checks that the bucket is still one's own. */
  check(): void {
    if (this.#lost === undefined && this.#times.now() - this.#seen > LATE) {
      this.#lost = new DiscoError(`${this.#engine.name} did not answer for too long: run it again`, { code: "locked" });
    }
    if (this.#lost !== undefined) throw this.#lost;
  }

  /** Gives the bucket back. */
  async release(): Promise<void> {
    this.#isOver = true;
    this.#stop();
    await this.#beating;
    if (this.#lost === undefined) await this.#engine.delete(KEY).catch(() => {});
  }

  #beat(): void {
    this.#stop = this.#times.after(BEAT, () => {
      this.#beating = this.#renew().finally(() => {
        if (!this.#isOver && this.#lost === undefined) this.#beat();
      });
    });
  }

  async #renew(): Promise<void> {
    const began = this.#times.now();
    try {
      const body = bodyOf(this.#id, ++this.#beats);
      const put = (signal: AbortSignal) => this.#engine.put(KEY, body, { ifMatch: this.#etag, signal });
      const answer = await timed(this.#times, put);
      if (answer !== "lost") this.#etag = answer.etag;
      else {
        // An answer that was lost may have been a success.
        const etag = await heldBy(this.#engine, this.#times, this.#id);
        if (etag === undefined) throw this.#lost = taken(this.#engine);
        this.#etag = etag;
      }
      this.#seen = began;
    } catch {
      // The next one may get through; `check` tells when it is too late.
    }
  }
}

/**
 * Keeps writers out of a bucket that somebody has for himself. It costs a look at the bucket each five seconds in which something is written. A claim
 * that is found is watched: who was killed costs 30 seconds, once.
 *
 * @returns The engine; what changes the bucket fails while somebody has it (code `locked`).
 */
export function guarded(engine: ObjectEngine, times: ClaimTimes): ObjectEngine {
  let looked = -Infinity;
  /** A claim that somebody who was killed has left. */
  let dead: string | undefined;

  async function look(): Promise<void> {
    const began = times.now();
    const etag = await claimIn(engine, times);
    if (etag !== undefined && etag !== dead) dead = await deadHolder(engine, times);
    looked = began;
  }

  async function ready(): Promise<void> {
    if (Math.abs(times.now() - looked) < LOOK) return;
    // Each for itself: in a Worker nobody can count on another request to go on.
    await look();
  }

  const { multipart, link } = engine;
  return {
    name: engine.name,
    get: (key, options) => engine.get(key, options),
    head: (key, options) => engine.head(key, options),
    list: (options) => engine.list(options),
    put: async (key, body, options) => {
      await ready();
      return await engine.put(key, body, options);
    },
    delete: async (key) => {
      await ready();
      await engine.delete(key);
    },
    ...multipart !== undefined && {
      multipart: async (key, options) => {
        await ready();
        return await multipart.call(engine, key, options);
      },
    },
    ...link !== undefined && { link: (key, seconds) => link.call(engine, key, seconds) },
  };
}

/**
 * Watches a claim.
 *
 * @returns Its ETag if who made it is dead; `undefined` if it is given back.
 * @throws {DiscoError} If who made it lives (code `locked`).
 */
async function deadHolder(
  engine: ObjectEngine,
  times: Pauses,
  signal?: AbortSignal,
  onWait: () => void = () => {},
): Promise<string | undefined> {
  const first = await claimIn(engine, times);
  if (first !== undefined) onWait();
  for (let waited = 0; first !== undefined && waited < DEAD; waited += 1000) {
    signal?.throwIfAborted();
    await wait(times.after, 1000);
    const now = await claimIn(engine, times);
    if (now === undefined) return undefined;
    if (now !== first) throw taken(engine);
  }
  return first;
}

/** Gives the ETag of the present claim. */
async function claimIn(engine: ObjectEngine, times: Pauses): Promise<string | undefined> {
  return await patient(times, async (signal) => {
    // Not HEAD, whose answer does not say what is wrong with a bucket or a key.
    const found = await engine.get(KEY, { signal });
    await found?.stream.cancel();
    return found?.etag;
  });
}

/** Gives the ETag of the claim where it is that of somebody. */
async function heldBy(engine: ObjectEngine, times: Pauses, id: string): Promise<string | undefined> {
  return await patient(times, async (signal) => {
    const found = await engine.get(KEY, { signal });
    const text = found && await new Response(found.stream).text();
    return text?.includes(id) ? found?.etag : undefined;
  });
}

function bodyOf(id: string, beat: number): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify({ id, beat }));
}

function taken({ name }: ObjectEngine): CommError {
  const text = (store: string) => `${store} is being copied: wait until that has ended`;
  return refusal(423, text(name), name, { told: text("the object store") });
}
