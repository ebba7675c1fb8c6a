import { turn } from "../base/turn.ts";
import { isKnown, type KnownNames, nameOf, NO_NAMES, restOf } from "./known_names.ts";
import { toJson } from "./stores/json.ts";
import { batchesInTurns, batchesOf, joinedSets, NO_SETS } from "./stores/sets.ts";
import type { ReplicaSet, SetsJson } from "./stores/tag_store.ts";
import { Unprepared } from "./unprepared.ts";

/**
 * Adds sets to those whose names are not there yet, as `update=1` does. What takes long is done beforehand, with turns for others, so that the change itself
 * can be made at once.
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#tags PROTOCOL: Tags}
 */
export class Update {
  readonly #tag: string;
  readonly #known: KnownNames;
  /** The sets to add, in order. */
  readonly #batches: ReplicaSet[][] = [];
  readonly #wanted = new Set<string>();
  /** The sets whose names are not known: the first comes last. */
  #added: SetsJson = NO_SETS;

  private constructor(tag: string, known: KnownNames) {
    this.#tag = tag;
    this.#known = known;
  }

  /**
   * Prepares an update.
   *
   * @param lists The sets to add, in order; not one of them is empty.
   * @param known The names that are known to be there.
   */
  static async of(tag: string, lists: readonly SetsJson[], known: KnownNames = NO_NAMES): Promise<Update> {
    const update = new Update(tag, known);
    for (const list of lists) {
      for await (const batch of batchesInTurns(list)) {
        update.#batches.push(batch);
        for (const set of batch) addTo(update.#wanted, nameOf(set));
      }
    }
    const added: SetsJson[] = [];
    for (const part of update.#fresh(new Set(), known)) {
      if (added.length > 0) await turn();
      added.push(part);
    }
    update.#added = joinedSets(tag, added.reverse());
    return update;
  }

  /**
   * Gives the sets that are not there yet.
   *
   * @param most The most characters of sets that are looked at now.
   * @returns The new sets, in reverse.
   * @throws {Unprepared} If there is more to look at.
   */
  newIn(existing: SetsJson, most = Infinity): SetsJson {
    const rest = restOf(existing, this.#known);
    const [known, unseen] = rest === undefined ? [NO_NAMES, existing] : [this.#known, rest];
    if (unseen.length > most) throw new Unprepared();
    const there = new Set<string>();
    for (const batch of batchesOf(unseen)) {
      for (const set of batch) {
        const name = nameOf(set);
        if (name !== undefined && this.#wanted.has(name)) there.add(name);
      }
    }
    const isPrepared = there.size === 0 && (rest !== undefined || this.#known.count === 0);
    return isPrepared ? this.#added : joinedSets(this.#tag, [...this.#fresh(there, known)].reverse());
  }

  /** Gives the sets whose names are neither there nor known, in parts whose sets come in reverse. */
  *#fresh(there: Set<string>, known: KnownNames): Generator<SetsJson, void> {
    for (const batch of this.#batches) {
      const fresh = batch.filter((set) => {
        const name = nameOf(set);
        return name === undefined || (!isKnown(known, name) && addTo(there, name));
      });
      if (fresh.length > 0) yield toJson(fresh.reverse());
    }
  }
}

/** Adds a name, if it is one; tells whether it was not there. */
function addTo(names: Set<string>, name: string | undefined): boolean {
  if (name === undefined || names.has(name)) return false;
  names.add(name);
  return true;
}
