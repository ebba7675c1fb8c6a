import { turn } from "../base/turn.ts";
import { DiscoError } from "../errors.ts";
import { toJson } from "./stores/json.ts";
import { batchesInTurns, batchesOf, joinedSets, NO_SETS } from "./stores/sets.ts";
import type { ReplicaSet, SetsJson } from "./stores/tag_store.ts";

/** Too much would have to be looked at at once: another update is to be prepared. */
export class Unprepared extends DiscoError {}

/**
 * Adds sets to those whose names are not there yet, as `update=1` does. What takes long is done beforehand, with turns for others, so that the change itself
 * can be made at once.
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#tags PROTOCOL: Tags}
 */
export class Update {
  readonly #tag: string;
  /** The sets to add, in order. */
  readonly #batches: ReplicaSet[][] = [];
  readonly #wanted = new Set<string>();
  /** The sets that were looked at, which of the names they have, and what is added to them: the first comes last. */
  #seen: SetsJson = NO_SETS;
  #there: ReadonlySet<string> = new Set();
  #added: SetsJson = NO_SETS;

  private constructor(tag: string) {
    this.#tag = tag;
  }

  /**
   * Prepares an update.
   *
   * @param lists What is added, in order; not one of the sets is empty.
   * @param existing What is there, as far as it is worth looking at beforehand.
   */
  static async of(tag: string, lists: readonly SetsJson[], existing: SetsJson): Promise<Update> {
    const update = new Update(tag);
    for (const list of lists) {
      for await (const batch of batchesInTurns(list)) {
        update.#batches.push(batch);
        for (const set of batch) addTo(update.#wanted, nameOf(set));
      }
    }
    if (existing === NO_SETS) return update;
    const there = new Set<string>();
    for await (const batch of batchesInTurns(existing)) update.#look(batch, there);
    const added: SetsJson[] = [];
    for (const part of update.#fresh(new Set(there))) {
      if (added.length > 0) await turn();
      added.push(part);
    }
    update.#seen = existing;
    update.#there = there;
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
    const { known, rest } = this.#compared(existing);
    if (rest.length > most) throw new Unprepared("More is to be looked at", { code: "server-error" });
    const there = new Set(known ? this.#there : []);
    const before = there.size;
    for (const batch of batchesOf(rest)) this.#look(batch, there);
    const asSeen = known && there.size === before;
    return asSeen ? this.#added : joinedSets(this.#tag, [...this.#fresh(there)].reverse());
  }

  /** Tells whether some sets end with those that were looked at, as they do after an append, and gives the rest of them. */
  #compared(existing: SetsJson): { known: boolean; rest: SetsJson } {
    if (this.#seen === NO_SETS) return { known: false, rest: existing };
    if (existing === this.#seen) return { known: true, rest: NO_SETS };
    const known = existing.endsWith(`,${this.#seen.slice(1)}`);
    return { known, rest: known ? `${existing.slice(0, -this.#seen.length)}]` : existing };
  }

  #look(batch: readonly ReplicaSet[], there: Set<string>): void {
    for (const set of batch) {
      const name = nameOf(set);
      if (name !== undefined && this.#wanted.has(name)) there.add(name);
    }
  }

  /** Gives the sets that are not there, in parts whose sets come in reverse. */
  *#fresh(there: Set<string>): Generator<SetsJson, void> {
    for (const batch of this.#batches) {
      const fresh = batch.filter((set) => {
        const name = nameOf(set);
        return name === undefined || addTo(there, name);
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

/** Gives the name of a set: that of its blob, or of the tag that it links to. The pattern is Disco's, flaws included. */
function nameOf([url]: ReplicaSet): string | undefined {
  if (url === undefined) return undefined;
  return url.startsWith("tag://") ? url.slice("tag://".length) : /\/..\/(.*)[$]/.exec(url)?.[1];
}
