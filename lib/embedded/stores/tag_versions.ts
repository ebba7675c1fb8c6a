import { DiscoError } from "../../errors.ts";
import { type LargeTag, readLarge, setsApart } from "./large_tag.ts";
import type { OpenTag, TagFiles } from "./node_store.ts";
import { MAX_WRITTEN_TAG, pathOf } from "./object_names.ts";
import { reasonOf, refusal } from "./refusal.ts";
import { NO_SETS } from "./sets.ts";
import type { StoreSetup } from "./store.ts";
import { EMPTY_TAG } from "./tag_changes.ts";
import { parseStored, storedAround, storedTag, tokensIn } from "./tag_content.ts";
import type { StoredTag, TagContent, TagReadOptions, TagVersion } from "./tag_store.ts";

/** A tag as it was loaded. */
export interface LoadedTag extends StoredTag {
  /** The sets of a large tag, which are none of `content`. */
  readonly kept?: KeptSets | undefined;
}

/** The sets of a large tag, which stay in its file: a new version gets a copy of them. */
export interface KeptSets extends TagVersion, Pick<LargeTag, "from" | "to"> {
  /** The size of the file. */
  readonly size: number;
}

/** A large tag as it was found on a node. */
type FoundTag = Pick<LoadedTag, "content" | "apart" | "kept">;

/** A version of which something is known: its size, and the nodes whose files this process wrote or looked at as a whole. */
interface SoundVersion {
  readonly object: string;
  readonly size: number;
  readonly nodes: ReadonlySet<string>;
}

/** The most bytes of a tag that is held in memory. */
const LARGE = 1 << 19;
/** Bytes that are copied at a time. */
const COPIED = 1 << 20;

/** Encodes a text, which is ASCII: so that not all of it is in memory twice, some at a time. */
function* encoded(text: string): Generator<Uint8Array<ArrayBuffer>, void> {
  const encoder = new TextEncoder();
  for (let at = 0; at < text.length; at += COPIED) yield encoder.encode(text.slice(at, at + COPIED));
}

/** Reads and writes the versions of tags, each of which is a file on some nodes. */
export class TagVersions {
  readonly #files: ReadonlyMap<string, TagFiles>;
  readonly #setup: StoreSetup;
  /** By tag, the version whose files are as this process writes them, on some nodes: their sets are not looked at again. */
  readonly #sound = new Map<string, SoundVersion>();

  constructor(files: ReadonlyMap<string, TagFiles>, setup: StoreSetup) {
    this.#files = files;
    this.#setup = setup;
  }

  /** Gives the files of a node. */
  at(node: string): TagFiles {
    const files = this.#files.get(node);
    if (files !== undefined) return files;
    throw new DiscoError(`There is no node ${JSON.stringify(node)}`, { code: "invalid-argument" });
  }

  /** Forgets what is known of a tag. */
  forget(name: string): void {
    this.#sound.delete(name);
  }

  /**
   * Reads a version of a tag.
   *
   * @param options Without `sets`, those of a large tag are only found.
   * @throws {CommError} If none of the nodes gives it (status 500); the message names the files.
   */
  async load(
    name: string,
    { object, nodes }: TagVersion,
    { sets = true, apart = false }: TagReadOptions = {},
  ): Promise<LoadedTag> {
    const reasons: string[] = [];
    let cause: unknown;
    for (const node of this.#soundFirst(name, object, nodes)) {
      try {
        const large = sets && !apart ? undefined : await this.#large(name, { object, nodes }, node, sets);
        if (large !== undefined) return { object, nodes, ...large };
        const isSound = this.#isSound(name, object, node);
        const text = await this.at(node).read(object);
        const read = await parseStored(text, isSound);
        if (read !== undefined) {
          if (read.isSound && !isSound) this.#found(name, object, node, text.length);
          return { object, nodes, content: { ...read.content, id: object } };
        }
        reasons.push(`${node && `${node}/`}${pathOf("tag", object)} holds no tag`);
      } catch (error) {
        cause = error;
        reasons.push(`${node && `${node}/`}${pathOf("tag", object)} cannot be read: ${reasonOf(error)}`);
      }
    }
    const reason = cause === undefined ? "corrupted_json" : "read_failed";
    throw refusal(500, `Internal server error: ${reason} (${reasons.join(", ")})`, `tag://${name}`, { cause });
  }

  /** Finds what is left of a version that cannot be read: its tokens, if they are found. */
  async salvaged({ object, nodes }: TagVersion): Promise<TagContent> {
    for (const node of nodes) {
      const tokens = tokensIn(await this.at(node).read(object).catch(() => ""));
      if (tokens !== undefined) return { ...EMPTY_TAG, ...tokens, id: object, lastModified: "" };
    }
    return { ...EMPTY_TAG, id: object, lastModified: "" };
  }

  /**
   * Writes a version to as many nodes as there are to be replicas; where one fails, to another.
   *
   * @param kept Sets that come after those of `content`.
   * @returns The nodes that have it.
   */
  async write(name: string, content: TagContent, kept: KeptSets | undefined): Promise<string[]> {
    const { id: object } = content;
    const replicas = this.#setup.tagReplicas;
    const candidates = name.length > MAX_WRITTEN_TAG ? [] : [...this.#setup.writable()];
    const isLarge = kept !== undefined || content.urls.length > LARGE;
    const text = isLarge ? "" : storedTag(content);
    const written: string[] = [];
    let cause: unknown;
    while (written.length < replicas && candidates.length > 0) {
      const batch = candidates.splice(0, replicas - written.length);
      const results = await Promise.allSettled(batch.map((node) => {
        const files = this.at(node);
        return isLarge ? files.large.write(object, this.#pieces(name, content, kept)) : files.write(object, text);
      }));
      written.push(...batch.filter((_, i) => results[i]?.status === "fulfilled"));
      cause = results.find((result) => result.status === "rejected")?.reason ?? cause;
    }
    if (written.length > 0) {
      const size = Math.max(kept?.size ?? 0, content.urls.length);
      this.#sound.set(name, { object, size, nodes: new Set(written) });
      return written;
    }
    const reason = cause === undefined ? "" : ` (${reasonOf(cause)})`;
    throw refusal(500, `Internal server error: replication_failed${reason}`, `tag://${name}`, { cause });
  }

  /** Opens a version that is large, and stored as this DDFS writes it; `undefined` for others. */
  async #large(
    name: string,
    { object, nodes }: TagVersion,
    node: string,
    isRead: boolean,
  ): Promise<FoundTag | undefined> {
    const files = this.at(node);
    const known = this.#sound.get(name);
    const size = known?.object === object ? known.size : await files.size(object);
    if ((size ?? 0) <= LARGE) return undefined;
    const isSound = this.#isSound(name, object, node);
    const file = await files.large.open(object);
    let isUsed = false;
    try {
      const large = await readLarge(file, isSound);
      if (large === undefined) return undefined;
      // Not again: by now, this process may have written a later version.
      if (!isSound) this.#found(name, object, node, file.size);
      const { content, from, to } = large;
      const others = nodes.filter((other) => other !== node);
      const kept = { object, nodes: [node, ...others], from, to, size: file.size };
      const more = (at: number) => this.#copied(name, { ...kept, nodes: others }, at, to + 1);
      isUsed = isRead;
      const apart = isRead ? setsApart(file, large, others.length === 0 ? undefined : more) : undefined;
      return { content: { ...content, id: object }, apart, kept };
    } finally {
      if (!isUsed) await file.close();
    }
  }

  #isSound(name: string, object: string, node: string): boolean {
    const known = this.#sound.get(name);
    return known?.object === object && known.nodes.has(node);
  }

  /** Notes that a file is as this DDFS writes it. Those of other nodes need not be: what is damaged is so on one disk. */
  #found(name: string, object: string, node: string, size: number): void {
    const known = this.#sound.get(name);
    const nodes = known?.object === object ? known.nodes : [];
    this.#sound.set(name, { object, size, nodes: new Set([...nodes, node]) });
  }

  /** Lists the nodes whose files are known to be sound before the others. */
  #soundFirst(name: string, object: string, nodes: readonly string[]): string[] {
    const sound = nodes.filter((node) => this.#isSound(name, object, node));
    return [...sound, ...nodes.filter((node) => !sound.includes(node))];
  }

  async *#pieces(name: string, content: TagContent, kept?: KeptSets): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
    const [before, after] = storedAround(content);
    yield* encoded(`${before}[`);
    yield* encoded(content.urls.slice(1, -1));
    if (kept !== undefined && kept.from < kept.to) {
      if (content.urls !== NO_SETS) yield* encoded(",");
      yield* this.#copied(name, kept);
    }
    yield* encoded(`]${after}`);
  }

  /**
   * Reads kept sets; where a node fails, on from another one that has the same in the same place. Each piece is gone with the next.
   *
   * @param at The first byte.
   * @param end The end of the last one.
   */
  async *#copied(
    name: string,
    { object, nodes, size, from, to }: KeptSets,
    at = from,
    end = to,
  ): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
    let [memory, failure] = [new Uint8Array(), undefined as unknown];
    for (const node of nodes) {
      let file: OpenTag | undefined;
      try {
        file = await this.at(node).large.open(object);
        const isSound = file.size === size && this.#isSound(name, object, node);
        const found = isSound ? { from, to } : await readLarge(file, false);
        if (file.size !== size || found?.from !== from || found.to !== to) {
          throw new DiscoError(`${object} is not the same on ${node}`, { code: "source-failed" });
        }
        if (file.parts !== undefined) return yield* file.parts(at, end);
        if (at < end && memory.length === 0) memory = new Uint8Array(COPIED);
        while (at < end) {
          const piece = memory.subarray(0, end - at);
          await file.read(piece, at);
          at += piece.length;
          yield piece;
        }
        return;
      } catch (error) {
        failure = error;
      } finally {
        await file?.close();
      }
    }
    throw failure;
  }
}
