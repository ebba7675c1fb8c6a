import { describe, it } from "@std/testing/bdd";
import { dropped, onAbort, raceAbort } from "../../lib/base/abort.ts";
import { expect } from "../helpers/expect.ts";
import { never } from "../helpers/sources.ts";
import { rejectionOf } from "../helpers/thrown.ts";

describe("onAbort()", () => {
  it("has one listener of a signal, however many wait for it, and none when nobody does", () => {
    const { signal } = new AbortController();
    let [added, removed] = [0, 0];
    signal.addEventListener = () => added++;
    signal.removeEventListener = () => removed++;

    const releases = Array.from({ length: 1000 }, () => onAbort(signal, () => {}));
    for (const release of releases) release();
    releases[0]?.();

    expect([added, removed]).toEqual([1, 1]);
  });

  it("calls whoever waits, once, with the reason, and nobody who has let go", () => {
    const stop = new AbortController();
    const calls: unknown[] = [];
    onAbort(stop.signal, (reason) => calls.push(["one", reason]));
    const release = onAbort(stop.signal, () => calls.push("two"));
    onAbort(stop.signal, () => onAbort(stop.signal, () => calls.push("late")));
    release();

    stop.abort("enough");
    stop.abort("again");

    expect(calls).toEqual([["one", "enough"], "late"]);
  });
});

describe("raceAbort()", () => {
  it("fails with the reason though the work never ends", async () => {
    const stop = new AbortController();
    const raced = rejectionOf(raceAbort(never, stop.signal));

    stop.abort("enough");

    expect(await raced).toBe("enough");
  });
});

describe("dropped()", () => {
  it("is no error, whatever comes of the work", async () => {
    dropped(() => Promise.reject(new Error("later")));
    dropped(() => {
      throw new Error("at once");
    });
    dropped(() => undefined);

    await Promise.resolve();
  });
});
