import type { Clock } from "../base/clock.ts";
import { type Condition, meets } from "./conditions.ts";
import { WRONG_TOKEN } from "./responses.ts";
import { DelayedAppends, type DelayedKind, type Once, type ToDelay } from "./delayed_appends.ts";
import { type KnownNames, learnt, namesIn, NO_NAMES } from "./known_names.ts";
import { Cache } from "./stores/cache.ts";
import { refusal } from "./stores/refusal.ts";
import type { Collection } from "./stores/store.ts";
import type {
  SetsJson,
  StoredTag,
  TagChange,
  TagChangeOptions,
  TagContent,
  TagReadOptions,
  TagStore,
  TagVersion,
} from "./stores/tag_store.ts";
import { type GivenSets, joinedSets, NO_SETS } from "./stores/sets.ts";
import { Repeats } from "./repeats.ts";
import { foundIn, type Sought } from "./sought_sets.ts";
import { Resent, Unprepared, Update } from "./update.ts";
import { type Right, rightToRead, rightToWrite, type Token } from "./tokens.ts";

/** Options for adding sets to a tag. */
export interface AppendOptions {
  /** Leaves out sets whose names are there already. */
  readonly update: boolean;
  /** Waits up to a second, so that others can be added in one go. */
  readonly delayed: boolean;
  /** The condition that the tag must meet. A request with a condition is not delayed. */
  readonly condition?: Condition | undefined;
  /** The key that all requests for one append have: its sets are added once. */
  readonly key?: string | undefined;
  /** True if a request with this key may have been carried out before, however long ago: sets that are there just so are left out. */
  readonly again?: boolean | undefined;
}

/** Further settings of tags. */
export interface TagsOptions {
  /** Measures the delay of appends. */
  readonly after: Clock["after"];
  /** Puts sets into a tag in such a way that no collection deletes their blobs meanwhile: {@linkcode Collection.tagging}. */
  readonly spared: Collection["tagging"];
}

type Change = (tag: TagContent | undefined, mayBeMade?: boolean) => TagChange | undefined;
type SetsFor = (existing: SetsJson, mayBeMade?: boolean, version?: string) => SetsJson;

/** Says which sets are added: all, those whose names are not there, or those that are not there just so. */
type How = "plain" | "update" | "again";

/** Characters of sets that are looked at in one go: that takes no longer than a millisecond. */
const LARGE = 1 << 18;

/** The names that are remembered, of all tags. */
const MOST_NAMES = 200_000;

/** Characters of sets that have more names than that. */
const TOO_MANY = 100 * MOST_NAMES;

/** The times that a large tag is looked through while others change it. */
const TRIES = 3;

/**
 * The operations of clients on tags, with the check of the right for each.
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#tags PROTOCOL: Tags}
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#tokens PROTOCOL: Tokens}
 */
export class Tags {
  readonly #store: TagStore;
  readonly #spared: TagsOptions["spared"];
  readonly #delayed: DelayedAppends;
  /** The names in large tags that were updated. */
  readonly #names = new Cache<KnownNames>(MOST_NAMES);
  readonly #repeats = new Repeats<TagVersion>();

  constructor(store: TagStore, { after, spared }: TagsOptions) {
    this.#store = store;
    this.#spared = spared;
    this.#delayed = new DelayedAppends({
      after,
      check: (name, append, kind) => this.#checkDelayed(name, append, kind),
      merge: (name, lists, kind) => this.#merge(name, lists, kind, (merged, how) => store.change(name, merged, how)),
      append: (name, { sets, token, once }, kind) => this.#append(name, sets, token, kind, once),
    });
  }

  /** Reads a tag, and tells which right the token gives. */
  async read(name: string, token: Token, options?: TagReadOptions): Promise<StoredTag & { right: Right }> {
    await this.#delayed.flush(name);
    const tag = await this.#store.read(name, options);
    if (tag === undefined) throw refusal(404, "Tag not found.", `tag://${name}`);
    try {
      return { ...tag, right: allowed(name, rightToRead(token, tag.content)) };
    } catch (error) {
      await tag.apart?.close();
      throw error;
    }
  }

  /** Checks that a token gives the right to change a tag; that of a missing one everybody has. */
  async check(name: string, token: Token): Promise<void> {
    const tag = await this.#store.read(name, { sets: false });
    if (tag !== undefined) allowed(name, rightToWrite(token, tag.content));
  }

  /** Adds sets in front of those of a tag, which is made if it is missing; `undefined` for what is no list of sets. */
  async append(name: string, sets: GivenSets | undefined, token: Token, options: AppendOptions): Promise<TagVersion> {
    const { update, delayed, condition, key, again = false } = options;
    const how = update ? "update" : again ? "again" : "plain";
    // Who has another token, or none, shares nothing.
    const mine = key && JSON.stringify([name, token, key]);
    return await this.#repeats.once(mine, async () => {
      const once = mine === undefined ? {} : { key: mine, asked: this.#store.asked?.(name) };
      if (delayed && condition === undefined && !again) {
        return await this.#delayed.add(name, { sets, token, once }, update ? "update" : "plain");
      }
      await this.#delayed.flush(name);
      return await this.#append(name, sets, token, how, once, condition);
    });
  }

  /**
   * Makes a new version of a tag, which is made if it is missing.
   *
   * @param change Says from the tag, `undefined` for a missing one, what is changed.
   * @param options What the tag must be like, and the sets that it gets, if any.
   */
  async put(
    name: string,
    token: Token,
    change: (tag: TagContent | undefined) => TagChange,
    { condition, sets = NO_SETS }: { condition?: Condition | undefined; sets?: SetsJson } = {},
  ): Promise<TagVersion> {
    await this.#delayed.flush(name);
    return await this.#spared([sets], (check) => {
      return this.#change(name, token, condition, checkedBy(check, change), { sets: false });
    });
  }

  /** Deletes a tag; succeeds when there is none. */
  async delete(name: string, token: Token, condition?: Condition): Promise<void> {
    await this.#delayed.flush(name);
    await this.#store.delete(name, (tag) => {
      if (tag !== undefined) allowed(name, rightToWrite(token, tag));
      meets(name, condition, tag?.id);
    });
  }

  /** Makes all appends that wait. */
  async flush(): Promise<void> {
    await this.#delayed.flushAll();
  }

  async #checkDelayed(name: string, { sets, token }: ToDelay, kind: DelayedKind): Promise<SetsJson | undefined> {
    const tag = await this.#store.read(name, { sets: false });
    if (tag === undefined) return undefined;
    allowed(name, rightToWrite(token, tag.content));
    return checkedSets(name, sets, kind === "update");
  }

  async #append(
    name: string,
    sets: GivenSets | undefined,
    token: Token,
    how: How,
    once: Once,
    condition?: Condition,
  ): Promise<TagVersion> {
    const update = how === "update";
    const lists = sets === undefined || (update && sets.hasEmpty) ? [] : [sets.json];
    return await this.#merge(name, lists, how, (merged, options) => {
      const checked: Change = (tag, mayBeMade) => {
        checkedSets(name, sets, update);
        return merged(tag, mayBeMade);
      };
      return this.#change(name, token, condition, checked, { ...options, ...once });
    });
  }

  /** Makes a change that adds lists of sets to a tag, and is told what that changes. */
  #merge(
    name: string,
    lists: readonly SetsJson[],
    how: How,
    change: (merged: Change, options: TagReadOptions) => Promise<TagVersion>,
  ): Promise<TagVersion> {
    return this.#spared(lists, async (check) => {
      const add = (sets: boolean, setsFor: SetsFor) => change(checkedBy(check, adding(setsFor)), { sets });
      const looking = async (most: number, isLearnt: boolean) => {
        const prepared = how === "update"
          ? await Update.of(name, lists, isLearnt ? await this.#learn(name, lists) : this.#names.get(name))
          : await Resent.of(name, lists, isLearnt ? (await this.#store.read(name))?.content.urls : NO_SETS);
        return await add(true, (existing) => prepared.newIn(existing, most));
      };
      const plain: SetsFor = (_existing, mayBeMade) => {
        if (mayBeMade) throw new Unprepared();
        return joinedSets(name, lists);
      };
      if (how === "plain") return await unlessUnprepared(() => add(false, plain), () => looking(Infinity, true));
      return await this.#beside(name, lists, how, (setsFor) => add(false, setsFor)) ??
        await unlessUnprepared(() => looking(LARGE, false), () => looking(Infinity, true));
    });
  }

  /**
   * Adds sets to a large tag, whose sets are looked through as they are read: those that are there already are left out.
   *
   * @returns `undefined` if the tag's sets are not read so, or were changed by others each time.
   */
  async #beside(
    name: string,
    lists: readonly SetsJson[],
    how: "update" | "again",
    add: (setsFor: SetsFor) => Promise<TagVersion>,
  ): Promise<TagVersion | undefined> {
    let sought: Sought | undefined;
    for (let tries = 0; tries < TRIES; tries++) {
      const { object, apart } = await this.#store.read(name, { apart: true }) ?? {};
      if (apart === undefined) return undefined;
      try {
        sought ??= await (how === "update" ? Update : Resent).of(name, lists);
      } catch (error) {
        await apart.close();
        throw error;
      }
      const added = sought.newBeside(await foundIn(apart, sought));
      const made = await unlessUnprepared(
        () =>
          add((_existing, _mayBeMade, version) => {
            if (version !== object) throw new Unprepared();
            return added;
          }),
        () => Promise.resolve(undefined),
      );
      if (made !== undefined) return made;
    }
    return undefined;
  }

  /** Finds the names in a tag's sets; those that were found before are not looked for again. Of a tag with too many to remember, it finds those of some lists. */
  async #learn(name: string, lists: readonly SetsJson[]): Promise<KnownNames> {
    const known = this.#names.get(name);
    // Whoever comes meanwhile begins anew.
    this.#names.delete(name);
    const { urls: existing = NO_SETS } = (await this.#store.read(name))?.content ?? {};
    if (existing.length > TOO_MANY) return await learnt(existing, NO_NAMES, await namesIn(lists));
    const names = await learnt(existing, known ?? NO_NAMES);
    this.#names.set(name, names, names.count);
    return names;
  }

  #change(
    name: string,
    token: Token,
    condition: Condition | undefined,
    change: Change,
    options: TagChangeOptions,
  ): Promise<TagVersion> {
    return this.#store.change(name, (tag, mayBeMade) => {
      if (tag !== undefined) allowed(name, rightToWrite(token, tag));
      meets(name, condition, tag?.id);
      const changed = change(tag, mayBeMade);
      // A new tag's tokens are the one that its maker has.
      return tag === undefined ? { readToken: token, writeToken: token, ...changed } : changed;
    }, options);
  }
}

/** Tries something; if it has to be prepared, does that. */
async function unlessUnprepared<T, P>(task: () => Promise<T>, prepared: () => Promise<P>): Promise<T | P> {
  try {
    return await task();
  } catch (error) {
    if (error instanceof Unprepared) return await prepared();
    throw error;
  }
}

/** Makes a change that is checked each time that it is decided upon. */
function checkedBy<T>(check: () => void, change: (tag: TagContent | undefined, mayBeMade?: boolean) => T) {
  return (tag: TagContent | undefined, mayBeMade?: boolean): T => {
    check();
    return change(tag, mayBeMade);
  };
}

/** Makes a change that adds sets. It leaves the tag as it is if there are none to add. */
function adding(setsFor: SetsFor): Change {
  return (tag, mayBeMade) => {
    const added = setsFor(tag?.urls ?? NO_SETS, mayBeMade, tag?.id);
    return tag !== undefined && added === NO_SETS ? undefined : { added };
  };
}

function allowed(name: string, right: Right): Right {
  if (right === undefined) throw refusal(401, WRONG_TOKEN, `tag://${name}`);
  return right;
}

/** Checks sets; an update with an empty one is refused, where it ends Disco's process for the tag. */
function checkedSets(name: string, sets: GivenSets | undefined, update: boolean): SetsJson {
  if (sets === undefined || (update && sets.hasEmpty)) throw refusal(403, "Invalid url object", `tag://${name}`);
  return sets.json;
}
