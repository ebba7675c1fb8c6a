/** Gives the names that several of some files would get. */
export function sharedNames(names: readonly string[]): Set<string> {
  const seen = new Set<string>();
  return new Set(names.filter((name) => seen.size === seen.add(name).size));
}

/** Gives each of some names only once: those that come again get a number, `name_2`. */
export function numbered(names: readonly string[]): string[] {
  const taken = new Set(names);
  const seen = new Set<string>();
  const numbers = new Map<string, number>();
  return names.map((name) => {
    if (seen.size !== seen.add(name).size) return name;
    let n = numbers.get(name) ?? 2;
    while (taken.has(`${name}_${n}`)) n++;
    numbers.set(name, n + 1);
    return `${name}_${n}`;
  });
}
