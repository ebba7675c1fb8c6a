import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { NodeHealth } from "../../lib/cluster/node_health.ts";
import { CommError, type ErrorCode } from "../../lib/errors.ts";
import { manualClock } from "../helpers/fakes.ts";

/** An error of a request that was not answered. */
const error = (code: ErrorCode, cause: string, status = 0) =>
  new CommError("no answer", { code, url: "", status, cause: new TypeError(cause) });
const refused = error("unreachable", "connection refused");
const reset = error("unreachable", "connection reset");
const silent = error("timeout", "no sign of life");

function memory() {
  const clock = manualClock();
  return { clock, health: new NodeHealth(clock, "8989") };
}

describe("NodeHealth", () => {
  it("allows a hedge for ten answers, and a few more at the start; one that won costs nothing", () => {
    const { health } = memory();

    let hedges = 0;
    for (let request = 0; request < 10_000; request++) {
      if (health.takeHedge()) hedges++;
      health.answered("disco://a/x");
    }
    expect(hedges).toBeLessThan(1006);
    expect(hedges).toBeGreaterThan(990);

    const other = memory().health;
    for (let request = 0; request < 100; request++) {
      expect(other.takeHedge()).toBe(true);
      other.returnHedge();
    }
  });

  it("puts a node that failed last for a minute, until it answers", async () => {
    const { health, clock } = memory();
    const urls = ["disco://a/x", "disco://b/x"];

    health.failed("disco://a/y", refused);
    expect(health.sorted(urls)).toEqual(urls.toReversed());
    await clock.advance(60_000);
    expect(health.sorted(urls)).toEqual(urls);

    health.failed("disco://a/y", refused);
    health.answered("disco://a/z");
    expect(health.sorted(urls)).toEqual(urls);
  });

  it("lets a node back after two minutes at most, however often it was silent, and asks it again after ten seconds", async () => {
    const { health, clock } = memory();
    for (let i = 0; i < 20; i++) health.failed("disco://a/x", silent);
    expect([health.isIll("disco://a/x"), health.isSilent("disco://a/x", 0)]).toEqual([true, true]);

    await clock.advance(10_000);
    expect([health.isIll("disco://a/x"), health.isSilent("disco://a/x", 0)]).toEqual([true, false]);
    expect(health.patience("disco://a/x")).toBe(12_000);

    // For who began after that, it is a node like any other.
    health.failed("disco://a/x", silent);
    await clock.advance(1);
    expect([health.isSilent("disco://a/x", clock.now()), health.patience("disco://a/x", clock.now())]).toEqual([
      false,
      1500,
    ]);

    await clock.advance(119_999);
    expect(health.isIll("disco://a/x")).toBe(false);
  });

  it("tells two ports of a host apart, and gives a disco:// URL the port of the cluster", () => {
    const { health } = memory();

    health.failed("http://a:1/x", refused);

    expect(health.sorted(["http://a:1/x", "http://a:2/x"])).toEqual(["http://a:2/x", "http://a:1/x"]);
    health.failed("disco://a/x", refused);
    expect([health.isIll("http://a:8989/y"), health.isIll("http://a:2/y")]).toEqual([true, false]);
  });

  it("puts what is slow before what is ill, and what is to be avoided last", () => {
    const { health } = memory();
    const urls = ["a", "b", "c", "d"].map((host) => `disco://${host}/x`);

    health.failed("disco://a/x", refused);
    health.slow("disco://b/x");

    const [a = "", b = "", c = "", d = ""] = urls;
    expect(health.sorted(urls, new Set([c]))).toEqual([d, b, a, c]);
  });

  it("takes a node for slow, not for dead, where it answers with an error or a connection broke once", () => {
    const { health } = memory();

    health.failed("disco://a/x", error("server-error", "", 503));
    health.failed("disco://b/x", reset);
    health.failed("disco://c/x", error("not-found", "", 404));

    expect(["a", "b", "c"].map((host) => health.isIll(`disco://${host}/x`))).toEqual([false, false, false]);
    expect(health.sorted(["disco://a/x", "disco://b/x", "disco://c/x"])[0]).toBe("disco://c/x");
    health.failed("disco://b/x", reset);
    expect(health.isIll("disco://b/x")).toBe(true);
  });

  it("takes a node for dead that a proxy did not reach twice, and no longer once it answers", () => {
    const { health } = memory();
    const unreached = error("server-error", "", 502);

    health.failed("http://a:8990/x", unreached);
    expect(health.isIll("http://a:8990/x")).toBe(false);
    health.failed("http://a:8990/x", unreached);
    expect(health.isIll("http://a:8990/x")).toBe(true);
    health.answered("http://a:8990/x");
    expect(health.isIll("http://a:8990/x")).toBe(false);
  });

  it("knows that the port blobs are sent to belongs to the node that stored one", () => {
    const { health } = memory();
    health.named(["http://a:8990/ddfs/x$1"]);
    health.stored("http://a:8990/ddfs/x$1", "disco://a/ddfs/vol0/blob/00/x$1");

    health.failed("http://a:8990/ddfs/y$1", refused);
    expect(health.isIll("disco://a/ddfs/vol0/blob/00/x$1")).toBe(true);
    health.answered("disco://a/x");
    expect(health.isIll("http://a:8990/ddfs/y$1")).toBe(false);
  });

  it("takes the port that blobs are sent to for ill where all that is known of its host is", () => {
    const { health } = memory();
    health.failed("disco://a/x", silent);
    expect(health.illHosts()).toEqual([]);

    health.named(["http://a:8990/ddfs/x$1"]);

    expect(health.isIll("http://a:8990/ddfs/x$1")).toBe(true);
    expect(health.illHosts()).toEqual(["a"]);
  });

  it("names a host only when all nodes on it that get blobs are ill", () => {
    const { health } = memory();
    health.named(["http://a:1/ddfs/x$1", "http://a:2/ddfs/x$1"]);

    health.failed("http://a:1/ddfs/x$1", refused);
    expect(health.illHosts()).toEqual([]);
    health.failed("http://a:2/ddfs/x$1", refused);
    expect(health.illHosts()).toEqual(["a"]);
  });

  it("is twice as patient after each silence, and does not hurry a node that has answered of late", async () => {
    const { health, clock } = memory();

    expect(health.patience("disco://a/x")).toBe(1500);
    health.failed("disco://a/x", silent);
    expect([health.patience("disco://a/x"), health.isSilent("disco://a/x", 0)]).toEqual([3000, true]);
    health.failed("disco://a/x", silent);
    expect(health.patience("disco://a/x")).toBe(6000);
    health.answered("disco://a/x");
    expect([health.patience("disco://a/x"), health.isSilent("disco://a/x", 0)]).toEqual([undefined, false]);
    await clock.advance(60_000);
    expect(health.patience("disco://a/x")).toBe(1500);
  });
});
