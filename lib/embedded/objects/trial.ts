import { DiscoError } from "../../errors.ts";
import type { ObjectEngine, ObjectPutOptions } from "./engine.ts";
import { isBusy, isFinal, pause, type Pauses, timed } from "./requests.ts";

/** The times that a trial is begun anew whose outcome is not known. */
const TRIES = 4;
const [FIRST, SECOND] = [new TextEncoder().encode("first"), new TextEncoder().encode("second")];

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
      await engine.delete(key).catch(() => {});
    }
  }
}

async function tryOn(key: string, engine: ObjectEngine, pauses: Pauses): Promise<void> {
  const put = async (bytes: Uint8Array<ArrayBuffer>, options: ObjectPutOptions = {}) => {
    for (let failures = 0;;) {
      try {
        return await timed(pauses, (signal) => engine.put(key, bytes, { ...options, signal }));
      } catch (error) {
        // Then nothing was stored.
        if (!isBusy(error) || ++failures === TRIES) throw error;
        await pause(pauses, failures, error);
      }
    }
  };
  const first = await put(FIRST);
  if (first === "lost") throw unfit(engine, "it refuses a PUT without a condition");
  if (await put(SECOND, { ifNoneMatch: "*" }) !== "lost") throw unfit(engine, "it ignores If-None-Match");
  const second = await put(SECOND, { ifMatch: first.etag });
  if (second === "lost") throw unfit(engine, "it does not know the ETag again that it gave");
  if (await put(FIRST, { ifMatch: first.etag }) !== "lost") throw unfit(engine, "it ignores If-Match");
  const head = await engine.head(key);
  if (head?.etag !== second.etag) throw unfit(engine, "it does not show the ETag of the last PUT");
}

function unfit({ name }: ObjectEngine, reason: string): DiscoError {
  const message = `${name} cannot hold a DDFS: ${reason}, so that changes of tags would be lost`;
  return new DiscoError(message, { code: "unsupported" });
}
