import type { Clock } from "../base/clock.ts";
import { type Condition, meets } from "./conditions.ts";
import { Locks } from "./locks.ts";
import { refusal } from "./responses.ts";
import {
  type GivenSets,
  joinedSets,
  NO_SETS,
  parsedSets,
  type ReplicaSet,
  type SetsJson,
  withoutDuplicates,
} from "./sets.ts";
import type { TagChange, TagContent } from "./tag_content.ts";
import type { StoredTag, TagStore, TagVersion } from "./tag_store.ts";
import { type Right, rightToRead, rightToWrite, type Token } from "./tokens.ts";

/** How sets are added to a tag. */
export interface AppendOptions {
  /** Leaves out sets whose names are there already. */
  readonly update: boolean;
  /** Waits up to a second, so that others can be added in one go. */
  readonly delayed: boolean;
  /** What the tag must be like; nothing waits then. */
  readonly condition?: Condition | undefined;
}

/** Appends that wait to be made together. */
interface Batch {
  /** Newest first, those with `update` and those without apart. */
  readonly appends: Record<"plain" | "update", { sets: SetsJson; done: Settle }[]>;
  readonly cancel: () => void;
}

interface Settle {
  resolve(version: TagVersion): void;
  reject(error: unknown): void;
}

/** Milliseconds that a delayed append waits for others. */
const DELAY = 1000;

/**
 * What clients do with tags: one request at a time for each tag, with the right for it.
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#tags PROTOCOL: Tags}
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#tokens PROTOCOL: Tokens}
 */
export class Tags {
  readonly #store: TagStore;
  readonly #after: Clock["after"];
  readonly #locks = new Locks();
  readonly #batches = new Map<string, Batch>();

  constructor(store: TagStore, after: Clock["after"]) {
    this.#store = store;
    this.#after = after;
  }

  /** Reads a tag, and tells which right the token gives. */
  read(name: string, token: Token): Promise<StoredTag & { right: Right }> {
    return this.#exclusively(name, async () => {
      const tag = await this.#store.read(name);
      if (tag === undefined) throw refusal(404, "Tag not found.", `tag://${name}`);
      return { ...tag, right: allowed(name, rightToRead(token, tag.content)) };
    });
  }

  /** Checks that a token gives the right to change a tag; that of a missing tag everybody has. */
  async check(name: string, token: Token): Promise<void> {
    await this.#exclusively(name, async () => checkWritable(name, await this.#store.read(name), token));
  }

  /** Adds sets in front of those of a tag, which is made if it is missing; `undefined` for sets that are none. */
  async append(name: string, sets: GivenSets | undefined, token: Token, options: AppendOptions): Promise<TagVersion> {
    const { update, delayed, condition } = options;
    if (!delayed || condition !== undefined) {
      return await this.#exclusively(name, () => this.#append(name, sets, token, update, condition));
    }
    // In an object, so that the lock is not held until the delay is over.
    const { answer } = await this.#locks.run(name, async () => {
      const tag = await this.#store.read(name);
      if (tag === undefined) return { answer: Promise.resolve(await this.#append(name, sets, token, update)) };
      allowed(name, rightToWrite(token, tag.content));
      return { answer: this.#delay(name, checkedSets(name, sets, update), update) };
    });
    return await answer;
  }

  /**
   * Makes a new version of a tag, which is made if it is missing.
   *
   * @param change Says from the tag, `undefined` for a missing one, what is changed.
   */
  put(
    name: string,
    token: Token,
    change: (tag: TagContent | undefined) => TagChange,
    condition?: Condition,
  ): Promise<TagVersion> {
    return this.#exclusively(name, async () => {
      const tag = await this.#store.read(name);
      checkWritable(name, tag, token);
      meets(name, condition, tag?.object);
      const content = tag?.content;
      return await this.#store.write(name, content, { ...newTokens(content, token), ...change(content) });
    });
  }

  /** Deletes a tag; succeeds when there is none. */
  delete(name: string, token: Token, condition?: Condition): Promise<void> {
    return this.#exclusively(name, async () => {
      const tag = await this.#store.read(name);
      checkWritable(name, tag, token);
      meets(name, condition, tag?.object);
      await this.#store.delete(name);
    });
  }

  /** The blobs and links of a tag, for whom its tokens do not concern. */
  async urls(name: string): Promise<readonly ReplicaSet[]> {
    const tag = await this.#exclusively(name, () => this.#store.read(name));
    return await parsedSets(tag?.content.urls ?? NO_SETS);
  }

  /** Removes the files of a tag that are of no use. */
  sweep(name: string): Promise<void> {
    return this.#exclusively(name, () => this.#store.sweep(name));
  }

  /** Makes all appends that wait. */
  async flush(): Promise<void> {
    await Promise.all(Array.from(this.#batches.keys(), (name) => this.#exclusively(name, () => Promise.resolve())));
  }

  #exclusively<T>(name: string, task: () => Promise<T>): Promise<T> {
    return this.#locks.run(name, async () => {
      await this.#flush(name);
      return await task();
    });
  }

  async #append(
    name: string,
    sets: GivenSets | undefined,
    token: Token,
    update: boolean,
    condition?: Condition,
  ): Promise<TagVersion> {
    const tag = await this.#store.read(name);
    checkWritable(name, tag, token);
    meets(name, condition, tag?.object);
    return await this.#merge(name, tag, [checkedSets(name, sets, update)], token, update);
  }

  async #merge(
    name: string,
    tag: StoredTag | undefined,
    lists: readonly SetsJson[],
    token: Token,
    update: boolean,
  ): Promise<TagVersion> {
    const existing = tag?.content.urls ?? NO_SETS;
    const urls = update ? await withoutDuplicates(name, lists, existing) : joinedSets(name, [...lists, existing]);
    if (tag !== undefined && urls.length === existing.length) return tag;
    return await this.#store.write(name, tag?.content, { ...newTokens(tag?.content, token), urls });
  }

  #delay(name: string, sets: SetsJson, update: boolean): Promise<TagVersion> {
    let batch = this.#batches.get(name);
    if (batch === undefined) {
      const cancel = this.#after(DELAY, () => void this.#exclusively(name, () => Promise.resolve()));
      batch = { appends: { plain: [], update: [] }, cancel };
      this.#batches.set(name, batch);
    }
    const appends = batch.appends[update ? "update" : "plain"];
    return new Promise((resolve, reject) => appends.unshift({ sets, done: { resolve, reject } }));
  }

  async #flush(name: string): Promise<void> {
    const batch = this.#batches.get(name);
    if (batch === undefined) return;
    this.#batches.delete(name);
    batch.cancel();
    for (const kind of ["plain", "update"] as const) {
      const appends = batch.appends[kind];
      if (appends.length === 0) continue;
      try {
        const tag = await this.#store.read(name);
        const lists = appends.map(({ sets }) => sets);
        const version = await this.#merge(name, tag, lists, null, kind === "update");
        for (const { done } of appends) done.resolve(version);
      } catch (error) {
        for (const { done } of appends) done.reject(error);
      }
    }
  }
}

/** A new tag's tokens are the one that its maker has. */
function newTokens(tag: TagContent | undefined, token: Token): TagChange {
  return tag === undefined ? { readToken: token, writeToken: token } : {};
}

function checkWritable(name: string, tag: StoredTag | undefined, token: Token): void {
  if (tag !== undefined) allowed(name, rightToWrite(token, tag.content));
}

function allowed(name: string, right: Right): Right {
  if (right === undefined) throw refusal(401, "Incorrect or missing token.", `tag://${name}`);
  return right;
}

/** Checks sets; an update with an empty one is refused, where it ends Disco's process for the tag. */
function checkedSets(name: string, sets: GivenSets | undefined, update: boolean): SetsJson {
  if (sets === undefined || (update && sets.hasEmpty)) throw refusal(403, "Invalid url object", `tag://${name}`);
  return sets.json;
}
