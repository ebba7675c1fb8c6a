import { turn } from "../../base/turn.ts";
import { objectsIn } from "./object_names.ts";
import type { ReplicaSet, SetsJson } from "./tag_store.ts";
import { parseText, toJson } from "./json.ts";
import { refusal } from "./refusal.ts";

/** The sets of a request. */
export interface GivenSets {
  readonly json: SetsJson;
  /** The number of sets and URLs together. */
  readonly items: number;
  /** True if one of them is empty. */
  readonly hasEmpty: boolean;
}

/** The JSON of no sets. */
export const NO_SETS: SetsJson = "[]";

/** The place between two sets, but for empty ones. */
const BETWEEN = `"],["`;
/** The number of characters that are looked at before other work gets its turn. */
const PIECE = 1 << 18;
/** The most characters of sets that a tag can have: what else it has must fit into a text of V8 with them. */
const MOST = 2 ** 29 - 2 ** 24;

/** Turns a value into sets; `undefined` if it is no list of lists of texts. What the texts say is not looked at. */
export function setsOf(value: unknown): GivenSets | undefined {
  if (!isSets(value)) return undefined;
  const items = value.reduce((sum, { length }) => sum + length, value.length);
  return { json: toJson(value), items, hasEmpty: value.some((set) => set.length === 0) };
}

function isSets(value: unknown): value is ReplicaSet[] {
  return Array.isArray(value) &&
    value.every((set) => Array.isArray(set) && set.every((url) => typeof url === "string"));
}

/** Tells whether a text is sets as they are stored. */
export async function isSetsJson(text: string): Promise<boolean> {
  try {
    let length = 1;
    for await (const batch of batchesInTurns(text)) {
      const sets = setsOf(batch)?.json ?? "";
      if (!text.startsWith(sets.slice(1, -1), length)) return false;
      length += sets.length - 1;
    }
    return text === NO_SETS || length === text.length;
  } catch {
    return false;
  }
}

/**
 * Takes sets apart, some at a time.
 *
 * @throws {SyntaxError} If the text is no JSON.
 */
export function* batchesOf(json: SetsJson): Generator<ReplicaSet[], void> {
  if (json === NO_SETS) return;
  const end = json.length - 1;
  for (let from = 1, piece = PIECE; from < end;) {
    const to = from + piece < end ? json.lastIndexOf(BETWEEN, from + piece) + 2 : end;
    const batch = to > from ? parseText(`[${json.slice(from, to)}]`) : undefined;
    if (batch === undefined && from + piece >= end) throw new SyntaxError("These are no sets");
    // Inside a text, that may be no place between sets: what comes before it has no end, then.
    if (batch === undefined) piece *= 2;
    else {
      yield batch as ReplicaSet[];
      [from, piece] = [to + 1, PIECE];
    }
  }
}

/** Takes sets apart, some at a time, and lets other work have its turns. */
export async function* batchesInTurns(json: SetsJson): AsyncGenerator<ReplicaSet[], void> {
  let isFirst = true;
  for (const batch of batchesOf(json)) {
    if (!isFirst) await turn();
    isFirst = false;
    yield batch;
  }
}

/** Finds all stored objects that the URLs of sets may mean, some at a time. */
export async function* objectsInSets(json: SetsJson): AsyncGenerator<string[], void> {
  for await (const batch of batchesInTurns(json)) {
    yield batch.flatMap((set) => set.flatMap((url) => objectsIn(url)));
  }
}

/**
 * Joins lists of sets.
 *
 * @throws {CommError} If they are more than a tag can have (status 413).
 */
export function joinedSets(name: string, lists: readonly SetsJson[]): SetsJson {
  checkLength(lists.reduce((sum, { length }) => sum + length, 0), `tag://${name}`);
  const full = lists.filter((json) => json !== NO_SETS);
  return full.length === 1 ? full[0] ?? NO_SETS : `[${full.map((json) => json.slice(1, -1)).join(",")}]`;
}

/**
 * Checks how many characters sets have.
 *
 * @throws {CommError} If they are more than a tag can have (status 413).
 */
export function checkLength(length: number, url: string): void {
  if (length > MOST) throw refusal(413, "Tag too large.", url);
}
