import { invalid, isTexts } from "../../../check.ts";
import { DiscoError } from "../../../errors.ts";
import type { StoreSetup } from "../../stores/store.ts";
import type { ObjectEngine } from "../bucket/engine.ts";
import { KEPT_FOR, youngAge } from "./keep_marks.ts";
import { isFinal, patient, pause, timed, unavailable } from "../bucket/requests.ts";
import { tryConditions } from "../bucket/trial.ts";

/** The key of the object. */
const KEY = "settings";
/** The names of engines that are remembered. */
const REMEMBERED = 32;
/** The times that the object is read and written; those of others come first sometimes. */
const TRIES = 10;

/** The settings on which all who use a bucket agree, in whichever process; an object in the bucket. */
export interface BucketSettings {
  /** Milliseconds: a younger blob goes into a tag without a mark. So a collection may only take what is a day older than that. */
  readonly unmarkedFor: number;
  /** The names of the engines by which conditions were tried out. A bucket that was moved to another store is tried out there. */
  readonly tried: readonly string[];
}

/** The part of a setup that this needs. */
type Setup = Pick<StoreSetup, "orphanAge" | "after" | "random">;

/**
 * Finds what all who use a bucket agree on, or settles it; and tries out the store's conditions, unless that was done before.
 *
 * @param isGuest True for a copy, beside which nobody collects: it agrees with everything, and settles nothing.
 * @throws {DiscoError} If the store does not keep to conditions (code `unsupported`), or a collection with this `orphanAge` would delete blobs that others
 * are putting into tags (code `invalid-argument`).
 */
export async function agree(engine: ObjectEngine, setup: Setup, isGuest = false): Promise<BucketSettings> {
  let isTried = false;
  for (let failures = 0;;) {
    const found = await read(engine, setup);
    if (found !== undefined && !isGuest) checkAge(engine, found, setup.orphanAge);
    const { unmarkedFor = youngAge(setup.orphanAge), tried = [] } = found ?? {};
    if (tried.includes(engine.name)) return { unmarkedFor, tried };
    if (!isTried) await tryConditions(engine, setup);
    isTried = true;
    const settings = { unmarkedFor, tried: [...tried, engine.name].slice(-REMEMBERED) };
    if (isGuest) return settings;
    const bytes = new TextEncoder().encode(JSON.stringify({ version: 1, ...settings }));
    const condition = found === undefined ? { ifNoneMatch: "*" as const } : { ifMatch: found.etag };
    let cause: unknown;
    try {
      const put = await timed(setup, (signal) => engine.put(KEY, bytes, { ...condition, signal }));
      if (put !== "lost") return settings;
    } catch (error) {
      // Whether it was stored, the next read shows.
      if (isFinal(error)) throw error;
      cause = error;
    }
    if (++failures === TRIES) {
      throw unavailable(cause ?? new DiscoError("others were faster each time", { code: "server-error" }), KEY);
    }
    await pause(setup, failures, cause);
  }
}

function checkAge({ name }: ObjectEngine, { unmarkedFor }: BucketSettings, orphanAge: number): void {
  const least = unmarkedFor + 2 * KEPT_FOR;
  if (unmarkedFor === 0 || orphanAge >= least) return;
  const hours = Math.ceil(least / 360_000) / 10;
  throw invalid(
    "orphanAge",
    orphanAge,
    `it must be at least ${least} milliseconds (${hours} hours), as others who use ${name} rely on it, and what they put into tags ` +
      'would be deleted. How a bucket is made ready for less is said in lib/embedded/objects/README.md, "A shorter orphanAge"',
  );
}

async function read(
  engine: ObjectEngine,
  setup: Setup,
): Promise<BucketSettings & { readonly etag: string } | undefined> {
  const found = await patient(setup, async (signal) => {
    // Not HEAD, whose answer does not say what is wrong with a bucket or a key.
    const found = await engine.get(KEY, { signal });
    return found && { etag: found.etag, text: await new Response(found.stream).text() };
  });
  return found && { ...parse(engine, found.text), etag: found.etag };
}

function parse({ name }: ObjectEngine, text: string): BucketSettings {
  try {
    const { version, unmarkedFor, tried = [] } = JSON.parse(text);
    if (version === 1 && typeof unmarkedFor === "number" && isTexts(tried)) return { unmarkedFor, tried };
  } catch {
    // Told below.
  }
  throw new DiscoError(`${name}: the object ${KEY} is none of a DDFS, or of a later version`, { code: "unsupported" });
}
