/**
 * Does something with each of some items, a few at a time, in their order.
 *
 * @param width The number of items at a time.
 * @param items The items, none of them `undefined`.
 * @param task Works on an item; its error is thrown, and the items that are under way go on.
 */
export async function atOnce<Item>(
  width: number,
  items: Iterable<Item>,
  task: (item: Item) => Promise<void>,
): Promise<void> {
  const all = [...items];
  let next = 0;
  await Promise.all(Array.from({ length: width }, async () => {
    for (let item = all[next++]; item !== undefined; item = all[next++]) await task(item);
  }));
}
