import { timeUp } from "../base/clock.ts";
import type { Call } from "./call.ts";
import type { Probe } from "./probes.ts";
import type { Transport } from "./transport.ts";

/** The fewest bytes a millisecond that a blob is sent with. */
const SLOWEST_UPLOAD = 128;

/** Milliseconds by which a timer is late in a program that is busy. */
const LATE = 200;

/** Limits of a request that waits for its answer. */
export interface Patience {
  /** Milliseconds that the server may be silent at first; nothing for one that has answered of late. */
  readonly first: number | undefined;
  /** The bytes that are sent to it; none by default. */
  readonly size?: number;
}

/**
 * Makes the limit of a request that waits for its answer as long as the server lives, and the time is not up which its size needs on a slow line. A
 * server lives as long as it answers a small request meanwhile: one that is busy does, one that is dead does not. No runtime tells how much of a body has left.
 *
 * @param transport What it is sent with.
 * @param url Where it goes.
 */
export function lifeWatch(
  transport: Transport,
  url: string,
  { first, size = 0 }: Patience,
): NonNullable<Call["limit"]> {
  const { clock, timeout } = transport.settings;
  const longest = timeout + size / SLOWEST_UPLOAD;
  const step = timeout / 6;
  const patience = Math.min(first ?? step * 2, timeout);
  return (attempt) => {
    const began = clock.now();
    let cancel = () => {};
    let probe: Probe | undefined;
    let due = began;
    const wait = (milliseconds: number) => {
      const time = Math.max(0, Math.min(milliseconds, began + longest - clock.now()));
      due = clock.now() + time;
      cancel = clock.after(time, look);
    };
    const look = () => {
      const waited = clock.now() - began;
      if (waited >= longest) return attempt.abort(timeUp(waited));
      if (probe?.failure !== undefined) return attempt.abort(probe.failure);
      if (probe !== undefined && probe.silence() > 0) {
        // A busy program is late with everything, and may not have taken the answer yet.
        if (clock.now() - due < LATE) return attempt.abort(timeUp(waited, "no sign of life"));
        return wait(patience / 2);
      }
      probe?.release();
      probe = transport.probe(url);
      wait(waited < patience ? patience / 2 : step);
    };
    wait(patience / 2);
    return () => {
      cancel();
      probe?.release();
    };
  };
}
