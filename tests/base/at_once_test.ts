import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { atOnce } from "../../lib/base/at_once.ts";

describe("atOnce()", () => {
  it("begins the items in their order, no more than so many at a time", async () => {
    const begun: number[] = [];
    let running = 0;
    let most = 0;

    await atOnce(2, [1, 2, 3, 4, 5], async (item) => {
      begun.push(item);
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
    });

    expect(begun).toEqual([1, 2, 3, 4, 5]);
    expect(most).toBe(2);
  });

  it("throws the error of an item", async () => {
    const failing = atOnce(2, ["a", "b"], (item) => item === "b" ? Promise.reject(new Error(item)) : Promise.resolve());

    await expect(failing).rejects.toThrow("b");
  });
});
