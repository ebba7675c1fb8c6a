import { parseObject } from "./stores/object_names.ts";
import type { Kind, Store, StoredObject } from "./stores/store.ts";
import type { TagStore } from "./tag_store.ts";
import type { Tags } from "./tags.ts";

/** How many objects, and their bytes. */
type Count = [objects: number, bytes: number];

/** What a collection found. */
export interface GcStats {
  /** When it ended. */
  readonly timestamp: string;
  readonly stats: Readonly<Record<`${"Tags" | "Blobs"} ${"kept" | "deleted"}`, Count>>;
}

/** Milliseconds that a blob no tag has is kept: as long may an upload take. */
const ORPHAN_EXPIRES = 5 * 24 * 60 * 60 * 1000;

/** What a collection works on. */
export interface GcContext {
  readonly store: Store;
  readonly tagStore: TagStore;
  readonly tags: Tags;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Now, as tags show it. */
  readonly date: () => string;
}

/**
 * Frees space when it is told to: deleted tags, old versions, and blobs that have been in no tag for five days.
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#control PROTOCOL: Control}
 */
export class Collector {
  readonly #context: GcContext;
  #running: Promise<void> | undefined;
  #stats: GcStats | undefined;
  #failed = false;

  constructor(context: GcContext) {
    this.#context = context;
  }

  /** Starts a collection, unless one is running. */
  start(): void {
    this.#running ??= this.#run().finally(() => this.#running = undefined);
  }

  /** What Disco says of its state; empty when nothing runs. */
  status(): string {
    if (this.#running !== undefined) return "GC is scanning DDFS (phase map_wait).";
    return this.#failed ? "GC failed: not everything could be read, nothing more was deleted." : "";
  }

  /** The last collection's findings; empty before the first. */
  stats(): GcStats | "" {
    return this.#stats ?? "";
  }

  /** Waits for the end of a collection. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      this.#failed = false;
      this.#stats = await this.#collect();
    } catch {
      this.#failed = true;
    }
  }

  async #collect(): Promise<GcStats> {
    const { store, tagStore, tags, now, date } = this.#context;
    const before = await this.#count("tag");
    for (const name of tagStore.stored()) await tags.sweep(name);
    await tagStore.forgetDeleted();
    const kept = await this.#count("tag");
    const used = await this.#usedBlobs();
    const blobs = { kept: [0, 0] as Count, deleted: [0, 0] as Count };
    for (const volume of store.volumes.values()) {
      for await (const blob of volume.list("blob")) {
        const keep = used.has(blob.object) || blob.modified > now() - ORPHAN_EXPIRES;
        if (!keep) await volume.remove("blob", blob.object);
        add(keep ? blobs.kept : blobs.deleted, blob);
      }
    }
    const deleted: Count = [Math.max(before[0] - kept[0], 0), Math.max(before[1] - kept[1], 0)];
    return {
      timestamp: date(),
      stats: { "Tags kept": kept, "Tags deleted": deleted, "Blobs kept": blobs.kept, "Blobs deleted": blobs.deleted },
    };
  }

  async #count(kind: Kind): Promise<Count> {
    const count: Count = [0, 0];
    for (const volume of this.#context.store.volumes.values()) {
      for await (const object of volume.list(kind)) add(count, object);
    }
    return count;
  }

  /** The objects that tags have, whatever host their URLs name. */
  async #usedBlobs(): Promise<Set<string>> {
    const { tagStore, tags } = this.#context;
    const used = new Set<string>();
    for (const name of tagStore.names()) {
      for (const url of (await tags.urls(name)).flat()) {
        const object = url.slice(url.lastIndexOf("/") + 1);
        if (parseObject(object) !== undefined) used.add(object);
      }
    }
    return used;
  }
}

function add(count: Count, { size }: StoredObject): void {
  count[0]++;
  count[1] += size;
}
