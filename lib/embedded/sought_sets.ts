import { turn } from "../base/turn.ts";
import { parseText } from "./stores/json.ts";
import type { ReplicaSet, SetsBytes, SetsJson } from "./stores/tag_store.ts";

/** Sets that are to be added, and which of those in a tag stand for the same. */
export interface Sought {
  /** The keys of the sets. */
  readonly wanted: ReadonlySet<string>;
  /** Gives the key of a set, if it has one. */
  keyOf(set: ReplicaSet): string | undefined;
  /** Gives texts, one of which is in the JSON of each set that has a key. */
  textsOf(key: string): readonly string[];
  /** Gives the sets to add, where sets with some of the keys are there. */
  newBeside(there: ReadonlySet<string>): SetsJson;
}

/** Keys whose texts are looked for; with more, each set is looked at. */
const FEW = 16;
/** Bytes that are decoded at a time: the memory of longer texts is not used again at once. */
const PART = 1 << 15;
/** The place between two sets. Where a backslash stands before it, it may be in a text. */
const BETWEEN = `"],["`;

/**
 * Finds keys in the sets of a large tag as they are read, with turns for others: they are never in memory as a whole.
 *
 * @returns Those of the keys that are there.
 */
export async function foundIn(sets: SetsBytes, sought: Sought): Promise<ReadonlySet<string>> {
  const { wanted } = sought;
  const there = new Set<string>();
  const texts = wanted.size > FEW ? undefined : [...wanted].flatMap((key) => sought.textsOf(key));
  const look = (text: string) => {
    if (texts?.some((wanted) => text.includes(wanted)) === false) return;
    const batch = parseText(`[${text}]`) as ReplicaSet[] | undefined;
    if (batch === undefined) throw new SyntaxError("These are no sets");
    for (const set of batch) {
      const key = sought.keyOf(set);
      if (key !== undefined && wanted.has(key)) there.add(key);
    }
  };
  // All of it is ASCII, and UTF-8 is what is decoded fastest.
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of sets.pieces()) {
    for (let at = 0; at < piece.length; at += PART) {
      rest += decoder.decode(piece.subarray(at, at + PART));
      const end = endOfSets(rest);
      if (end === undefined) continue;
      // Before the first set stands a bracket or a comma.
      look(rest.slice(1, end));
      rest = rest.slice(end);
    }
    await turn();
  }
  look(rest.slice(1, -1));
  return there;
}

/** Finds the end of the last set in a text after which another one begins. */
function endOfSets(text: string): number | undefined {
  let at = text.lastIndexOf(BETWEEN);
  while (at > 0 && text[at - 1] === "\\") at = text.lastIndexOf(BETWEEN, at - 1);
  return at > 0 ? at + 2 : undefined;
}
