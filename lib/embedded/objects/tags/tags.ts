import { isName, MAX_WRITTEN_TAG } from "../../stores/object_names.ts";
import { reasonOf, refusal, toldReason } from "../../stores/refusal.ts";
import { joinedSets } from "../../stores/sets.ts";
import type { StoreSetup } from "../../stores/store.ts";
import type {
  Asked,
  StoredTag,
  TagChange,
  TagChangeOptions,
  TagContent,
  TagReadOptions,
  TagStore,
  TagVersion,
} from "../../stores/tag_store.ts";
import { md5 } from "@noble/hashes/legacy.js";
import { Commits } from "./commits.ts";
import type { ObjectEngine } from "../bucket/engine.ts";
import { isThere, KEYS } from "./heads.ts";
import { headKey, HEADS } from "../bucket/keys.ts";
import { Heads, type LoadedHead } from "./loaded_heads.ts";
import { listed, type Pauses, unavailable } from "../bucket/requests.ts";
import { Segments } from "./segments.ts";

/** The times that a tag is read anew whose segments go while they are read. */
const TRIES = 5;

/** The tags in an object store. */
export class ObjectTags implements TagStore {
  readonly #engine: ObjectEngine;
  readonly #pauses: Pauses;
  readonly #heads: Heads;
  readonly #segments: Segments;
  readonly #commits: Commits;

  /** @param keys The keys of changes that each tag remembers, at least. */
  constructor(engine: ObjectEngine, setup: StoreSetup, keys = KEYS) {
    this.#engine = engine;
    this.#pauses = setup;
    this.#heads = new Heads(engine, setup);
    this.#segments = new Segments(engine, setup);
    const nodesFor = (name: string) => {
      const nodes = name.length > MAX_WRITTEN_TAG ? [] : setup.writable().slice(0, setup.tagReplicas);
      if (nodes.length > 0) return nodes;
      throw refusal(500, "Internal server error: replication_failed", `tag://${name}`);
    };
    this.#commits = new Commits({ engine, setup, heads: this.#heads, segments: this.#segments, keys, nodesFor });
  }

  async read(name: string, { sets = true }: TagReadOptions = {}): Promise<StoredTag | undefined> {
    for (let tries = 1;; tries++) {
      const { etag, head, damage } = await this.#load(name);
      if (damage !== undefined) throw damage;
      if (head?.content === undefined) return undefined;
      const { id: object, nodes, content, segments } = head;
      if (!sets || segments.length === 0) return { object, nodes, content };
      try {
        const urls = joinedSets(name, [content.urls, await this.#segments.read(name, segments)]);
        return { object, nodes, content: { ...content, urls } };
      } catch (cause) {
        // A collection removes the segments of a version that is replaced.
        if (tries < TRIES && (await this.#load(name)).etag !== etag) continue;
        const text = (reason: string) => `Internal server error: read_failed (${reason})`;
        throw refusal(500, text(reasonOf(cause)), `tag://${name}`, { cause, told: text(toldReason(cause)) });
      }
    }
  }

  asked(name: string): Asked {
    return this.#commits.asked(name);
  }

  change(
    name: string,
    change: (tag: TagContent | undefined, mayBeMade?: boolean) => TagChange | undefined,
    { sets = true, key, asked }: TagChangeOptions = {},
  ): Promise<TagVersion> {
    return this.#commits.make(name, { decide: change, sets, key: key && short(key) }, asked);
  }

  async delete(name: string, check: (tag: TagContent | undefined) => void): Promise<void> {
    const decide = (tag: TagContent | undefined) => {
      check(tag);
      return "delete" as const;
    };
    await this.#commits.make(name, { decide, sets: false, isDeletion: true });
  }

  async *names(prefix: string): AsyncGenerator<string, void> {
    for await (const head of listed(this.#engine, this.#pauses, headKey(prefix))) {
      const name = head.key.slice(HEADS.length);
      if (isThere(head) && isName(name)) yield name;
    }
  }

  async #load(name: string): Promise<LoadedHead> {
    try {
      return await this.#heads.load(name);
    } catch (error) {
      throw unavailable(error, `tag://${name}`);
    }
  }
}

/** Gives a short text that stands for a key, which has tokens in it. */
function short(key: string): string {
  const bytes = md5(new TextEncoder().encode(key)).subarray(0, 12);
  return btoa(String.fromCharCode(...bytes));
}
