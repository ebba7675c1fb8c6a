import { atOnce } from "../../base/at_once.ts";
import { toJson } from "./json.ts";
import { Locks } from "./locks.ts";
import { batchesOf, NO_SETS } from "./sets.ts";
import { parseObject } from "./object_names.ts";
import { OrderedMap } from "./ordered_map.ts";
import type { NodeStore, TagFiles } from "./node_store.ts";
import type { Store, StoreSetup } from "./store.ts";
import { type Change, type ChangeItem, editedTag, EMPTY_TAG } from "./tag_changes.ts";
import { type Entry, noteFile, type TagFile } from "./tag_entries.ts";
import type {
  Amount,
  Collected,
  StoredTag,
  TagChangeOptions,
  TagContent,
  TagReadOptions,
  TagStore,
  TagVersion,
} from "./tag_store.ts";
import { type KeptSets, type LoadedTag, TagVersions } from "./tag_versions.ts";

/** The tag that lists the deleted ones, as links. */
const DELETED = "+deleted";
/** Past so many deleted tags, their files are removed, so that the list stays short: each deletion writes all of it. */
const MOST_DELETED = 1000;
/** Tags that are looked at at a time. */
const WIDTH = 16;

/**
 * Makes a store of the volumes and files of nodes.
 *
 * @throws {DiscoError} If the tags cannot be listed; the files are given up then.
 */
export async function volumeStore(files: NodeStore, setup: StoreSetup): Promise<Store> {
  try {
    return { ...files, tags: await VolumeTags.open(files.tagFiles, setup) };
  } catch (error) {
    await files.close();
    throw error;
  }
}

/**
 * The tags in the volumes of nodes, as real nodes have them: of each the newest version counts, and none that is listed as deleted.
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#tags PROTOCOL: Tags}
 */
class VolumeTags implements TagStore {
  readonly #files: ReadonlyMap<string, TagFiles>;
  readonly #setup: StoreSetup;
  readonly #versions: TagVersions;
  readonly #entries = new OrderedMap<Entry>();
  readonly #locks = new Locks();
  /** By tag, the changes that are to be made together. */
  readonly #waiting = new Map<string, ChangeItem[]>();
  /** The changes of the list of deleted tags that are written together. */
  #marking: { readonly marks: Mark[]; readonly done: Promise<void> } | undefined;
  #deleted: ReadonlySet<string> = new Set();
  /** Deleted tags without files; a power cut may bring these back. */
  readonly #unsettled = new Set<string>();
  #sweeping: Promise<void> | undefined;
  /** The reason why it is not known which tags are deleted. */
  #unknown: unknown;

  private constructor(files: ReadonlyMap<string, TagFiles>, setup: StoreSetup) {
    this.#files = files;
    this.#versions = new TagVersions(files, setup);
    this.#setup = setup;
  }

  /** Finds the tags in the nodes' files. */
  static async open(files: ReadonlyMap<string, TagFiles>, setup: StoreSetup): Promise<VolumeTags> {
    const tags = new VolumeTags(files, setup);
    for (const [node, all] of files) {
      for await (const objects of all.list()) {
        for (const object of objects) noteFile(tags.#entries, { node, object });
      }
    }
    try {
      const deleted = await tags.#load(DELETED);
      const urls = [...batchesOf(deleted?.content.urls ?? NO_SETS)].flat(2);
      tags.#deleted = new Set(urls.map((url) => url.replace(/^tag:\/\//, "")));
      for (const name of tags.#deleted) if (!tags.#entries.has(name)) tags.#unsettled.add(name);
    } catch (cause) {
      // Then deleted tags are back, which is better than a store that stays shut.
      tags.#unknown = cause;
    }
    return tags;
  }

  async *names(prefix: string): AsyncGenerator<string, void> {
    for (const name of prefix === "" ? this.#entries.keys() : this.#entries.keysWith(prefix)) {
      if (name !== DELETED && !this.#deleted.has(name)) yield name;
    }
  }

  async read(name: string, options?: TagReadOptions): Promise<StoredTag | undefined> {
    for (;;) {
      const entry = this.#entries.get(name);
      if (this.#deleted.has(name)) return undefined;
      try {
        return await this.#load(name, options);
      } catch (error) {
        // A change may have removed the version that was to be read.
        if (this.#entries.get(name) === entry) throw error;
      }
    }
  }

  change(name: string, change: Change, { sets = true }: TagChangeOptions = {}): Promise<TagVersion> {
    return new Promise((resolve, reject) => {
      const item = { change, sets, resolve, reject };
      const others = this.#waiting.get(name);
      if (others !== undefined) return void others.push(item);
      const items = [item];
      this.#waiting.set(name, items);
      void this.#locks.run(name, () => {
        this.#waiting.delete(name);
        return this.#commit(name, items);
      });
    });
  }

  async delete(name: string, check: (tag: TagContent | undefined) => void): Promise<void> {
    await this.#locks.run(name, async () => {
      check(this.#deleted.has(name) ? undefined : await this.#salvaged(name));
      if (this.#entries.has(name) && !this.#deleted.has(name)) await this.#mark({ name, deleted: true });
    });
    // The tag is deleted, whatever becomes of this: a collection tries it again, and tells.
    if (this.#deleted.size > MOST_DELETED) await this.#sweep().catch(() => {});
  }

  async collect(): Promise<Collected> {
    if (this.#unknown !== undefined) throw this.#unknown;
    const deleted = { objects: 0, bytes: 0 };
    await atOnce(WIDTH, this.#entries.keys(), (name) => this.#tidy(name, deleted));
    await this.#sweeping;
    await this.#sweep();
    const kept = { objects: 0, bytes: 0 };
    await atOnce(WIDTH, this.#entries.values(), async ({ files }) => {
      for (const file of files) add(kept, await this.#versions.at(file.node).size(file.object) ?? 0);
    });
    return { kept, deleted };
  }

  async #load(name: string, options?: TagReadOptions): Promise<LoadedTag | undefined> {
    const entry = this.#entries.get(name);
    return entry && await this.#versions.load(name, entry, options);
  }

  /** Reads a tag; of one that cannot be read, its tokens as far as they are found. */
  async #salvaged(name: string): Promise<TagContent | undefined> {
    try {
      return (await this.#load(name, { sets: false }))?.content;
    } catch {
      return await this.#versions.salvaged(this.#entries.get(name) ?? { object: "", nodes: [] });
    }
  }

  /** Makes changes of a tag, in one version of it. */
  async #commit(name: string, items: readonly ChangeItem[]): Promise<void> {
    try {
      const sets = items.some(({ sets }) => sets);
      const stored = this.#deleted.has(name) ? undefined : await this.#load(name, { sets });
      const id = this.#setup.stamp(name, this.#entries.get(name)?.stamp);
      const lastModified = this.#setup.date();
      const { content, kept, made } = editedTag(name, stored, items, { id, lastModified });
      if (content === undefined) return;
      const version = content === stored?.content ? stored : await this.#save(name, content, kept);
      if (this.#deleted.has(name)) await this.#mark({ name, deleted: false });
      for (const { resolve } of made) resolve(version);
    } catch (error) {
      for (const { reject } of items) reject(error);
    }
  }

  /** Writes a new version of a tag and then removes the older ones. */
  async #save(name: string, content: TagContent, kept?: KeptSets): Promise<TagVersion> {
    const object = content.id;
    const nodes = await this.#versions.write(name, content, kept);
    const files = [...this.#entries.get(name)?.files ?? [], ...nodes.map((node) => ({ node, object }))];
    const stamp = parseObject(object)?.stamp ?? 0;
    // Known before the older ones are removed, so that whoever reads finds one of them.
    this.#entries.set(name, { object, nodes, stamp, files });
    this.#entries.set(name, { object, nodes, stamp, files: await this.#remove(files, object) });
    return { object, nodes };
  }

  /** Removes files but those of one version; returns what is left, also because it could not be removed. */
  async #remove(files: readonly TagFile[], but?: string, deleted?: Sum): Promise<TagFile[]> {
    const left = await Promise.all(files.map(async (file) => {
      if (file.object === but) return [file];
      try {
        const size = deleted && await this.#versions.at(file.node).size(file.object);
        await this.#versions.at(file.node).remove(file.object);
        if (size !== undefined) add(deleted, size);
        return [];
      } catch {
        return [file];
      }
    }));
    return left.flat();
  }

  /** Removes the files of a tag that are of no use: all of a deleted one, else the older ones. */
  #tidy(name: string, removed?: Sum): Promise<void> {
    return this.#locks.run(name, async () => {
      const entry = this.#entries.get(name);
      if (entry === undefined) return;
      const files = await this.#remove(entry.files, this.#deleted.has(name) ? undefined : entry.object, removed);
      if (files.length > 0) return void this.#entries.set(name, { ...entry, files });
      this.#entries.delete(name);
      this.#versions.forget(name);
      this.#unsettled.add(name);
    });
  }

  /** Removes the files of deleted tags, and forgets these once that is durable: a power cut would bring back the files of a forgotten one. */
  async #sweep(): Promise<void> {
    this.#sweeping ??= this.#forget().finally(() => this.#sweeping = undefined);
    await this.#sweeping;
  }

  async #forget(): Promise<void> {
    await atOnce(WIDTH, this.#deleted, (name) => this.#tidy(name));
    const names = [...this.#unsettled];
    this.#unsettled.clear();
    try {
      await Promise.all(Array.from(this.#files.values(), (files) => files.settle()));
      const settled = names.filter((name) => !this.#entries.has(name) && !this.#unsettled.has(name));
      if (settled.length > 0) await this.#mark(...settled.map((name) => ({ name, deleted: false })));
    } catch (error) {
      for (const name of names) this.#unsettled.add(name);
      throw error;
    }
  }

  /** Writes down that tags are deleted, or are not. */
  async #mark(...marks: Mark[]): Promise<void> {
    if (this.#marking === undefined) {
      const marks: Mark[] = [];
      const done = this.#locks.run(DELETED, () => {
        this.#marking = undefined;
        return this.#saveDeleted(marks);
      });
      this.#marking = { marks, done };
    }
    this.#marking.marks.push(...marks);
    await this.#marking.done;
  }

  async #saveDeleted(marks: readonly Mark[]): Promise<void> {
    const names = new Set(this.#deleted);
    for (const { name, deleted } of marks) {
      if (deleted) names.add(name);
      else names.delete(name);
    }
    const id = this.#setup.stamp(DELETED, this.#entries.get(DELETED)?.stamp);
    const urls = toJson(Array.from(names, (name) => [`tag://${name}`]));
    await this.#save(DELETED, { ...EMPTY_TAG, urls, id, lastModified: this.#setup.date() });
    this.#deleted = names;
    this.#unknown = undefined;
  }
}

/** That a tag is deleted by now, or is not any more. */
interface Mark {
  readonly name: string;
  readonly deleted: boolean;
}

type Sum = { -readonly [Field in keyof Amount]: Amount[Field] };

function add(sum: Sum | undefined, bytes: number): void {
  if (sum === undefined) return;
  sum.objects++;
  sum.bytes += bytes;
}
