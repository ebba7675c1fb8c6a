import { atOnce } from "../../../base/at_once.ts";
import type { DiscoError } from "../../../errors.ts";
import { folderOf, isName } from "../../stores/object_names.ts";
import { reasonOf, refusal, toldReason } from "../../stores/refusal.ts";
import { objectsInSets } from "../../stores/sets.ts";
import type { Collection, CollectOptions, GcResult, StoreSetup } from "../../stores/store.ts";
import type { SetsJson } from "../../stores/tag_store.ts";
import { elapsing } from "../bucket/elapsed.ts";
import type { ListedObject, ObjectEngine } from "../bucket/engine.ts";
import { HashSet } from "./hash_set.ts";
import { type Head, parseHead } from "../tags/heads.ts";
import { Keeper } from "./keep.ts";
import { isOrphan, LONGEST, PROMPT, withSwept } from "./keep_marks.ts";
import { blobsOf, headKey, HEADS, segmentKey, SEGMENTS } from "../bucket/keys.ts";
import { MarkObjects, MARKS } from "./mark_objects.ts";
import { listed, patient } from "../bucket/requests.ts";
import type { BucketSettings } from "./settings.ts";

/** The keys of what opening a store leaves behind where it crashes. */
const TRIALS = "trial/";
/** Tags that are read at a time. */
const TAGS = 8;
/** Blobs that are deleted at a time. */
const DELETIONS = 16;
/** The most blobs that are doomed in one change of marks. */
const BATCH = 1000;
/** Milliseconds that what nobody needs is left alone: a commit may be about to name it. */
const REST = 24 * 60 * 60 * 1000;
/** The times that a tag is read whose segments are gone: somebody has changed it, then. */
const TRIES = 5;

/** The settings that a collection needs, and those of the bucket. */
export type CollectSetup = Pick<StoreSetup, "nodes" | "now" | "random" | "after"> & Pick<BucketSettings, "unmarkedFor">;

/** Frees space in a bucket, beside any number of processes that write there or collect, too. The room's README says why that is safe. */
export class BucketCollection implements Collection {
  readonly #engine: ObjectEngine;
  readonly #setup: CollectSetup;
  readonly #marks: MarkObjects;
  readonly #keeper: Keeper;

  constructor(engine: ObjectEngine, setup: CollectSetup) {
    this.#engine = engine;
    this.#setup = setup;
    this.#marks = new MarkObjects(engine, setup);
    this.#keeper = new Keeper(this.#marks, setup);
  }

  tagging<T>(sets: readonly SetsJson[], task: (check: () => void) => Promise<T>): Promise<T> {
    return this.#keeper.tagging(sets, task);
  }

  async collect({ orphanAge, onDeleting }: CollectOptions): Promise<GcResult> {
    const run = new Run(this.#engine, this.#setup, this.#marks, orphanAge);
    return await run.collect(onDeleting);
  }
}

/** A number of objects, and their size. */
interface Sum {
  objects: number;
  bytes: number;
}

/** One collection. */
class Run {
  readonly #engine: ObjectEngine;
  readonly #setup: CollectSetup;
  readonly #marks: MarkObjects;
  readonly #orphanAge: number;
  readonly #age: () => number;
  /** The time at which it began, by the engine's clock. */
  #began = 0;
  /** The blobs that are in tags, and the segments that heads name. */
  readonly #needed = new HashSet();
  /** The folders whose marks were looked at. */
  readonly #swept = new Set<string>();
  readonly #tags = { kept: { objects: 0, bytes: 0 }, deleted: { objects: 0, bytes: 0 } };
  readonly #blobs = { kept: { objects: 0, bytes: 0 }, deleted: { objects: 0, bytes: 0 } };

  constructor(engine: ObjectEngine, setup: CollectSetup, marks: MarkObjects, orphanAge: number) {
    this.#engine = engine;
    this.#setup = setup;
    this.#marks = marks;
    this.#orphanAge = orphanAge;
    this.#age = elapsing(setup);
  }

  async collect(onDeleting: () => void): Promise<GcResult> {
    await this.#readTags();
    onDeleting();
    const prefixes = new Set(this.#setup.nodes.map((node) => blobsOf(node, this.#setup.nodes)));
    for (const prefix of prefixes) await this.#collectBlobs(prefix);
    await this.#tidyMarks();
    await this.#collectRest();
    return { tags: this.#tags, blobs: this.#blobs };
  }

  /**
   * Notes all that tags name. Two objects that were put right before have to be in the listing: the first and the last key there. So one that lags
   * behind is found out.
   */
  async #readTags(): Promise<void> {
    const nonce = Math.floor(this.#setup.random() * 2 ** 52).toString(36);
    const ends = [`${HEADS}!${nonce}`, `${HEADS}~${nonce}`];
    const missing = new Set(ends);
    try {
      for (const key of ends) await this.#put(key);
      const found = await this.#patient((signal) => this.#engine.head(ends[0] ?? "", { signal }));
      if (found === undefined) throw this.#failure(`${ends[0]} is missing right after it was stored`);
      this.#began = found.modified;
      const heads = this.#list(HEADS);
      await together(TAGS, async () => {
        for (let next = await heads.next(); !next.done; next = await heads.next()) {
          const { value } = next;
          const name = value.key.slice(HEADS.length);
          if (isName(name)) await this.#readTag(name, value);
          else if (!missing.delete(value.key) && /^[!~]/.test(name)) await this.#deleteOld(value);
        }
      });
      if (missing.size > 0) throw this.#failure("its listing lags behind");
    } finally {
      await Promise.allSettled(ends.map((key) => this.#engine.delete(key)));
    }
  }

  async #readTag(name: string, object: ListedObject): Promise<void> {
    try {
      const text = await this.#text(headKey(name));
      const head = text === undefined ? undefined : await parseHead(text);
      if (text !== undefined && head === undefined) throw this.#failure(`${object.key} holds no tag`);
      if (head !== undefined) await this.#noteTag(name, head);
    } catch (cause) {
      const text = (reason: string) => `the tag ${name} cannot be read, so nothing was deleted: ${reason}`;
      throw refusal(500, text(reasonOf(cause)), `tag://${name}`, { cause, told: text(toldReason(cause)) });
    }
    add(this.#tags.kept, object);
  }

  /** Notes what a tag names. */
  async #noteTag(name: string, head: Head): Promise<void> {
    await this.#noteSets(head.content?.urls);
    for (let [current, tries] = [head, 1];; tries++) {
      const missing = await this.#noteSegments(name, current);
      if (missing === undefined) return;
      const text = await this.#text(headKey(name));
      const now = text === undefined ? undefined : await parseHead(text);
      if (now === undefined || now.id === current.id || tries === TRIES) throw this.#failure(`${missing} is missing`);
      current = now;
      await this.#noteSets(current.content?.urls);
    }
  }

  /** Notes what the segments of a tag name; gives the key of one that is missing. */
  async #noteSegments(name: string, { segments }: Head): Promise<string | undefined> {
    for (const { part } of segments) {
      const key = segmentKey(name, part);
      this.#needed.add(key);
      const text = await this.#text(key);
      if (text === undefined) return key;
      await this.#noteSets(text);
    }
  }

  async #noteSets(sets: SetsJson = "[]"): Promise<void> {
    for await (const objects of objectsInSets(sets)) {
      for (const object of objects) this.#needed.add(object);
    }
  }

  /** Deletes a node's orphans: a listing has them folder by folder. */
  async #collectBlobs(prefix: string): Promise<void> {
    let folder = "";
    let orphans: ListedObject[] = [];
    for await (const blob of this.#list(prefix)) {
      const [, inFolder = "", object = ""] = /^([0-9a-f]{2})\/(.*)$/s.exec(blob.key.slice(prefix.length)) ?? [];
      const { modified } = blob;
      const isNeeded = inFolder !== folderOf(object) || this.#needed.has(object);
      if (isNeeded || !isOrphan({ object, modified }, this.#began, this.#orphanAge)) {
        add(this.#blobs.kept, blob);
        continue;
      }
      if (folder !== inFolder || orphans.length === BATCH) {
        await this.#deleteOrphans(prefix, folder, orphans);
        [folder, orphans] = [inFolder, []];
      }
      orphans.push(blob);
    }
    await this.#deleteOrphans(prefix, folder, orphans);
  }

  async #deleteOrphans(prefix: string, folder: string, orphans: readonly ListedObject[]): Promise<void> {
    if (orphans.length === 0) return;
    const start = prefix.length + folder.length + 1;
    const age = elapsing(this.#setup);
    const condemned = new Set(await this.#sweep(folder, orphans.map(({ key }) => key.slice(start))));
    await atOnce(DELETIONS, orphans, async (blob) => {
      // What is not deleted in time is decided upon again by the next collection.
      if (!condemned.has(blob.key.slice(start)) || age() > PROMPT) return add(this.#blobs.kept, blob);
      await this.#patient(() => this.#engine.delete(blob.key));
      add(this.#blobs.deleted, blob);
    });
  }

  /** Decides which orphans of a folder are deleted. */
  async #sweep(folder: string, orphans: readonly string[]): Promise<readonly string[]> {
    let condemned: readonly string[] = [];
    this.#swept.add(folder);
    await this.#marks.change(folder, ({ marks, modified }) => {
      if (this.#age() > LONGEST) throw this.#failure("the collection takes too long; a new one begins anew");
      const now = Math.max(this.#began + this.#age(), modified);
      const swept = withSwept(marks, { orphans, began: this.#began, now });
      condemned = swept.condemned;
      return swept.changed;
    });
    return condemned;
  }

  /** Ages the marks of all other folders. */
  async #tidyMarks(): Promise<void> {
    for await (const { key } of this.#list(MARKS)) {
      const folder = key.slice(MARKS.length);
      if (/^[0-9a-f]{2}$/.test(folder) && !this.#swept.has(folder)) await this.#sweep(folder, []);
    }
  }

  /** Deletes segments that no head names, and what trials have left behind. */
  async #collectRest(): Promise<void> {
    for await (const segment of this.#list(SEGMENTS)) {
      const isDeleted = !this.#needed.has(segment.key) && await this.#deleteOld(segment);
      add(isDeleted ? this.#tags.deleted : this.#tags.kept, segment);
    }
    for await (const trial of this.#list(TRIALS)) await this.#deleteOld(trial);
  }

  async #deleteOld({ key, modified }: ListedObject): Promise<boolean> {
    if (modified + REST >= this.#began) return false;
    await this.#patient(() => this.#engine.delete(key));
    return true;
  }

  async #put(key: string): Promise<void> {
    await this.#patient((signal) => this.#engine.put(key, new Uint8Array(), { signal }));
  }

  async #text(key: string): Promise<string | undefined> {
    return await this.#patient(async (signal) => {
      const found = await this.#engine.get(key, { signal });
      return found && await new Response(found.stream).text();
    });
  }

  #list(prefix: string): AsyncGenerator<ListedObject, void> {
    return listed(this.#engine, this.#setup, prefix);
  }

  #patient<T>(request: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return patient(this.#setup, request);
  }

  #failure(reason: string): DiscoError {
    return refusal(500, `${this.#engine.name}: ${reason}`, "", { told: reason });
  }
}

/** Does something several times at once; ends when all have ended, with the first error. */
async function together(width: number, task: () => Promise<void>): Promise<void> {
  const results = await Promise.allSettled(Array.from({ length: width }, task));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

function add(sum: Sum, { size }: { readonly size: number }): void {
  sum.objects++;
  sum.bytes += size;
}
