import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { race } from "../../scripts/bench/race.ts";

describe("race()", () => {
  it("measures contenders in turn, there and back again, after a round that does not count", async () => {
    const ran: string[] = [];
    const contenders = ["a", "b", "c"].map((name) => ({ name, run: () => ran.push(name) }));

    await race(contenders, 2);

    expect(ran.join("")).toBe("cbaabccba");
  });

  it("gives the median of the milliseconds, and the bytes", async () => {
    let clock = 0;
    const each = [99, 3, 1, 2].values();
    const run = () => (clock += each.next().value ?? NaN, 7);

    expect(await race([{ name: "a", run }], 3, () => clock)).toEqual([{
      name: "a",
      milliseconds: 2,
      times: 1,
      size: 7,
    }]);
  });

  it("begins no more rounds when its time is over, but has one that counts", async () => {
    const roundsIn = async (longest: number) => {
      let [clock, rounds] = [0, 0];
      await race([{ name: "a", run: () => (clock += 10, ++rounds) }], 100, () => clock, longest);
      return rounds - 1;
    };

    expect([await roundsIn(0), await roundsIn(75)]).toEqual([1, 7]);
  });

  it("compares speeds within a round, so that a machine that is slow for some of them does not matter", async () => {
    let clock = 0;
    // The first time is that of the round that does not count; in the second that does, the machine slows down between the two.
    const contender = (name: string, milliseconds: readonly number[]) => {
      const left = milliseconds.values();
      return { name, run: () => (clock += left.next().value ?? NaN, 1) };
    };
    const contenders = [contender("native", [99, 10, 10, 80, 80, 10]), contender("ours", [99, 5, 40, 40, 40, 5])];

    const [native, ours] = await race(contenders, 5, () => clock);

    expect([native?.milliseconds, ours?.milliseconds]).toEqual([10, 40]);
    expect(ours?.times).toBe(2);
  });
});
