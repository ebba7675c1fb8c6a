import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { hostHealth } from "../../lib/cluster/host_health.ts";
import { manualClock } from "../helpers/fakes.ts";

describe("hostHealth()", () => {
  it("allows a hedge for ten answers, and a few more at the start", () => {
    const health = hostHealth(manualClock());

    let hedges = 0;
    for (let request = 0; request < 10_000; request++) {
      if (health.takeHedge()) hedges++;
      health.answered("disco://a/x");
    }

    expect(hedges).toBeLessThan(1006);
    expect(hedges).toBeGreaterThan(990);
  });

  it("puts a host that failed last for a minute, until it answers", async () => {
    const clock = manualClock();
    const health = hostHealth(clock);
    const urls = ["disco://a/x", "disco://b/x"];

    health.failed("disco://a/y");
    expect(health.sorted(urls)).toEqual(urls.toReversed());
    await clock.advance(60_000);
    expect(health.sorted(urls)).toEqual(urls);

    health.failed("disco://a/y");
    health.answered("disco://a/z");
    expect(health.sorted(urls)).toEqual(urls);
  });
});
