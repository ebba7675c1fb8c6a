import { batchesInTurns, NO_SETS } from "./stores/sets.ts";
import type { ReplicaSet, SetsJson } from "./stores/tag_store.ts";

/** The names in the sets of a tag, as they were at some time. */
export interface KnownNames {
  /** The sets. */
  readonly seen: SetsJson;
  /** The names, by their order; later ones may have been added since. */
  readonly names: ReadonlyMap<string, number>;
  /** The number of names that are those of the sets. */
  readonly count: number;
}

const LINE_END = /[\n\r\u2028\u2029]/;

/** The names of no sets. */
export const NO_NAMES: KnownNames = { seen: NO_SETS, names: new Map(), count: 0 };

/** Tells whether a name is among those that are known. */
export function isKnown({ names, count }: KnownNames, name: string): boolean {
  return (names.get(name) ?? count) < count;
}

/** Gives the sets that came since, if some sets end with those that were seen, as they do after an append. */
export function restOf(existing: SetsJson, { seen }: Pick<KnownNames, "seen">): SetsJson | undefined {
  if (existing === seen) return NO_SETS;
  if (seen === NO_SETS) return undefined;
  const length = existing.length - seen.length;
  const isLonger = existing[length] === "," && existing.endsWith(seen.slice(1));
  return isLonger ? `${existing.slice(0, length)}]` : undefined;
}

/**
 * Finds the names in the sets of a tag, with turns for others; what is known already is not looked at again.
 *
 * @param known What is known. Nobody else may give the same to this function at the same time.
 * @param wanted The names that are looked for; all by default.
 */
export async function learnt(
  existing: SetsJson,
  known: KnownNames,
  wanted?: ReadonlySet<string>,
): Promise<KnownNames> {
  const rest = restOf(existing, known);
  // What others have added since is not in this tag, as far as it is known here.
  const isLast = rest !== undefined && known.names.size === known.count;
  const names = isLast && known.count > 0 ? known.names as Map<string, number> : new Map<string, number>();
  for await (const batch of batchesInTurns(isLast ? rest : existing)) {
    for (const set of batch) {
      const name = nameOf(set);
      if (name === undefined || names.has(name) || wanted?.has(name) === false) continue;
      names.set(name, names.size);
    }
  }
  return { seen: existing, names, count: names.size };
}

/** Gives the names of lists of sets, with turns for others. */
export async function namesIn(lists: readonly SetsJson[]): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for (const list of lists) for (const name of (await learnt(list, NO_NAMES)).names.keys()) names.add(name);
  return names;
}

/** Gives the name of a set: that of its blob, or of the tag that it links to. The pattern is Disco's `/../(.*)[$]`, flaws included. */
export function nameOf([url]: ReplicaSet): string | undefined {
  if (url === undefined) return undefined;
  if (url.startsWith("tag://")) return url.slice("tag://".length);
  // The pattern itself would look to the end of a line from each place where it may begin.
  for (const line of LINE_END.test(url) ? url.split(LINE_END) : [url]) {
    let slash = line.indexOf("/");
    while (slash >= 0 && line[slash + 3] !== "/") slash = line.indexOf("/", slash + 1);
    const end = line.lastIndexOf("$");
    if (slash >= 0 && end >= slash + 4) return line.slice(slash + 4, end);
  }
  return undefined;
}
