import { breathe, soon, turn } from "../base/turn.ts";

/** The most items of a group. */
const MOST = 1000;

/**
 * Gathers items into groups. A group is given as soon as no more items come at once, so that those of a live source arrive as they come, and those of a
 * quick one a thousand at a time.
 *
 * @param items The items; up to a thousand are taken before they are asked for.
 * @param stop Called at the end, and before it when no more is wanted: ends what the items may be waiting for.
 * @returns The groups; an error of the items comes after the items before it.
 */
export async function* grouped<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  stop: () => void = () => {},
): AsyncGenerator<Item[], void, undefined> {
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let group: Item[] = [];
  let ended: { readonly error?: unknown } | undefined;
  /** Called when there is something to give. */
  let wake = () => {};
  /** Called when there is room for more. */
  let goOn = () => {};

  const take = async () => {
    try {
      for (let next = await source.next(); next.done !== true; next = await source.next()) {
        group.push(next.value);
        if (group.length === 1 || group.length === MOST) wake();
        if (group.length === MOST) await new Promise<void>((resolve) => goOn = resolve);
      }
      ended = {};
    } catch (error) {
      ended = { error };
    }
    wake();
  };

  void take();
  try {
    while (ended === undefined || group.length > 0) {
      if (ended === undefined && group.length === 0) await new Promise<void>((resolve) => wake = resolve);
      // What else comes at once belongs to the group.
      if (ended === undefined && group.length < MOST) await turn();
      else await breathe();
      const ready = group;
      group = [];
      goOn();
      if (ready.length > 0) yield ready;
    }
    if ("error" in ended) throw ended.error;
  } finally {
    stop();
    await soon(Promise.resolve(source.return?.()));
  }
}
