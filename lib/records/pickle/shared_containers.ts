import type { Picklable } from "./value.ts";

const NONE: ReadonlySet<unknown> = new Set();

/**
 * Finds the containers that a value holds more than once.
 *
 * @returns Lists, tuples and dicts that are reached on more than one way.
 */
export function sharedContainers(value: Picklable): ReadonlySet<unknown> {
  if (!isContainer(value)) return NONE;
  const shared = new Set<unknown>();
  const seen = new Set<unknown>();
  const open = [value];
  const visit = (item: Picklable) => {
    if (isContainer(item)) open.push(item);
  };
  for (let container = open.pop(); container !== undefined; container = open.pop()) {
    if (seen.has(container)) {
      shared.add(container);
      continue;
    }
    seen.add(container);
    if (Array.isArray(container)) container.forEach(visit);
    else {
      for (const [key, item] of container as ReadonlyMap<Picklable, Picklable>) {
        visit(key);
        visit(item);
      }
    }
  }
  return shared;
}

function isContainer(value: Picklable): value is readonly Picklable[] | ReadonlyMap<Picklable, Picklable> {
  return Array.isArray(value) || value instanceof Map;
}
