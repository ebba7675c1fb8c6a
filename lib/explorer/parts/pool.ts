/**
 * Does work for each of many items, a few at a time, in their order.
 *
 * @param signal Ends it: no further item is begun.
 * @param width The most that are under way.
 */
export async function forEachOf<T>(
  items: Iterable<T>,
  work: (item: T) => Promise<void>,
  signal: AbortSignal,
  width = 6,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const worker = async () => {
    for (let next = iterator.next(); !next.done && !signal.aborted; next = iterator.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: width }, worker));
}
