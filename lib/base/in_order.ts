import { soon } from "./turn.ts";

/** Options of {@linkcode inOrder}. */
export interface InOrderOptions {
  /** Gives the most items that may be worked on, or be done and wait to be taken, at a time. */
  readonly width: () => number;
  /** Called at the end, and before it when no more results are wanted: ends what the items may be waiting for. */
  readonly stop: () => void;
}

/**
 * Works on several items at a time, and gives the results in the items' order.
 *
 * @param items The items; the next one is asked for while earlier ones are worked on, and while nobody asks for results.
 * @param work Begins work on an item.
 * @param options How many at a time, and how to stop.
 * @returns The results; the error of an item, or of the items themselves, comes after the results before it.
 */
export async function* inOrder<Item, Result>(
  items: AsyncGenerator<Item, void, undefined>,
  work: (item: Item) => Promise<Result>,
  options: InOrderOptions,
): AsyncGenerator<Result, void, undefined> {
  const begun: Promise<{ readonly value: Result } | undefined>[] = [];
  const begin = () => {
    while (begun.length < options.width()) {
      const result = items.next().then(async ({ done, value }) => done ? undefined : { value: await work(value) });
      // The error is kept until the result is taken; if nobody takes it, it is dropped.
      result.catch(() => {});
      begun.push(result);
    }
  };
  try {
    for (;;) {
      begin();
      const result = await begun[0];
      if (result === undefined) return;
      begun.shift();
      begin();
      yield result.value;
    }
  } finally {
    options.stop();
    // What the items wait for may never come.
    await soon(items.return());
  }
}
