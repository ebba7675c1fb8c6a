import { atOnce } from "../../../base/at_once.ts";
import { folderOf } from "../../stores/object_names.ts";
import { refusal } from "../../stores/refusal.ts";
import type { StoreSetup } from "../../stores/store.ts";
import { objectsInSets } from "../../stores/sets.ts";
import type { SetsJson } from "../../stores/tag_store.ts";
import { Cache } from "../../stores/cache.ts";
import { elapsing } from "../bucket/elapsed.ts";
import { needsMark, PROMPT, withKept } from "./keep_marks.ts";
import type { MarkObjects } from "./mark_objects.ts";
import type { BucketSettings } from "./settings.ts";

/** The marks that are remembered, so that who tags a blob again and again marks it once an hour or so. */
const REMEMBERED = 100_000;
/** Folders whose marks are changed at a time. */
const WIDTH = 16;

/** The settings of a keeper. */
type KeepSetup = Pick<StoreSetup, "now"> & Pick<BucketSettings, "unmarkedFor">;

/** Marks that were set. */
interface Kept {
  /** Throws {@linkcode Kept.tooLate} if that was too long ago for a tag to be written because of it. */
  readonly check: () => void;
  readonly tooLate: Error;
  /** Milliseconds since the first of them was set. */
  readonly age: () => number;
}

/** Puts blobs into tags so that no collection in the bucket deletes them meanwhile, in whichever process. */
export class Keeper {
  readonly #marks: MarkObjects;
  readonly #setup: KeepSetup;
  /** The time since the last marks, by blob. */
  readonly #kept = new Cache<() => number>(REMEMBERED);

  constructor(marks: MarkObjects, setup: KeepSetup) {
    this.#marks = marks;
    this.#setup = setup;
  }

  /**
   * Puts sets into a tag.
   *
   * @param task Puts them into it; it calls `check` with the change, and passes on what that throws: it is done again, then.
   * @throws {CommError} If a collection has deleted one of the blobs, or is about to (status 410).
   */
  async tagging<T>(sets: readonly SetsJson[], task: (check: () => void) => Promise<T>): Promise<T> {
    for (;;) {
      const kept = await this.#keep(sets);
      try {
        const result = await task(kept.check);
        // Whoever stood still for so long in the middle of a request may have written what is gone.
        if (kept.age() > 2 * PROMPT) await this.#keep(sets);
        return result;
      } catch (error) {
        if (error !== kept.tooLate) throw error;
      }
    }
  }

  /** Marks the blobs of sets, but for those that are young. */
  async #keep(sets: readonly SetsJson[]): Promise<Kept> {
    const { now, unmarkedFor } = this.#setup;
    const ages = [elapsing(this.#setup)];
    const objects = new Map<string, Set<string>>();
    for (const list of sets) {
      for await (const batch of objectsInSets(list)) {
        for (const object of batch) {
          if (!needsMark(object, now(), unmarkedFor)) continue;
          const age = this.#kept.get(object);
          if (age !== undefined && age() < PROMPT / 2) {
            ages.push(age);
            continue;
          }
          const folder = folderOf(object);
          objects.set(folder, (objects.get(folder) ?? new Set()).add(object));
        }
      }
    }
    await atOnce(WIDTH, objects, async ([folder, wanted]) => {
      const age = elapsing(this.#setup);
      const doomed = await this.#mark(folder, wanted);
      const [lost] = doomed;
      if (lost !== undefined) throw refusal(410, "A collection has deleted this blob.", lost);
      for (const object of wanted) this.#kept.set(object, age, 1);
    });
    const tooLate = new Error("the marks of the blobs are too old");
    const age = () => ages.reduce((most, age) => Math.max(most, age()), 0);
    return {
      age,
      tooLate,
      check: () => {
        if (age() > PROMPT) throw tooLate;
      },
    };
  }

  /** Marks blobs of a folder; gives those that cannot be. Nobody waits for another request here: in a Worker it may be gone. */
  async #mark(folder: string, objects: ReadonlySet<string>): Promise<readonly string[]> {
    let doomed: readonly string[] = [];
    await this.#marks.change(folder, ({ marks }) => {
      const kept = withKept(marks, [...objects]);
      doomed = kept.doomed;
      return kept.changed;
    });
    return doomed;
  }
}
