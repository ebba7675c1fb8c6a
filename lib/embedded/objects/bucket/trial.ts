import { DiscoError } from "../../../errors.ts";
import type { ObjectEngine, ObjectPutOptions } from "./engine.ts";
import { isBusy, isFinal, pause, type Pauses, timed } from "./requests.ts";

/** The times that a trial is begun anew whose outcome is not known. */
const TRIES = 4;
const [FIRST, SECOND] = [new TextEncoder().encode("first"), new TextEncoder().encode("second")];
/** Keys are written twice, one for each condition, side by side: some stores take one write of a key in a second. */
const KEYS = [".new", ".known", ".stale"] as const;

/**
 * Tries whether a store keeps to conditions, without which two handlers would overwrite each other's changes. What it writes for that, it removes.
 *
 * @throws {DiscoError} If it does not (code `unsupported`), or does not answer.
 */
export async function tryConditions(engine: ObjectEngine, pauses: Pauses): Promise<void> {
  for (let failures = 0;;) {
    const key = `trial/${Math.floor(pauses.random() * 2 ** 52).toString(36)}`;
    try {
      return await tryOn(key, engine, pauses);
    } catch (error) {
      const isUnfit = error instanceof DiscoError && error.code === "unsupported";
      if (isUnfit || isFinal(error) || ++failures === TRIES) throw error;
      await pause(pauses, failures, error);
    } finally {
      await Promise.all(KEYS.map((end) => engine.delete(key + end).catch(() => {})));
    }
  }
}

async function tryOn(key: string, engine: ObjectEngine, pauses: Pauses): Promise<void> {
  const put = async (end: typeof KEYS[number], bytes: Uint8Array<ArrayBuffer>, options: ObjectPutOptions = {}) => {
    for (let failures = 0;;) {
      try {
        return await timed(pauses, (signal) => engine.put(key + end, bytes, { ...options, signal }));
      } catch (error) {
        // Then nothing was stored.
        if (!isBusy(error) || ++failures === TRIES) throw error;
        await pause(pauses, failures, error);
      }
    }
  };
  // One comes first, so that a store that cannot be used gets one request.
  const first = await put(".known", FIRST);
  const others = await Promise.all([put(".new", FIRST), put(".stale", SECOND)]);
  if (first === "lost" || others.includes("lost")) throw unfit(engine, "it refuses a PUT without a condition");
  const [created, changed, stale] = await Promise.all([
    put(".new", SECOND, { ifNoneMatch: "*" }),
    put(".known", SECOND, { ifMatch: first.etag }),
    put(".stale", FIRST, { ifMatch: first.etag }),
  ]);
  if (created !== "lost") throw unfit(engine, "it ignores If-None-Match");
  if (changed === "lost") throw unfit(engine, "it does not know the ETag again that it gave");
  if (stale !== "lost") throw unfit(engine, "it ignores If-Match");
  const head = await engine.head(`${key}.known`);
  if (head?.etag !== changed.etag) throw unfit(engine, "it does not show the ETag of the last PUT");
}

function unfit({ name }: ObjectEngine, reason: string): DiscoError {
  const message = `${name} cannot hold a DDFS: ${reason}, so that changes of tags would be lost`;
  return new DiscoError(message, { code: "unsupported" });
}
