import { describe, it } from "@std/testing/bdd";
import { turn } from "../../lib/base/turn.ts";
import { grouped } from "../../lib/client/grouped.ts";
import { expect } from "../helpers/expect.ts";
import { all } from "../helpers/fakes.ts";
import { never } from "../helpers/sources.ts";

describe("grouped()", () => {
  it("gives a thousand at a time of what comes at once", async () => {
    const groups = await all(grouped(Array.from({ length: 2500 }, (_, n) => n)));

    expect(groups.map(({ length }) => length)).toEqual([1000, 1000, 500]);
    expect(groups.flat()).toEqual(Array.from({ length: 2500 }, (_, n) => n));
  });

  it("gives each item as it comes, though the next one never does", async () => {
    const groups = grouped((async function* () {
      yield 1;
      await turn();
      await turn();
      await turn();
      yield 2;
      await never;
    })());

    expect([(await groups.next()).value, (await groups.next()).value]).toEqual([[1], [2]]);
  });

  it("gives what came before an error", async () => {
    const groups = grouped((async function* () {
      yield 1;
      yield 2;
      throw new Error("no");
    })());

    expect((await groups.next()).value).toEqual([1, 2]);
    await expect(groups.next()).rejects.toThrow("no");
  });

  it("takes no more than a group ahead, and ends the items when no more is wanted", async () => {
    let [taken, isEnded] = [0, false];
    const groups = grouped((function* () {
      try {
        for (;;) yield taken++;
      } finally {
        isEnded = true;
      }
    })());

    await groups.next();
    await turn();
    await groups.return();

    expect([taken <= 2001, isEnded]).toEqual([true, true]);
  });

  it("lets other work have its turn among items without end", async () => {
    const groups = grouped((function* () {
      for (;;) yield 1;
    })());
    let isDone = false;
    const timer = setTimeout(() => isDone = true, 20);

    while (!isDone) await groups.next();
    clearTimeout(timer);
    await groups.return();

    expect(isDone).toBe(true);
  });
});
