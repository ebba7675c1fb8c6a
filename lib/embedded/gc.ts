import { raceAbort } from "../base/abort.ts";
import type { Clock } from "../base/clock.ts";
import { stoppable } from "../base/stoppable.ts";
import { DiscoError } from "../errors.ts";
import { NO_SETS, objectsInSets } from "./stores/sets.ts";
import { reasonOf, toldReason } from "./stores/refusal.ts";
import type { GcResult, Store, StoredBlob } from "./stores/store.ts";
import type { Amount, SetsJson } from "./stores/tag_store.ts";
import type { Tags } from "./tags.ts";

/** A collection that has ended, as Disco tells it. */
export interface GcStats {
  /** The time at which it ended. */
  readonly timestamp: string;
  readonly stats: Readonly<Record<`${"Tags" | "Blobs"} ${"kept" | "deleted"}`, [objects: number, bytes: number]>>;
}

/** The store and the settings that a collection works with. */
export interface GcContext {
  readonly store: Store;
  readonly tags: Pick<Tags, "flush">;
  /** Milliseconds that a blob is kept when no tag has it: as long may pass between its upload and the tag. */
  readonly orphanAge: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Now, as tags show it. */
  readonly date: () => string;
}

/** The phases of Disco's collector: it reads the tags, and then deletes what no tag needs. */
type Phase = "map_wait" | "gc";

/** Options of {@linkcode Embedded.gc}. */
export interface GcOptions {
  /** Ends the waiting at once when it is aborted; the collection goes on. */
  signal?: AbortSignal | undefined;
  /** Milliseconds that it may take; past them the waiting ends with code `timeout`. */
  deadline?: number | undefined;
  /** Called with the state of the collection when it changes. */
  onProgress?: ((progress: GcProgress) => void) | undefined;
}

/** The state of a collection. */
export interface GcProgress {
  /** The state in the words that a master uses, like `GC is scanning DDFS (phase map_wait).` */
  readonly status: string;
}

/** Tags that are read at a time. */
const WIDTH = 8;

/**
 * Frees space when it is told to: deleted tags, older versions, and blobs that are in no tag and old enough.
 *
 * A blob that is in some tag at every moment is never deleted, though the tags are read one after the other: what is put into a tag, or uploaded,
 * while a collection runs is spared.
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#control PROTOCOL: Control}
 */
export class Collector {
  readonly #context: GcContext;
  #running: Promise<GcResult> | undefined;
  #phase: Phase = "map_wait";
  /** The functions that are told of each change of the state. */
  readonly #told = new Set<(status: string) => void>();
  #stats: GcStats | undefined;
  #failure: unknown;
  /** The blobs that the running collection must not delete. */
  readonly #spared = new Set<string>();
  /** The blobs that are being deleted. */
  readonly #removals = new Map<string, Promise<void>>();
  /** The replica sets that are being put into tags. */
  readonly #tagging = new Set<readonly SetsJson[]>();
  /** The blobs that are being uploaded. */
  readonly #uploads = new Set<{ readonly object: string }>();

  constructor(context: GcContext) {
    this.#context = context;
  }

  /**
   * Starts a collection, or joins the one that is running.
   *
   * @returns What it kept and deleted.
   * @throws {DiscoError} If a tag could not be read, and nothing was deleted therefore; or if something could not be deleted.
   */
  start(): Promise<GcResult> {
    return this.#running ??= this.#run();
  }

  /** Starts a collection, or joins the one that is running, and waits for it no longer than the options say. */
  async collect({ signal, deadline, onProgress }: GcOptions, after: Clock["after"]): Promise<GcResult> {
    return await stoppable(signal, async (stop) => {
      const tell = (status: string) => {
        try {
          onProgress?.({ status });
        } catch (error) {
          stop.abort(error);
        }
      };
      const tooLate = () => {
        stop.abort(new DiscoError(`The collection took more than ${deadline} ms; it goes on`, { code: "timeout" }));
      };
      const cancel = deadline === undefined ? () => {} : after(deadline, tooLate);
      const running = this.start();
      this.#told.add(tell);
      tell(this.status());
      try {
        return await raceAbort(running, stop.signal);
      } finally {
        this.#told.delete(tell);
        cancel();
      }
    });
  }

  /** Gives the phase in Disco's words; empty when no collection runs. */
  status(): string {
    if (this.#running !== undefined) return `GC is scanning DDFS (phase ${this.#phase}).`;
    return this.#failure === undefined ? "" : `GC failed: ${toldReason(this.#failure)}`;
  }

  /** Gives the findings of the last collection; empty before the first. */
  stats(): GcStats | "" {
    return this.#stats ?? "";
  }

  /** Waits for the end of a collection. */
  async settled(): Promise<void> {
    await this.#running?.catch(() => {});
  }

  /**
   * Puts sets into a tag; their blobs are kept. Those that are being deleted at this moment are gone before the tag gets them.
   *
   * @param task Calls `check` in each change of the tag, as {@linkcode Collection.tagging} says.
   */
  async tagging<T>(sets: readonly SetsJson[], task: (check: () => void) => Promise<T>): Promise<T> {
    const { collection } = this.#context.store;
    if (collection !== undefined) return await collection.tagging(sets, task);
    this.#tagging.add(sets);
    try {
      if (this.#running !== undefined) {
        await Promise.allSettled(await this.#spare(...sets));
      }
      return await task(() => {});
    } finally {
      this.#tagging.delete(sets);
    }
  }

  /** Uploads a blob, which is kept. */
  async uploading<T>(object: string, task: () => Promise<T>): Promise<T> {
    const upload = { object };
    this.#uploads.add(upload);
    if (this.#running !== undefined) this.#spared.add(object);
    try {
      return await task();
    } finally {
      this.#uploads.delete(upload);
    }
  }

  /** Keeps the blobs of sets; gives the removals of those that are being deleted already. */
  async #spare(...lists: readonly SetsJson[]): Promise<Promise<void>[]> {
    const removals: Promise<void>[] = [];
    for (const list of lists) {
      for await (const objects of objectsInSets(list)) {
        for (const object of objects) {
          this.#spared.add(object);
          const removal = this.#removals.get(object);
          if (removal !== undefined) removals.push(removal);
        }
      }
    }
    return removals;
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    for (const tell of this.#told) tell(this.status());
  }

  async #run(): Promise<GcResult> {
    this.#phase = "map_wait";
    // Only then is it known to run.
    await Promise.resolve();
    try {
      this.#failure = undefined;
      for (const { object } of this.#uploads) this.#spared.add(object);
      for (const sets of this.#tagging) await this.#spare(...sets);
      const { tags, blobs } = await this.#collect();
      const stats = {
        "Tags kept": pair(tags.kept),
        "Tags deleted": pair(tags.deleted),
        "Blobs kept": pair(blobs.kept),
        "Blobs deleted": pair(blobs.deleted),
      };
      this.#stats = { timestamp: this.#context.date(), stats };
      return { tags, blobs };
    } catch (error) {
      this.#failure = error;
      throw error;
    } finally {
      this.#running = undefined;
      this.#spared.clear();
    }
  }

  async #collect(): Promise<GcResult> {
    const { store, tags, now, orphanAge } = this.#context;
    const youngest = now() - orphanAge;
    await tags.flush();
    if (store.collection !== undefined) {
      return await store.collection.collect({ orphanAge, onDeleting: () => this.#enter("gc") });
    }
    await this.#refuseUnserved();
    await this.#spareTagged();
    this.#enter("gc");
    const collected = await store.tags.collect?.() ??
      { kept: { objects: 0, bytes: 0 }, deleted: { objects: 0, bytes: 0 } };
    const blobs = { kept: { objects: 0, bytes: 0 }, deleted: { objects: 0, bytes: 0 } };
    for (const volume of store.volumes.values()) {
      for await (const blob of volume.list()) {
        const { object } = blob;
        if (this.#spared.has(object) || blob.modified > youngest) {
          add(blobs.kept, blob);
          continue;
        }
        const removal = volume.remove(object);
        this.#removals.set(object, removal);
        await removal.finally(() => this.#removals.delete(object));
        add(blobs.deleted, blob);
      }
    }
    return { tags: collected, blobs };
  }

  /** Ends the collection where tags are that it does not read: they may name any blob. */
  async #refuseUnserved(): Promise<void> {
    const unserved = await this.#context.store.unserved?.() ?? [];
    if (unserved.length === 0) return;
    const [has, is] = unserved.length === 1 ? ["has", "is"] : ["have", "are"];
    const message = `Nothing was deleted: ${unserved.join(", ")} ${has} tags, and ${is} not served`;
    throw new DiscoError(message, { code: "unsupported" });
  }

  /** Keeps all blobs that tags name, whatever host and spelling their URLs have. */
  async #spareTagged(): Promise<void> {
    const { tags } = this.#context.store;
    const names = tags.names("")[Symbol.asyncIterator]();
    const read = async () => {
      for (;;) {
        const { done, value: name } = await names.next();
        if (done) return;
        const tag = await tags.read(name).catch((cause) => {
          const message = `the tag ${name} cannot be read, so nothing was deleted: ${reasonOf(cause)}`;
          throw new DiscoError(message, { code: "server-error", cause });
        });
        await this.#spare(tag?.content.urls ?? NO_SETS);
      }
    };
    await Promise.all(Array.from({ length: WIDTH }, read));
  }
}

function add(amount: { objects: number; bytes: number }, { size }: StoredBlob): void {
  amount.objects++;
  amount.bytes += size;
}

function pair({ objects, bytes }: Amount): [objects: number, bytes: number] {
  return [objects, bytes];
}
