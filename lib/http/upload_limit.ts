import { timeUp } from "../base/clock.ts";
import type { Transport } from "./transport.ts";

/** The fewest bytes a millisecond that a blob is sent with. */
const SLOWEST_UPLOAD = 128;

/**
 * Gives an upload the time that its size needs on a slow line, unless the node is dead: one that does not answer a small request meanwhile either.
 * No runtime tells how much of a body has left.
 *
 * @param transport What it is sent with.
 * @param url Where it goes.
 * @param size Its size in bytes.
 * @returns The `limit` of the call.
 */
export function uploadLimit(
  transport: Transport,
  url: string,
  size: number,
): (attempt: AbortController) => () => void {
  const { clock, timeout } = transport.settings;
  const longest = timeout + size / SLOWEST_UPLOAD;
  const root = `${new URL(url).origin}/ddfs/`;
  return (attempt) => {
    let waited = 0;
    let isProbing = false;
    let cancel = () => {};
    const wait = () => {
      const step = Math.min(timeout, longest - waited);
      cancel = clock.after(step, () => {
        waited += step;
        if (isProbing || waited >= longest) return attempt.abort(timeUp(waited));
        isProbing = true;
        // Any answer is a sign of life, and so is a refusal by the runtime: pages may not read what nodes answer.
        transport.probe(root, attempt.signal).catch(() => {}).finally(() => isProbing = false);
        wait();
      });
    };
    wait();
    return () => cancel();
  };
}
