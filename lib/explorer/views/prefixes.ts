/** A prefix that several tags have, up to a colon. */
export interface Prefix {
  /** The prefix, from the first character of the names. */
  readonly prefix: string;
  /** The part of it that those above it do not have. */
  readonly label: string;
  /** The number of tags that have it. */
  readonly count: number;
  /** The prefixes that begin with it. */
  readonly children: readonly Prefix[];
}

/**
 * Finds the prefixes of names, as a tree. A prefix is one that at least two names have; what has one child only, with the same names, is one with it.
 *
 * @param names The names, sorted.
 */
export function prefixesOf(names: readonly string[]): Prefix[] {
  return childrenOf(names, "", 0, names.length);
}

/** Finds the prefixes below one, of names from one place up to another. */
function childrenOf(names: readonly string[], above: string, start: number, end: number): Prefix[] {
  const found: Prefix[] = [];
  for (let i = start; i < end;) {
    const name = names[i] ?? "";
    const colon = name.indexOf(":", above.length);
    if (colon < 0) {
      i++;
      continue;
    }
    const prefix = name.slice(0, colon + 1);
    let next = i + 1;
    while (next < end && names[next]?.startsWith(prefix)) next++;
    if (next - i > 1) {
      const children = childrenOf(names, prefix, i, next);
      const [only] = children;
      const isSame = children.length === 1 && only?.count === next - i;
      const { prefix: whole = prefix, children: below = children } = isSame ? only : {};
      found.push({ prefix: whole, label: whole.slice(above.length), count: next - i, children: below });
    }
    i = next;
  }
  return found;
}

/** Gives the links to all that is above a name: each prefix that ends at a colon, and the part that is new in it. */
export function crumbsOf(name: string): { prefix: string; label: string }[] {
  const parts = name.match(/[^:]*:|[^:]+$/g) ?? [];
  return parts.map((label, i) => ({ label, prefix: parts.slice(0, i + 1).join("") }));
}
