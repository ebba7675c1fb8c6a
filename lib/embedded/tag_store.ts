import { Locks } from "./locks.ts";
import { type Nodes, volumeOf } from "./nodes.ts";
import { MAX_WRITTEN_TAG, parseObject, type Stamps } from "./object_names.ts";
import { toJson } from "./json.ts";
import { refusal } from "./responses.ts";
import type { Store, Volume } from "./stores/store.ts";
import { NO_SETS, parsedSets } from "./sets.ts";
import { parseTagContent, storedTag, type TagChange, type TagContent } from "./tag_content.ts";

/** A version of a tag: its object, and the nodes that have it. */
export interface TagVersion {
  readonly object: string;
  readonly nodes: readonly string[];
}

/** A tag as it was read. */
export interface StoredTag extends TagVersion {
  readonly content: TagContent;
}

/** A file of a tag. */
interface TagFile {
  readonly node: string;
  readonly object: string;
}

/** A tag that is known: its newest version, and all its files. */
interface Entry extends TagVersion {
  readonly stamp: number;
  readonly files: readonly TagFile[];
}

/** The tag that lists the deleted ones, as links. */
const DELETED = "+deleted";

const EMPTY = { readToken: null, writeToken: null, urls: NO_SETS, user: new Map<string, string>() };

/**
 * The tags in the nodes' volumes: of each the newest version counts, and none that is listed as deleted.
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#tags PROTOCOL: Tags}
 */
export class TagStore {
  readonly #volumes: ReadonlyMap<string, Volume>;
  readonly #nodes: Nodes;
  readonly #stamps: Stamps;
  readonly #replicas: number;
  readonly #entries = new Map<string, Entry>();
  readonly #locks = new Locks();
  #deleted: ReadonlySet<string> = new Set();

  private constructor(store: Store, nodes: Nodes, stamps: Stamps, replicas: number) {
    this.#volumes = store.volumes;
    this.#nodes = nodes;
    this.#stamps = stamps;
    this.#replicas = replicas;
  }

  /** Finds the tags of a store; each is written to `replicas` nodes from then on. */
  static async open(store: Store, nodes: Nodes, stamps: Stamps, replicas: number): Promise<TagStore> {
    const tags = new TagStore(store, nodes, stamps, replicas);
    for (const [node, volume] of store.volumes) {
      for await (const { object } of volume.list("tag")) tags.#found({ node, object });
    }
    const deleted = await tags.#load(DELETED);
    const sets = await parsedSets(deleted?.content.urls ?? NO_SETS);
    tags.#deleted = new Set(sets.flat().map((url) => url.replace(/^tag:\/\//, "")));
    return tags;
  }

  /** The names of all tags, sorted. */
  names(): string[] {
    return [...this.#entries.keys()].filter((name) => name !== DELETED && !this.#deleted.has(name)).sort();
  }

  /** The nodes that have a tag's newest version. */
  nodesOf(name: string): readonly string[] {
    return this.#entries.get(name)?.nodes ?? [];
  }

  /** Reads a tag; `undefined` if there is none, or it is deleted. */
  async read(name: string): Promise<StoredTag | undefined> {
    return this.#deleted.has(name) ? undefined : await this.#load(name);
  }

  /**
   * Writes a new version of a tag and then removes the older ones.
   *
   * @param tag The version that is changed; `undefined` for a new tag.
   * @throws {CommError} If not a single node could store it (status 500).
   */
  async write(name: string, tag: TagContent | undefined, change: TagChange): Promise<TagVersion> {
    const version = await this.#save(name, { ...EMPTY, ...tag, ...change });
    if (this.#deleted.has(name)) await this.#changeDeleted((names) => names.delete(name));
    return version;
  }

  /** Deletes a tag; its files stay until {@linkcode sweep}. */
  async delete(name: string): Promise<void> {
    if (!this.#entries.has(name) || this.#deleted.has(name)) return;
    await this.#changeDeleted((names) => names.add(name));
  }

  /** Removes the files of a tag that are of no use: all of a deleted one, else the older ones. */
  async sweep(name: string): Promise<void> {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    const deleted = this.#deleted.has(name);
    const files = await this.#remove(entry.files, deleted ? undefined : entry.object);
    if (files.length > 0) this.#entries.set(name, { ...entry, files });
    else this.#entries.delete(name);
  }

  /** Forgets the deleted tags that have no files any more. */
  async forgetDeleted(): Promise<void> {
    const gone = [...this.#deleted].filter((name) => !this.#entries.has(name));
    if (gone.length > 0) await this.#changeDeleted((names) => gone.forEach((name) => names.delete(name)));
  }

  /** The names of all tags that have files, deleted ones too. */
  stored(): string[] {
    return [...this.#entries.keys()];
  }

  #found(file: TagFile): void {
    const parsed = parseObject(file.object);
    if (parsed === undefined) return;
    const { name, stamp } = parsed;
    const known = this.#entries.get(name);
    const files = [...known?.files ?? [], file];
    if (known !== undefined && known.stamp > stamp) return void this.#entries.set(name, { ...known, files });
    const nodes = files.filter(({ object }) => object === file.object).map(({ node }) => node);
    this.#entries.set(name, { object: file.object, nodes, stamp, files });
  }

  async #load(name: string): Promise<StoredTag | undefined> {
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    let cause: unknown;
    for (const node of entry.nodes) {
      try {
        const content = await parseTagContent(await volumeOf(this.#volumes, node).readTag(entry.object));
        if (content !== undefined) return { object: entry.object, nodes: entry.nodes, content };
      } catch (error) {
        cause = error;
      }
    }
    const reason = cause === undefined ? "corrupted_json" : "read_failed";
    throw refusal(500, `Internal server error: ${reason}`, `tag://${name}`, { cause });
  }

  async #save(name: string, content: Omit<TagContent, "id" | "lastModified">): Promise<TagVersion> {
    const known = this.#entries.get(name);
    const object = this.#stamps.stamp(name, known?.stamp);
    const lastModified = this.#stamps.date();
    const nodes = await this.#distribute(name, object, storedTag({ ...content, id: object, lastModified }));
    const files = [...known?.files ?? [], ...nodes.map((node) => ({ node, object }))];
    const stamp = parseObject(object)?.stamp ?? 0;
    this.#entries.set(name, { object, nodes, stamp, files: await this.#remove(files, object) });
    return { object, nodes };
  }

  /** Writes to as many nodes as there are to be replicas; where one fails, to another. */
  async #distribute(name: string, object: string, text: string): Promise<string[]> {
    const candidates = name.length > MAX_WRITTEN_TAG ? [] : this.#nodes.writable();
    const written: string[] = [];
    let cause: unknown;
    while (written.length < this.#replicas && candidates.length > 0) {
      const batch = candidates.splice(0, this.#replicas - written.length);
      await Promise.all(batch.map(async (node) => {
        try {
          await volumeOf(this.#volumes, node).writeTag(object, text);
          written.push(node);
        } catch (error) {
          cause = error;
        }
      }));
    }
    if (written.length > 0) return written;
    throw refusal(500, "Internal server error: replication_failed", `tag://${name}`, { cause });
  }

  /** Removes files but those of one version; returns what is left, also because it could not be removed. */
  async #remove(files: readonly TagFile[], but: string | undefined): Promise<TagFile[]> {
    const left = await Promise.all(files.map(async (file) => {
      if (file.object === but) return [file];
      const removed = volumeOf(this.#volumes, file.node).remove("tag", file.object);
      return await removed.then(() => [], () => [file]);
    }));
    return left.flat();
  }

  #changeDeleted(change: (names: Set<string>) => unknown): Promise<void> {
    return this.#locks.run(DELETED, async () => {
      const names = new Set(this.#deleted);
      change(names);
      await this.#save(DELETED, { ...EMPTY, urls: toJson(Array.from(names, (name) => [`tag://${name}`])) });
      this.#deleted = names;
    });
  }
}
