import { describe, it } from "@std/testing/bdd";
import { endable, EndableIterator } from "../../lib/base/endable.ts";
import { expect } from "../helpers/expect.ts";
import { never } from "../helpers/sources.ts";
import { rejectionOf } from "../helpers/thrown.ts";

/** Numbers from 0 up; after some of them it is stuck. */
async function* stuckAfter(count: number, ended: () => void = () => {}): AsyncGenerator<number, void, undefined> {
  try {
    for (let n = 0; n < count; n++) yield n;
    await never;
  } finally {
    ended();
  }
}

describe("an iteration that can be ended", () => {
  it("gives items to calls of next() in their order, and then its end", async () => {
    const items = endable(undefined, async function* () {
      yield 1;
      yield 2;
    });

    const results = await Promise.all([items.next(), items.next(), items.next(), items.next()]);

    expect(results.map(({ value }) => value)).toEqual([1, 2, undefined, undefined]);
  });

  it("passes an error on, once", async () => {
    const items = endable(undefined, async function* () {
      yield 1;
      throw new Error("no");
    });

    expect((await items.next()).value).toBe(1);
    expect(await rejectionOf(items.next())).toEqual(new Error("no"));
    expect((await items.next()).done).toBe(true);
  });

  it("fails the next() that waits when it is aborted, though its items are stuck, and begins nothing after that", async () => {
    const stop = new AbortController();
    const items = endable(stop.signal, () => stuckAfter(1));
    await items.next();
    const waiting = [items.next(), items.next()] as const;
    const failed = rejectionOf(waiting[0]);

    stop.abort("enough");

    expect(await failed).toBe("enough");
    expect([(await waiting[1]).done, (await items.next()).done]).toEqual([true, true]);
    expect(await rejectionOf(endable(stop.signal, () => stuckAfter(9)).next())).toBe("enough");
  });

  it("tells the next call of next() of an abort that came while nobody waited", async () => {
    const stop = new AbortController();
    let isEnded = false;
    const items = endable(stop.signal, () => stuckAfter(9, () => isEnded = true));
    await items.next();

    stop.abort("enough");

    expect(await rejectionOf(items.next())).toBe("enough");
    expect([(await items.next()).done, isEnded]).toEqual([true, true]);
  });

  it("ends at once by return() while next() waits: what it waits for is told to stop", async () => {
    let stopped: unknown;
    const items = endable(undefined, (signal) => {
      signal.addEventListener("abort", () => stopped = signal.reason);
      return stuckAfter(0);
    });
    const waiting = items.next();

    expect((await items.return()).done).toBe(true);
    expect([(await waiting).done, (stopped as Error).name]).toEqual([true, "AbortError"]);
  });

  it("puts its things in order before return() is over", async () => {
    let isEnded = false;
    const items = endable(undefined, () => stuckAfter(9, () => isEnded = true));
    for await (const _ of items) break;

    expect(isEnded).toBe(true);
  });

  it("says when it is dropped before it began", async () => {
    let dropped = 0;
    const items = new EndableIterator<number>(() => {
      throw new Error("begun");
    }, () => dropped++);

    await items.return();
    await items.return();

    expect([dropped, (await items.next()).done]).toEqual([1, true]);
  });
});
