import { toJson } from "../../stores/json.ts";
import { parseObject } from "../../stores/object_names.ts";
import { NO_SETS } from "../../stores/sets.ts";
import { parseTagContent, storedTag } from "../../stores/tag_content.ts";
import type { SetsJson, TagContent } from "../../stores/tag_store.ts";

/** Sets of a tag that are in an object of their own, which never changes. */
export interface Segment {
  /** The end of its key. */
  readonly part: string;
  /** The number of characters. */
  readonly size: number;
}

/** The present version of a tag: all but the sets that are in segments. */
export interface Head {
  /** The version, `NAME$STAMP`. */
  readonly id: string;
  /** The contents, with those of the sets that are in no segment; `undefined` where the tag was deleted. */
  readonly content: TagContent | undefined;
  /** The older sets; the newest ones first. */
  readonly segments: readonly Segment[];
  /** The nodes that are said to have the tag. */
  readonly nodes: readonly string[];
  /** The last commit of each of the last writers, newest first. */
  readonly commits: readonly Commit[];
  /** Keys of changes, by the version that they made, newest first. */
  readonly keys: readonly CommitKeys[];
}

/** A writer, and the number of its commits. Both together are the nonce of a commit. */
export type Commit = readonly [writer: string, count: number];

/** The stamp of a version, and the keys of changes that were made in it. */
export type CommitKeys = readonly [stamp: string, ...keys: string[]];

/** The most characters of sets in a head. */
export const MOST_IN_HEAD = 64 << 10;
/** The writers whose last commit is remembered. */
const WRITERS = 64;
/** The keys that are remembered, at least. */
export const KEYS = 1000;

/** Adds a commit to those that are remembered. */
export function withCommit(commits: readonly Commit[], commit: Commit): Commit[] {
  return [commit, ...commits.filter(([writer]) => writer !== commit[0])].slice(0, WRITERS);
}

/** Adds keys to those that are remembered: all of the newest commits, until these have enough. */
export function withKeys(all: readonly CommitKeys[], added: CommitKeys, least: number): CommitKeys[] {
  let left = least;
  return (added.length > 1 ? [added, ...all] : [...all]).filter((keys) => {
    const isKept = left > 0;
    left -= keys.length - 1;
    return isKept;
  });
}

/** Gives the stamp of the first commit since which all keys are remembered; 0 where none was ever forgotten. */
export function rememberedSince({ keys }: Head, least: number): number {
  const count = keys.reduce((sum, { length }) => sum + length - 1, 0);
  return count < least ? 0 : parseObject(`-$${keys.at(-1)?.[0]}`)?.stamp ?? 0;
}

/** Gives the version that each remembered key made. */
export function versionsByKey(name: string, head: Head | undefined): ReadonlyMap<string, string> {
  return new Map(head?.keys.flatMap(([stamp, ...keys]) => keys.map((key) => [key, `${name}$${stamp}`])));
}

/** Tells whether an object in a listing is the head of a tag that is there: its size is even, and that of a deleted one odd. */
export function isThere({ size }: { readonly size: number }): boolean {
  return size > 0 && size % 2 === 0;
}

/** Writes a head: the tag as Disco stores it, and on a second line what Disco does not have. All of it is ASCII. */
export function writtenHead({ id, content, segments, nodes, commits, keys }: Head): string {
  const tag = content === undefined ? toJson({ id }) : storedTag(content);
  const rest = toJson({ segments: segments.map(({ part, size }) => [part, size]), nodes, commits, keys });
  const text = `${tag}\n${rest}`;
  return isThere({ size: text.length }) === (content !== undefined) ? text : `${text}\n`;
}

/** Reads a head; `undefined` if a text is none. */
export async function parseHead(text: string): Promise<Head | undefined> {
  try {
    const [tag = "", more = ""] = text.split("\n", 2);
    const { segments, nodes, commits, keys }: WrittenRest = JSON.parse(more);
    const content = isThere({ size: text.length }) ? await parseTagContent(tag) : undefined;
    const { id }: { id?: unknown } = content ?? JSON.parse(tag);
    if (typeof id !== "string") return undefined;
    return { id, content, segments: segments.map(([part, size]) => ({ part, size })), nodes, commits, keys };
  } catch {
    return undefined;
  }
}

interface WrittenRest extends Pick<Head, "nodes" | "commits" | "keys"> {
  readonly segments: readonly (readonly [part: string, size: number])[];
}

/** Gives the stamp of a version. */
export function stampOf(id: string): string {
  return id.slice(id.indexOf("$") + 1);
}

/** Counts the characters of a tag's sets. */
export function lengthOf(urls: SetsJson, segments: readonly Segment[]): number {
  return segments.reduce((sum, { size }) => sum + size, urls === NO_SETS ? 0 : urls.length);
}
