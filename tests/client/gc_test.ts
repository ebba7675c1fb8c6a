import { describe, it } from "@std/testing/bdd";
import { DDFS } from "@ddfs/client";
import { embedded } from "@ddfs/client/embedded";
import { expect } from "../helpers/expect.ts";
import { json, manualClock, settled } from "../helpers/fakes.ts";
// It is loaded when it is wanted, which takes no time of a clock that stands still.
import "../../lib/client/upkeep.ts";

/** Findings as a real master tells them. */
const STATS = {
  timestamp: "2026/11/22 07:43:20",
  stats: {
    "Tags kept": [298, 67725],
    "Tags deleted": [419, 312489],
    "Blobs kept": [377, 917],
    "Blobs deleted": [0, 0],
  },
};
const RESULT = {
  tags: { kept: { objects: 298, bytes: 67725 }, deleted: { objects: 419, bytes: 312489 } },
  blobs: { kept: { objects: 377, bytes: 917 }, deleted: { objects: 0, bytes: 0 } },
};
const SCANNING = "GC is scanning DDFS (phase map_wait).";

/** A master that answers each call with the next of what is given for it, and then with the last. */
function master(answers: Record<"gc_start" | "gc_status" | "gc_stats", unknown[]>) {
  const requests: Request[] = [];
  const clock = manualClock();
  const fetch = (request: Request) => {
    requests.push(request);
    const all = answers[new URL(request.url).pathname.replace("/ddfs/ctrl/", "") as keyof typeof answers];
    return Promise.resolve(json(all.length > 1 ? all.shift() : all[0]));
  };
  const ddfs = new DDFS("disco://master", { fetch, clock, settings: {} });
  return { ddfs, clock, requests, calls: () => requests.map(({ url }) => url.replace(/.*\//, "")) };
}

describe("gc()", () => {
  it("starts a collection, waits for its end, and gives what it found", async () => {
    const { ddfs, clock, calls } = master({
      gc_start: ["GC has started"],
      gc_status: ["GC is waiting for the cluster to stabilize after startup.", SCANNING, ""],
      gc_stats: ["", STATS],
    });
    const told: string[] = [];

    const collected = ddfs.gc({ onProgress: ({ status }) => told.push(status) });
    await settled();
    await clock.advance(50);
    await clock.advance(100);

    expect(await collected).toEqual(RESULT);
    expect(told).toEqual(["GC is waiting for the cluster to stabilize after startup.", SCANNING]);
    expect(calls()).toEqual(["gc_stats", "gc_start", "gc_status", "gc_status", "gc_status", "gc_stats"]);
  });

  it("takes the findings of a collection that was over within a second of the last", async () => {
    const { ddfs } = master({ gc_start: ["GC has started"], gc_status: [""], gc_stats: [STATS] });

    expect(await ddfs.gc()).toEqual(RESULT);
  });

  it("says so when a collection ended and its findings are those of an earlier one", async () => {
    const { ddfs, clock } = master({
      gc_start: ["GC has started"],
      gc_status: [...Array(8).fill(SCANNING), ""],
      gc_stats: [STATS],
    });
    const collected = ddfs.gc();
    collected.catch(() => {});
    for (let i = 0; i < 10; i++) {
      await settled();
      await clock.advance(5000);
    }

    await expect(collected).rejects.toMatchObject({
      code: "server-error",
      message: expect.stringContaining("without a result"),
    });
  });

  it("fails with the master's words when the collection failed", async () => {
    const { ddfs } = master({
      gc_start: ["GC has started"],
      gc_status: ["GC failed: the tag x cannot be read"],
      gc_stats: [""],
    });

    await expect(ddfs.gc()).rejects.toMatchObject({
      name: "CommError",
      code: "server-error",
      message: expect.stringContaining("GC failed: the tag x cannot be read"),
    });
  });

  it("refuses findings of another form", async () => {
    for (const stats of [{ timestamp: "t" }, { ...STATS, stats: { ...STATS.stats, "Tags kept": 5 } }, []]) {
      const { ddfs } = master({ gc_start: ["GC has started"], gc_status: [""], gc_stats: ["", stats] });

      await expect(ddfs.gc()).rejects.toMatchObject({ code: "bad-answer" });
    }
  });

  it("ends at once with the signal's reason, and when onProgress throws with what that throws", async () => {
    const waiting = () => master({ gc_start: ["GC is waiting"], gc_status: [SCANNING], gc_stats: [""] });
    const stop = new AbortController();
    const reason = new Error("enough");
    const collected = waiting().ddfs.gc({ signal: stop.signal });
    await settled();
    stop.abort(reason);
    await expect(collected).rejects.toBe(reason);

    const failing = () => {
      throw reason;
    };
    await expect(waiting().ddfs.gc({ onProgress: failing })).rejects.toBe(reason);
  });

  it("sends the administrator's token to a master that wants one, which refuses others", async () => {
    const { fetch, master, close } = embedded({ orphanAge: 0, adminToken: "ADMIN", now: () => Date.now() + 1000 });
    const ddfs = new DDFS(master, { fetch, settings: {} });
    await ddfs.push("data:old", [[new Blob(["12345"]), "numbers"]]);
    await ddfs.delete("data:old");

    await expect(ddfs.gc({ token: "WRONG" })).rejects.toMatchObject({ code: "unauthorized" });
    expect((await ddfs.gc({ token: "ADMIN" })).blobs).toEqual({
      kept: { objects: 0, bytes: 0 },
      deleted: { objects: 1, bytes: 5 },
    });
    await close();
  });
});
