import { DiscoError } from "../../../errors.ts";
import type { StoreSetup } from "../../stores/store.ts";
import { elapsing } from "../bucket/elapsed.ts";
import type { ObjectEngine } from "../bucket/engine.ts";
import { type Marks, marksJson, NO_MARKS, parseMarks, PROMPT } from "./keep_marks.ts";
import { isFinal, patient, pause, timed, unavailable } from "../bucket/requests.ts";

/** The keys of all objects of marks begin with this. */
export const MARKS = "keep/";

/** The marks of a folder, as they are stored. */
export interface StoredMarks {
  readonly marks: Marks;
  /** The time of their last change, by the engine's clock, in milliseconds since 1970; 0 if nothing was ever marked. */
  readonly modified: number;
}

/** The times that a change is tried; those of others come first sometimes. */
const TRIES = 100;

/** The marks of all blobs, an object for each of the 256 folders: `keep/XX`. */
export class MarkObjects {
  readonly #engine: ObjectEngine;
  readonly #setup: Pick<StoreSetup, "now" | "random" | "after">;

  constructor(engine: ObjectEngine, setup: Pick<StoreSetup, "now" | "random" | "after">) {
    this.#engine = engine;
    this.#setup = setup;
  }

  /**
   * Changes the marks of a folder by compare-and-set. No change is sent long after it was decided.
   *
   * @param change Gives the new marks; `undefined` to leave them as they are. It is called again when somebody else was faster.
   */
  async change(folder: string, change: (stored: StoredMarks) => Marks | undefined): Promise<void> {
    const key = MARKS + folder;
    for (let failures = 0;;) {
      const age = elapsing(this.#setup);
      const { etag, ...stored } = await this.#read(key);
      const changed = change(stored);
      if (changed === undefined) return;
      const bytes = new TextEncoder().encode(marksJson(changed));
      const condition = etag === undefined ? { ifNoneMatch: "*" as const } : { ifMatch: etag };
      let cause: unknown;
      if (age() <= PROMPT) {
        try {
          const put = await timed(this.#setup, (signal) => this.#engine.put(key, bytes, { ...condition, signal }));
          if (put !== "lost") return;
        } catch (error) {
          // Whether it was stored, the next read shows.
          if (isFinal(error)) throw unavailable(error, key);
          cause = error;
        }
      }
      if (++failures === TRIES) {
        throw unavailable(cause ?? new DiscoError("others were faster each time", { code: "server-error" }), key);
      }
      await pause(this.#setup, failures, cause);
    }
  }

  async #read(key: string): Promise<StoredMarks & { readonly etag?: string }> {
    const found = await patient(this.#setup, async (signal) => {
      const found = await this.#engine.get(key, { signal });
      return found && { etag: found.etag, modified: found.modified, text: await new Response(found.stream).text() };
    }).catch((error) => {
      throw unavailable(error, key);
    });
    if (found === undefined) return { marks: NO_MARKS, modified: 0 };
    const { text, ...rest } = found;
    return { marks: parseMarks(key, text), ...rest };
  }
}
