import type { Clock } from "../base/clock.ts";
import { type Condition, meets } from "./conditions.ts";
import { refusal } from "./responses.ts";
import type { ReplicaSet, StoredTag, TagChange, TagContent, TagStore, TagVersion } from "./stores/tag_store.ts";
import { Repeats } from "./repeats.ts";
import { isReplicaSets, withoutDuplicates } from "./tag_content.ts";
import { type Right, rightToRead, rightToWrite, type Token } from "./tokens.ts";

/** Options for adding sets to a tag. */
export interface AppendOptions {
  /** Leaves out sets whose names are there already. */
  readonly update: boolean;
  /** Waits up to a second, so that others can be added in one go. */
  readonly delayed: boolean;
  /** The condition that the tag must meet. A request with a condition is not delayed. */
  readonly condition?: Condition | undefined;
  /** What all requests for this append have in common: they add its sets once. */
  readonly key?: string | undefined;
}

/** Further settings of tags. */
export interface TagsOptions {
  /** Measures the delay of appends. */
  readonly after: Clock["after"];
  /** Puts sets into a tag in such a way that no collection deletes their blobs meanwhile. */
  readonly spared: <T>(sets: readonly ReplicaSet[], task: () => Promise<T>) => Promise<T>;
}

/** Appends that wait to be made together. */
interface Batch {
  /** Newest first, those with `update` and those without apart. */
  readonly appends: Record<"plain" | "update", Delayed[]>;
  readonly cancel: () => void;
}

/** An append that waits. */
interface Delayed {
  readonly sets: unknown;
  readonly token: Token;
  /** The sets, once the append is known to be allowed; `undefined` where there is no tag yet. */
  readonly checked: Promise<readonly ReplicaSet[] | undefined>;
  readonly done: Settle;
}

interface Settle {
  resolve(version: TagVersion): void;
  reject(error: unknown): void;
}

/** Milliseconds that a delayed append waits for others. */
const DELAY = 1000;

/**
 * The operations of clients on tags, with the check of the right for each.
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#tags PROTOCOL: Tags}
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#tokens PROTOCOL: Tokens}
 */
export class Tags {
  readonly #store: TagStore;
  readonly #after: Clock["after"];
  readonly #spared: TagsOptions["spared"];
  readonly #batches = new Map<string, Batch>();
  readonly #repeats = new Repeats<TagVersion>();

  constructor(store: TagStore, { after, spared }: TagsOptions) {
    this.#store = store;
    this.#after = after;
    this.#spared = spared;
  }

  /** Reads a tag, and tells which right the token gives. */
  async read(name: string, token: Token): Promise<StoredTag & { right: Right }> {
    await this.#flush(name);
    const tag = await this.#store.read(name);
    if (tag === undefined) throw refusal(404, "Tag not found.", `tag://${name}`);
    return { ...tag, right: allowed(name, rightToRead(token, tag.content)) };
  }

  /** Adds sets in front of those of a tag, which is made if it is missing. */
  async append(name: string, sets: unknown, token: Token, options: AppendOptions): Promise<TagVersion> {
    const { update, delayed, condition, key } = options;
    // Who has another token, or none, shares nothing.
    return await this.#repeats.once(key && JSON.stringify([name, token, key]), async () => {
      if (delayed && condition === undefined) return await this.#delay(name, sets, token, update);
      await this.#flush(name);
      return await this.#append(name, sets, token, update, condition);
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
    { condition, sets = [] }: { condition?: Condition | undefined; sets?: readonly ReplicaSet[] } = {},
  ): Promise<TagVersion> {
    await this.#flush(name);
    return await this.#spared(sets, () => this.#change(name, token, condition, change));
  }

  /** Deletes a tag; succeeds when there is none. */
  async delete(name: string, token: Token, condition?: Condition): Promise<void> {
    await this.#flush(name);
    await this.#store.delete(name, (tag) => {
      if (tag !== undefined) allowed(name, rightToWrite(token, tag));
      meets(name, condition, tag?.id);
    });
  }

  /** Makes all appends that wait. */
  async flush(): Promise<void> {
    await Promise.all(Array.from(this.#batches.keys(), (name) => this.#flush(name)));
  }

  #append(
    name: string,
    sets: unknown,
    token: Token,
    update: boolean,
    condition?: Condition,
  ): Promise<TagVersion> {
    const change = (tag: TagContent | undefined) => merged(tag, checkedSets(name, sets, update), update);
    return this.#spared(isReplicaSets(sets) ? sets : [], () => this.#change(name, token, condition, change));
  }

  #change(
    name: string,
    token: Token,
    condition: Condition | undefined,
    change: (tag: TagContent | undefined) => TagChange | undefined,
  ): Promise<TagVersion> {
    return this.#store.change(name, (tag) => {
      if (tag !== undefined) allowed(name, rightToWrite(token, tag));
      meets(name, condition, tag?.id);
      const changed = change(tag);
      // A new tag's tokens are the one that its maker has.
      return tag === undefined ? { readToken: token, writeToken: token, ...changed } : changed;
    });
  }

  /** Lets an append wait for others, unless there is no tag yet. */
  #delay(name: string, sets: unknown, token: Token, update: boolean): Promise<TagVersion> {
    let batch = this.#batches.get(name);
    if (batch === undefined) {
      batch = { appends: { plain: [], update: [] }, cancel: this.#after(DELAY, () => void this.#flush(name)) };
      this.#batches.set(name, batch);
    }
    const checked = this.#store.read(name).then((tag) => {
      if (tag === undefined) {
        void this.#flush(name);
        return undefined;
      }
      allowed(name, rightToWrite(token, tag.content));
      return checkedSets(name, sets, update);
    });
    const appends = batch.appends[update ? "update" : "plain"];
    return new Promise((resolve, reject) => {
      checked.catch(reject);
      appends.unshift({ sets, token, checked, done: { resolve, reject } });
    });
  }

  /** Makes the appends that wait for one tag. */
  async #flush(name: string): Promise<void> {
    const batch = this.#batches.get(name);
    if (batch === undefined) return;
    this.#batches.delete(name);
    batch.cancel();
    await Promise.all((["plain", "update"] as const).map(async (kind) => {
      const waiting = await checkedAppends(batch.appends[kind]);
      const together = waiting.filter(({ allowed }) => allowed !== undefined);
      const sets = together.flatMap(({ allowed }) => allowed ?? []);
      const change = (tag: TagContent | undefined) => merged(tag, sets, kind === "update");
      const made = together.length === 0 ? undefined : this.#spared(sets, () => this.#store.change(name, change));
      await Promise.all(waiting.map(({ sets, token, allowed, done }) => {
        const version = allowed && made || this.#append(name, sets, token, kind === "update");
        return version.then(done.resolve, done.reject);
      }));
    }));
  }
}

/** Those of some appends that are not refused, with the sets of those for which there is a tag. */
async function checkedAppends(
  appends: readonly Delayed[],
): Promise<(Delayed & { allowed?: readonly ReplicaSet[] | undefined })[]> {
  const results = await Promise.allSettled(
    appends.map(async (append) => ({ ...append, allowed: await append.checked })),
  );
  return results.flatMap((result) => result.status === "fulfilled" ? [result.value] : []);
}

/** Gives the change that adds sets to a tag; `undefined` if it has them all. */
function merged(tag: TagContent | undefined, sets: readonly ReplicaSet[], update: boolean): TagChange | undefined {
  const existing = tag?.urls ?? [];
  const urls = update ? withoutDuplicates(sets, existing) : [...sets, ...existing];
  return tag !== undefined && urls.length === existing.length ? undefined : { urls };
}

function allowed(name: string, right: Right): Right {
  if (right === undefined) throw refusal(401, "Incorrect or missing token.", `tag://${name}`);
  return right;
}

/** Checks sets; an update with an empty one is refused, where it ends Disco's process for the tag. */
function checkedSets(name: string, sets: unknown, update: boolean): ReplicaSet[] {
  if (!isReplicaSets(sets) || (update && sets.some((set) => set.length === 0))) {
    throw refusal(403, "Invalid url object", `tag://${name}`);
  }
  return sets;
}
