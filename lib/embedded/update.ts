import { turn } from "../base/turn.ts";
import { DiscoError } from "../errors.ts";
import { isKnown, type KnownNames, nameOf, NO_NAMES, restOf } from "./known_names.ts";
import { toJson } from "./stores/json.ts";
import type { Sought } from "./sought_sets.ts";
import { batchesInTurns, batchesOf, joinedSets, NO_SETS } from "./stores/sets.ts";
import type { ReplicaSet, SetsJson } from "./stores/tag_store.ts";

/** Characters of sets times sets to find in them: so much is searched in a few milliseconds. */
const SEARCHED = 1 << 23;
/** The beginning of a set whose text stands for nothing but this set in JSON of sets: past the end of a URL comes a comma or a bracket. */
const PLAIN = /^\["[^",\]]/;

/** Too much would have to be looked at at once: the change is to be prepared. */
export class Unprepared extends DiscoError {
  /** Makes the error, which nobody outside is told. */
  constructor() {
    super("More is to be looked at", { code: "server-error" });
  }
}

/**
 * Adds sets to those whose names are not there yet, as `update=1` does. What takes long is done beforehand, with turns for others, so that the change itself
 * can be made at once.
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#tags PROTOCOL: Tags}
 */
export class Update implements Sought {
  readonly #tag: string;
  readonly #known: KnownNames;
  /** The sets to add, in order. */
  readonly #batches: ReplicaSet[][] = [];
  /** Their names. */
  readonly wanted: Set<string> = new Set();
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
        for (const set of batch) addTo(update.wanted, nameOf(set));
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
        if (name !== undefined && this.wanted.has(name)) there.add(name);
      }
    }
    const isPrepared = there.size === 0 && (rest !== undefined || this.#known.count === 0);
    return isPrepared ? this.#added : joinedSets(this.#tag, [...this.#fresh(there, known)].reverse());
  }

  keyOf(set: ReplicaSet): string | undefined {
    return nameOf(set);
  }

  textsOf(name: string): readonly string[] {
    const text = toJson(name).slice(1, -1);
    return [`/${text}$`, `tag://${text}"`];
  }

  newBeside(there: ReadonlySet<string>): SetsJson {
    return joinedSets(this.#tag, [...this.#fresh(new Set(there), NO_NAMES)].reverse());
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

/**
 * Adds the sets of a request that may have been carried out before: those that are in the tag just so are left out. What takes long is done beforehand, with
 * turns for others, so that the change itself can be made at once.
 */
export class Resent implements Sought {
  readonly #tag: string;
  /** The sets to add, each as JSON. */
  readonly #sets: string[] = [];
  /** The same, each once. */
  readonly wanted: Set<string> = new Set();
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
    for (const set of resent.#sets) resent.wanted.add(set);
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
    if (this.#isPlain && unseen.length * this.wanted.size <= SEARCHED) {
      for (const set of this.wanted) if (unseen.includes(set)) there.add(set);
    } else if (unseen.length > most) throw new Unprepared();
    else for (const batch of batchesOf(unseen)) this.#find(batch, there);
    return this.newBeside(there);
  }

  keyOf(set: ReplicaSet): string {
    return toJson(set);
  }

  textsOf(set: string): readonly string[] {
    return [set];
  }

  newBeside(there: ReadonlySet<string>): SetsJson {
    const left = this.#sets.filter((set) => !there.has(set));
    return left.length === 0 ? NO_SETS : joinedSets(this.#tag, [`[${left.join(",")}]`]);
  }

  #find(batch: readonly (readonly string[])[], found: Set<string>): void {
    for (const set of batch) {
      const text = toJson(set);
      if (this.wanted.has(text)) found.add(text);
    }
  }
}

/** Adds a name, if it is one; tells whether it was not there. */
function addTo(names: Set<string>, name: string | undefined): boolean {
  if (name === undefined || names.has(name)) return false;
  names.add(name);
  return true;
}
