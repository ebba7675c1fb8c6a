import { turn } from "../base/turn.ts";
import type { ReplicaSet, SetsJson } from "./stores/tag_store.ts";
import { toJson } from "./json.ts";
import { refusal } from "./responses.ts";
import { SetScanner } from "./set_scanner.ts";

/** The sets of a request. */
export interface GivenSets {
  readonly json: SetsJson;
  /** The number of sets and URLs together. */
  readonly items: number;
  /** True if one of them is empty. */
  readonly hasEmpty: boolean;
}

/** No sets. */
export const NO_SETS: SetsJson = "[]";

/** Characters that are looked at before something else has its turn. */
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
  const scanner = new SetScanner();
  for (let at = 0; at < text.length; at += PIECE) {
    if (at > 0) await turn();
    if (scanner.scan(text.slice(at, at + PIECE)) < 0) return false;
  }
  return scanner.hasEnded && scanner.isCompact;
}

/** Takes sets apart, some at a time. */
export function* batchesOf(json: SetsJson): Generator<ReplicaSet[], void> {
  const scanner = new SetScanner();
  // What comes before the first set of a batch: the list's bracket, or a comma.
  let from = 0;
  for (let at = 0; at < json.length; at += PIECE) {
    const end = scanner.scan(json.slice(at, at + PIECE));
    if (end <= 0) continue;
    yield JSON.parse(`[${json.slice(from + 1, at + end)}]`);
    from = at + end;
  }
}

/** Takes sets apart, some at a time, with turns for others. */
export async function* batchesInTurns(json: SetsJson): AsyncGenerator<ReplicaSet[], void> {
  let isFirst = true;
  for (const batch of batchesOf(json)) {
    if (!isFirst) await turn();
    isFirst = false;
    yield batch;
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
