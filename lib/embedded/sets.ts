import { turn } from "../base/turn.ts";
import { toJson } from "./json.ts";
import { refusal } from "./responses.ts";
import { SetScanner } from "./set_scanner.ts";

/** A replica set: the URLs of one blob's replicas, or of one link. */
export type ReplicaSet = readonly string[];

/**
 * Replica sets as they are stored and sent: JSON without spaces, all of it ASCII. A tag can have millions of them, so that they are not taken apart
 * where whole lists are joined.
 */
export type SetsJson = string;

/** The sets of a request. */
export interface GivenSets {
  readonly json: SetsJson;
  /** How many sets and URLs they are, both counted. */
  readonly items: number;
  /** Whether one of them is empty. */
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
export async function* batchesOf(json: SetsJson): AsyncGenerator<ReplicaSet[], void> {
  const scanner = new SetScanner();
  // What comes before the first set of a batch: the list's bracket, or a comma.
  let from = 0;
  for (let at = 0; at < json.length; at += PIECE) {
    if (at > 0) await turn();
    const end = scanner.scan(json.slice(at, at + PIECE));
    if (end <= 0) continue;
    yield JSON.parse(`[${json.slice(from + 1, at + end)}]`);
    from = at + end;
  }
}

/** Takes all sets apart, with turns for others. */
export async function parsedSets(json: SetsJson): Promise<ReplicaSet[]> {
  const batches: ReplicaSet[][] = [];
  for await (const batch of batchesOf(json)) batches.push(batch);
  return batches.flat();
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

/**
 * Adds sets whose names are not there yet, as `update=1` does.
 *
 * @param lists What is added, in order; not one of the sets is empty.
 * @param existing What is there.
 * @returns All sets, those added first and in reverse; `existing` itself when nothing is new.
 * @see PROTOCOL "Tags"
 */
export async function withoutDuplicates(
  name: string,
  lists: readonly SetsJson[],
  existing: SetsJson,
): Promise<SetsJson> {
  const wanted = new Set<string>();
  for (const list of lists) {
    for await (const batch of batchesOf(list)) for (const set of batch) addTo(wanted, nameOf(set));
  }
  const there = new Set<string>();
  if (wanted.size > 0) {
    for await (const batch of batchesOf(existing)) {
      for (const set of batch) {
        const name = nameOf(set);
        if (name !== undefined && wanted.has(name)) there.add(name);
      }
    }
  }
  const added: SetsJson[] = [];
  for (const list of lists) {
    for await (const batch of batchesOf(list)) {
      const fresh = batch.filter((set) => {
        const name = nameOf(set);
        return name === undefined || addTo(there, name);
      });
      if (fresh.length > 0) added.push(toJson(fresh.reverse()));
    }
  }
  return joinedSets(name, [...added.reverse(), existing]);
}

/** Adds a name, if it is one; tells whether it was not there. */
function addTo(names: Set<string>, name: string | undefined): boolean {
  if (name === undefined || names.has(name)) return false;
  names.add(name);
  return true;
}

/** The name of a set: its blob's, or that of the tag it links to. The pattern is Disco's, flaws included. */
function nameOf([url]: ReplicaSet): string | undefined {
  if (url === undefined) return undefined;
  return url.startsWith("tag://") ? url.slice("tag://".length) : /\/..\/(.*)[$]/.exec(url)?.[1];
}
