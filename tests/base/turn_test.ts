import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { turn } from "../../lib/base/turn.ts";

describe("turn()", () => {
  it("lets timers run, which promises alone do not", async () => {
    let isDone = false;
    setTimeout(() => isDone = true);

    for (let i = 0; i < 1000; i++) await Promise.resolve();
    expect(isDone).toBe(false);
    for (let i = 0; i < 10_000 && !isDone; i++) await turn();

    expect(isDone).toBe(true);
  });
});
