import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { clusterOf } from "../../lib/cluster/cluster.ts";
import { lifeWatch } from "../../lib/http/life_watch.ts";
import { failure, manualClock, settled } from "../helpers/fakes.ts";

const TARGET = "http://a:8990/ddfs/x$1-2-3";
/** A size that takes a minute on the slowest line. */
const SIZE = 128 * 1000 * 60;

const silent = () => new Promise<Response>(() => {});
const busy = () => Promise.resolve(new Response(null, { status: 501 }));
const unseen = () => Promise.reject(new TypeError("Failed to fetch"));
const down = () => Promise.reject(new TypeError("fetch failed", { cause: new Error("connect EHOSTUNREACH") }));

/** Uploads to a node that never answers the uploads, and answers other requests as told at the time. */
function uploads(answer: () => Promise<Response>, first: number | undefined, count = 1) {
  const probes: string[] = [];
  const clock = manualClock();
  const node = { answer };
  const { transport } = clusterOf("disco://m", {
    settings: {},
    clock,
    fetch: (request) => {
      if (request.method === "PUT") return silent();
      probes.push(`${request.method} ${request.url}`);
      return node.answer();
    },
  });
  const stop = new AbortController();
  const ended = Array.from({ length: count }, () =>
    failure(transport.send({
      method: "PUT",
      url: TARGET,
      repeatable: false,
      limit: lifeWatch(transport, TARGET, { first, size: SIZE }),
      signal: stop.signal,
    })));
  const times: number[] = [];
  for (const end of ended) end.then(() => times.push(clock.now()));
  /** Lets so many milliseconds pass. */
  const pass = async (milliseconds: number) => {
    for (let i = 0; i < milliseconds / 250; i++) await clock.advance(250);
  };
  return { ended, times, probes, clock, node, pass, stop };
}

describe("a request that waits for its answer", () => {
  it("never sets a timer for a time that is over, as each look at the clock is later", () => {
    const waits: number[] = [];
    const looks: (() => void)[] = [];
    let time = 0;
    const after = (milliseconds: number, run: () => void) => (waits.push(milliseconds), looks.push(run), () => {});
    const clock = { now: () => time += 0.9, after };
    const { transport } = clusterOf("disco://m", { settings: {}, clock, fetch: busy, timeout: 6 });

    lifeWatch(transport, TARGET, { first: 2 })(new AbortController());
    for (let i = 0; i < 9; i++) looks[i]?.();

    expect(waits.filter((wait) => !(wait >= 0))).toEqual([]);
  });

  it("is given up at a node that shows no sign of life for its first moment", async () => {
    const { ended: [ended], times, probes, clock, pass } = uploads(silent, 1500);

    await pass(1500);

    expect((await ended)?.code).toBe("timeout");
    expect((await ended)?.message).toContain("no sign of life for 1500 ms");
    expect([times, probes]).toEqual([[1500], ["HEAD http://a:8990/ddfs/"]]);
    expect(clock.pending).toBe(0);
  });

  for (const [what, answer] of Object.entries({ "is busy": busy, "may not be seen": unseen })) {
    it(`has the time that a slow line needs at a node that ${what}`, async () => {
      const { ended: [ended], clock, pass } = uploads(answer, 1500);

      await pass(89_750);
      expect(clock.pending).toBeGreaterThan(0);
      await pass(250);

      expect((await ended)?.message).toContain("nothing came for 90000 ms");
      expect(clock.pending).toBe(0);
    });
  }

  it("is given up as soon as the runtime says that nobody is there", async () => {
    const { ended: [ended], times, pass } = uploads(down, 1500);

    await pass(1500);

    expect((await ended)?.message).toContain("EHOSTUNREACH");
    expect(times).toEqual([1500]);
  });

  it("is given up within ten seconds where a node vanishes without a word", async () => {
    const { times, node, pass } = uploads(busy, 1500);

    await pass(20_000);
    node.answer = silent;
    await pass(10_000);

    expect(times.length).toBe(1);
  });

  it("is not hurried at a node that has answered of late", async () => {
    const known = uploads(silent, undefined);
    await known.pass(9_750);
    expect(known.times).toEqual([]);
    await known.pass(250);
    expect(known.times).toEqual([10_000]);
  });

  it("shares the small request with others, and leaves none behind", async () => {
    const { ended, probes, stop, clock, pass } = uploads(busy, 1500, 3);
    const hung = uploads(silent, 1500, 3);

    await pass(750);
    await hung.pass(750);
    expect([probes.length, hung.probes.length]).toEqual([1, 1]);
    stop.abort(new Error("enough"));
    hung.stop.abort(new Error("enough"));
    await settled();

    expect((await Promise.all(ended)).map(({ message }) => message)).toEqual(["enough", "enough", "enough"]);
    expect([clock.pending, hung.clock.pending]).toEqual([0, 0]);
  });

  it("is judged beside as many as are sent at a time, and not by a small request that would have to wait behind more", async () => {
    const most = uploads(silent, 1500, 15);
    const more = uploads(silent, 1500, 16);

    await most.pass(10_000);
    await more.pass(10_000);

    expect([most.times.length, most.probes.length]).toEqual([15, 1]);
    expect([more.times, more.probes]).toEqual([[], []]);
  });
});
