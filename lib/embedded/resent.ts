import { restOf } from "./known_names.ts";
import { Unprepared } from "./unprepared.ts";
import { toJson } from "./stores/json.ts";
import { batchesInTurns, batchesOf, joinedSets, NO_SETS } from "./stores/sets.ts";
import type { SetsJson } from "./stores/tag_store.ts";

/** Characters of sets times sets to find in them: so much is searched in a few milliseconds. */
const SEARCHED = 1 << 23;
/** The beginning of a set whose text stands for nothing but this set in JSON of sets: past the end of a URL comes a comma or a bracket. */
const PLAIN = /^\["[^",\]]/;

/**
 * Adds the sets of a request that may have been carried out before: those that are in the tag just so are left out. What takes long is done beforehand, with
 * turns for others, so that the change itself can be made at once.
 */
export class Resent {
  readonly #tag: string;
  /** The sets to add, each as JSON. */
  readonly #sets: string[] = [];
  readonly #wanted: Set<string> = new Set();
  /** True if the sets can be searched for as texts. */
  #isPlain = false;
  readonly #seen: SetsJson;
  /** Those of them that are among the sets that were seen. */
  readonly #found: Set<string> = new Set();

  private constructor(tag: string, seen: SetsJson) {
    this.#tag = tag;
    this.#seen = seen;
  }

  /**
   * Prepares an append.
   *
   * @param lists The sets to add, in order.
   * @param seen The sets of the tag as it was.
   */
  static async of(tag: string, lists: readonly SetsJson[], seen: SetsJson = NO_SETS): Promise<Resent> {
    const resent = new Resent(tag, seen);
    for (const list of lists) {
      for await (const batch of batchesInTurns(list)) {
        for (const set of batch) resent.#sets.push(toJson(set));
      }
    }
    for (const set of resent.#sets) resent.#wanted.add(set);
    resent.#isPlain = resent.#sets.every((set) => PLAIN.test(set));
    for await (const batch of batchesInTurns(seen)) resent.#find(batch, resent.#found);
    return resent;
  }

  /**
   * Gives the sets that are not there yet.
   *
   * @param most The most characters of sets that are looked at now.
   * @throws {Unprepared} If there is more to look at.
   */
  newIn(existing: SetsJson, most = Infinity): SetsJson {
    const rest = restOf(existing, { seen: this.#seen });
    const unseen = rest ?? existing;
    const there = new Set(rest === undefined ? [] : this.#found);
    if (this.#isPlain && unseen.length * this.#wanted.size <= SEARCHED) {
      for (const set of this.#wanted) if (unseen.includes(set)) there.add(set);
    } else if (unseen.length > most) throw new Unprepared();
    else for (const batch of batchesOf(unseen)) this.#find(batch, there);
    const left = this.#sets.filter((set) => !there.has(set));
    return left.length === 0 ? NO_SETS : joinedSets(this.#tag, [`[${left.join(",")}]`]);
  }

  #find(batch: readonly (readonly string[])[], found: Set<string>): void {
    for (const set of batch) {
      const text = toJson(set);
      if (this.#wanted.has(text)) found.add(text);
    }
  }
}
