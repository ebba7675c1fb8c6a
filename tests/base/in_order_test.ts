import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { inOrder } from "../../lib/base/in_order.ts";
import { FlatIterator } from "../../lib/base/flat.ts";
import { all } from "../helpers/bytes.ts";
import { never } from "../helpers/sources.ts";
import { rejectionOf } from "../helpers/thrown.ts";

async function* numbers(count: number, taken: number[] = []): AsyncGenerator<number, void, undefined> {
  for (let n = 0; n < count; n++) {
    taken.push(n);
    yield n;
  }
}

const turns = async (count: number) => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setTimeout(resolve));
};
const stop = () => Promise.resolve();

describe("inOrder()", () => {
  it("gives results in the order of the items, however long each takes", async () => {
    for (const width of [1, 2, 5, 20]) {
      const results = inOrder(numbers(20), async (n) => (await turns((n * 7) % 5), n), { width: () => width, stop });

      expect(await all(results)).toEqual(Array.from({ length: 20 }, (_, n) => n));
    }
  });

  it("begins no more items than it is told to while nobody takes results", async () => {
    const taken: number[] = [];
    const begun: number[] = [];
    const results = inOrder(numbers(50, taken), (n) => Promise.resolve(begun.push(n)), { width: () => 4, stop });

    await results.next();
    await turns(3);

    expect(begun.length).toBe(5);
    await results.return();
  });

  it("gives a result as soon as it is there, without waiting for the next item", async () => {
    const items = (async function* () {
      yield 1;
      await never;
    })();

    const results = inOrder(items, (n) => Promise.resolve(n), { width: () => 4, stop });

    expect((await results.next()).value).toBe(1);
  });

  it("throws the error of an item after the results before it", async () => {
    const work = (n: number) => n === 2 ? Promise.reject(new Error("second")) : Promise.resolve(n);
    const results = inOrder(numbers(5), work, { width: () => 4, stop });

    expect([(await results.next()).value, (await results.next()).value]).toEqual([0, 1]);
    expect(await rejectionOf(results.next())).toEqual(new Error("second"));
  });

  it("throws the error of the items themselves after the results before it", async () => {
    const items = (async function* () {
      yield 1;
      throw new Error("items");
    })();
    const results = inOrder(items, (n) => Promise.resolve(n), { width: () => 4, stop });

    expect((await results.next()).value).toBe(1);
    expect(await rejectionOf(results.next())).toEqual(new Error("items"));
  });

  it("stops the items when no more results are wanted", async () => {
    let stopped = 0;
    let ended = 0;
    const items = (async function* () {
      try {
        yield* numbers(10);
      } finally {
        ended++;
      }
    })();
    const options = { width: () => 2, stop: () => void stopped++ };
    for await (const _ of inOrder(items, (n) => Promise.resolve(n), options)) break;

    expect([stopped, ended]).toEqual([1, 1]);
  });
});

describe("FlatIterator", () => {
  const batches = async function* () {
    yield [1, 2];
    yield [];
    yield [3];
  };

  it("gives the items of all batches", async () => {
    expect(await all(new FlatIterator(batches()))).toEqual([1, 2, 3]);
  });

  it("answers calls that do not wait for each other in their order", async () => {
    const items = new FlatIterator(batches());

    const results = await Promise.all(Array.from({ length: 5 }, () => items.next()));

    expect(results.map(({ value }) => value)).toEqual([1, 2, 3, undefined, undefined]);
  });

  it("ends the batches when it is ended", async () => {
    let ended = false;
    const endless = (async function* () {
      try {
        for (;;) yield [1, 2];
      } finally {
        ended = true;
      }
    })();
    for await (const _ of new FlatIterator(endless)) break;

    expect(ended).toBe(true);
  });

  it("throws what the batches throw, and has ended then", async () => {
    const failing = (async function* () {
      yield [1];
      throw new Error("batches");
    })();
    const items = new FlatIterator(failing);

    expect((await items.next()).value).toBe(1);
    expect(await rejectionOf(items.next())).toEqual(new Error("batches"));
    expect((await items.next()).done).toBe(true);
  });

  it("keeps back the rest of a batch when the signal is aborted", async () => {
    const stop = new AbortController();
    const items = new FlatIterator(batches(), stop.signal);
    await items.next();

    stop.abort("enough");

    expect(await rejectionOf(items.next())).toBe("enough");
  });
});
