import type { DDFSReader } from "../client/reader.ts";
import { S3Error } from "./s3_xml.ts";
import type { StoredBlob } from "./stored_blob.ts";
import type { TagReads } from "./tag_reads.ts";

/** An object of the bucket: a blob under its key. */
export interface Keyed {
  /** The key: the blob's tag with `/` in the place of `:`, then `/` and the blob's name. */
  readonly key: string;
  readonly blob: StoredBlob;
}

/** The keys that begin with something and go on with a delimiter, taken together. */
export interface Common {
  /** The text that they begin with, the delimiter included. */
  readonly prefix: string;
}

/** The part of all keys that is wanted. */
export interface Wanted {
  /** The text that they begin with. */
  readonly prefix: string;
  /** Keys up to this one, and what they are taken together in, are left out. */
  readonly after: string;
  /** Takes keys together that are the same up to this text behind the prefix; empty for none. */
  readonly delimiter: string;
}

/** The number of tags that are read at a time. */
const AT_ONCE = 8;

/** Splits a key into a tag and a blob's name. */
export function splitKey(key: string): { readonly tag: string; readonly name: string } | undefined {
  const [, folder, name] = /^([\w@:/-]+)\/([\w@:-]+)$/.exec(key) ?? [];
  // A `:` in a key would be a second way to write a tag.
  return folder === undefined || name === undefined || folder.includes(":")
    ? undefined
    : { tag: folder.replaceAll("/", ":"), name };
}

/**
 * Finds the blob of a key.
 *
 * @returns The newest of that name; `undefined` if there is none.
 * @throws {S3Error} If a token locks the tag.
 */
export async function blobOfKey(tags: TagReads, key: string): Promise<StoredBlob | undefined> {
  const parts = splitKey(key);
  if (parts === undefined) return undefined;
  const blobs = await namedBlobs(tags, parts.tag);
  if (blobs === "locked") throw new S3Error("AccessDenied");
  return blobs.get(parts.name);
}

/** The blobs of a tag by their names, the newest of each. */
type NamedBlobs = ReadonlyMap<string, StoredBlob>;

/** Gives the blobs that a tag itself holds: none for a tag that is missing; `locked` for one that a token locks. */
async function namedBlobs(tags: TagReads, tag: string): Promise<NamedBlobs | "locked"> {
  try {
    return (await tags.read(tag)).newest;
  } catch (error) {
    const { code } = Object(error) as { code?: string };
    if (code === "not-found") return new Map();
    if (code === "unauthorized") return "locked";
    throw error;
  }
}

/**
 * Lists keys in their order, as S3 does. Tags are read when it is their turn, and a few ahead; those that are missing are passed over.
 *
 * @throws {S3Error} If a token locks a tag whose keys would be wanted: what keeps a copy in step deletes what a list leaves out.
 */
export async function* keysOf(
  ddfs: DDFSReader,
  reads: TagReads,
  wanted: Wanted,
): AsyncGenerator<Keyed | Common, void, undefined> {
  const folder = wanted.prefix.slice(0, wanted.prefix.lastIndexOf("/") + 1);
  if (!/^[\w@/-]*$/.test(folder)) return;
  const tagPrefix = wanted.prefix.replaceAll("/", ":").replace(/:$/, "");
  // The last part of the prefix may be that of a blob's name, or of a tag.
  const names = new Set([
    ...await ddfs.list(tagPrefix && isName(tagPrefix) ? tagPrefix : ""),
    ...folder === "" ? [] : [folder.slice(0, -1).replaceAll("/", ":")],
  ]);
  const tags = [...names].map((tag) => `${tag.replaceAll(":", "/")}/`).sort();
  const tree = new Tree(reads, tags.filter((path) => path.startsWith(folder)));
  let common = "";
  for await (const item of tree.visit(folder, wanted)) {
    if ("prefix" in item) {
      yield item;
      continue;
    }
    // A delimiter other than "/" is found in keys; the tree knows of "/" alone.
    const at = wanted.delimiter === "" ? -1 : item.key.indexOf(wanted.delimiter, wanted.prefix.length);
    if (at < 0) yield item;
    else if (common === "" || !item.key.startsWith(common)) {
      common = item.key.slice(0, at + wanted.delimiter.length);
      if (common > wanted.after) yield { prefix: common };
    }
  }
}

function lockedTag(tag: string): S3Error {
  return new S3Error(
    "AccessDenied",
    `Access Denied: a token locks tag ${tag}, and a list without its keys would be taken for the whole one. ` +
      "List by folders (delimiter /) or a prefix of other tags, or give the server's client a token that opens it.",
  );
}

function isName(text: string): boolean {
  return /^[\w@:-]{1,511}$/.test(text);
}

/** The tags as folders. */
class Tree {
  readonly #tagReads: TagReads;
  /** The paths of all tags, in order; each ends with a slash. */
  readonly #tags: readonly string[];
  readonly #places: ReadonlyMap<string, number>;
  readonly #reads = new Map<string, Promise<NamedBlobs | "locked">>();

  constructor(reads: TagReads, tags: readonly string[]) {
    this.#tagReads = reads;
    this.#tags = tags;
    this.#places = new Map(tags.map((path, i) => [path, i]));
  }

  /** Visits a folder: its blobs and the folders in it, in the order of their keys. */
  async *visit(
    folder: string,
    wanted: Wanted,
    within: readonly string[] = this.#tags,
  ): AsyncGenerator<Keyed | Common, void, undefined> {
    const { prefix, after, delimiter } = wanted;
    const blobs = this.#places.has(folder) ? [...(await this.#read(folder)).values()] : [];
    const folders = new Map<string, string[]>();
    for (const path of within) {
      if (path.length <= folder.length || !path.startsWith(folder)) continue;
      const inner = path.slice(0, path.indexOf("/", folder.length) + 1);
      const paths = folders.get(inner);
      if (paths === undefined) folders.set(inner, [path]);
      else paths.push(path);
    }
    const items = [
      ...blobs.map((blob): Keyed => ({ key: folder + blob.name, blob })),
      ...[...folders.keys()].map((prefix): Common => ({ prefix })),
    ].sort((one, other) => textOf(one) < textOf(other) ? -1 : 1);
    for (const item of items) {
      const text = textOf(item);
      if ("key" in item) {
        if (text.startsWith(prefix) && text > after) yield item;
        continue;
      }
      // All keys in the folder come before those that are wanted, or have another beginning.
      const isBefore = text < after && !after.startsWith(text);
      if (isBefore || !(text.startsWith(prefix) || prefix.startsWith(text))) continue;
      if (delimiter === "/" && text.length > prefix.length) {
        if (text > after) yield item;
      } else yield* this.visit(text, wanted, folders.get(text));
    }
  }

  /** Reads a tag, and begins with the next ones. */
  async #read(path: string): Promise<NamedBlobs> {
    const at = this.#places.get(path) ?? 0;
    const tagOf = (path: string) => path.slice(0, -1).replaceAll("/", ":");
    for (const next of this.#tags.slice(at, at + AT_ONCE)) {
      if (this.#reads.has(next)) continue;
      const read = namedBlobs(this.#tagReads, tagOf(next));
      // Whether anybody wants it is not known yet.
      read.catch(() => {});
      this.#reads.set(next, read);
    }
    const read = this.#reads.get(path) ?? new Map<string, StoredBlob>();
    this.#reads.set(path, Promise.resolve(new Map<string, StoredBlob>()));
    const blobs = await read;
    if (blobs === "locked") throw lockedTag(tagOf(path));
    return blobs;
  }
}

function textOf(item: Keyed | Common): string {
  return "key" in item ? item.key : item.prefix;
}
