import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { embedded } from "../../lib/embedded/mod.ts";
import { DDFS, type DDFSEvent, type DDFSOptions } from "../../mod.ts";
import { all, failure, manualClock } from "../helpers/fakes.ts";

/** Milliseconds for which the master and its nodes are away, and for which it lacks nodes then, as PROTOCOL has it. */
const AWAY = 8000;
const LACKING = 2000;

/** A cluster that restarts after so many requests; each request takes a tenth of a second. */
function restartingCluster(after: number, options: DDFSOptions = {}) {
  const store = embedded({ nodes: ["a", "b", "c"], replicas: 2 });
  const clock = manualClock();
  const events: DDFSEvent[] = [];
  let requests = 0;
  let restartedAt = Infinity;
  const fetch = async (request: Request): Promise<Response> => {
    if (++requests === after) restartedAt = clock.now();
    await new Promise<void>((resolve) => clock.after(100, resolve));
    const since = clock.now() - restartedAt;
    const { pathname } = new URL(request.url);
    if (since >= 0 && since < AWAY) throw new TypeError("connection refused");
    if (since < AWAY || since >= AWAY + LACKING) return await store.fetch(request);
    if (pathname.startsWith("/ddfs/new_blob/")) return new Response("Not enough nodes for replicas.", { status: 403 });
    if (!pathname.startsWith("/ddfs/tag")) return await store.fetch(request);
    const what = request.method === "GET" ? "too_many_failed_nodes" : "replication_failed";
    return new Response(`Internal server error: ${what}`, { status: 500 });
  };
  const ddfs = new DDFS(store.master, {
    settings: {},
    clock,
    fetch,
    random: () => 0.5,
    onEvent: (event) => events.push(event),
    ...options,
  });
  /** Lets time pass until some work has ended. */
  const passed = async <T>(work: Promise<T>): Promise<T> => {
    let isOver = false;
    const ended = work.finally(() => isOver = true);
    ended.catch(() => {});
    while (!isOver) await clock.advance(250);
    return await ended;
  };
  const well = new DDFS(store.master, { settings: {}, fetch: (request) => store.fetch(request) });
  return { ddfs, well, passed, events, clock };
}

const sources = Array.from({ length: 5 }, (_, i) => [new Blob([`line ${i}\n`]), `b${i}`] as const);

describe("a master that restarts", () => {
  for (const after of [2, 5, 10, 16]) {
    it(`does not end a push, when it goes at its request ${after}`, async () => {
      const { ddfs, well, passed } = restartingCluster(after);
      await passed(ddfs.exists("x"));

      const { blobs } = await passed(ddfs.push("x", sources));

      expect(await well.urls("x")).toEqual(blobs);
      for await (const { state } of well.verify("x")) expect(state).toBe("good");
    });
  }

  for (const after of [2, 4]) {
    it(`does not end a chunk or its reading, when it goes at its request ${after}`, async () => {
      const { ddfs, well, passed } = restartingCluster(after);
      await passed(ddfs.exists("x"));
      await passed(ddfs.chunk("x", [new Blob(["1\n2\n"])], { workers: 0 }));
      expect((await all(well.records("tag://x", { text: true, workers: 0 }))).length).toBe(2);

      const reading = restartingCluster(after);
      await reading.well.chunk("x", [new Blob(["1\n2\n"])], { workers: 0 });
      await reading.passed(reading.ddfs.exists("x"));
      expect(await reading.passed(all(reading.ddfs.records("tag://x", { text: true, workers: 0 })))).toEqual([
        "1\n",
        "2\n",
      ]);
    });
  }

  it("is told of within a second", async () => {
    const { ddfs, passed, events, clock } = restartingCluster(2);
    await passed(ddfs.exists("x"));

    const began = clock.now();
    const pending = passed(ddfs.push("x", sources));
    while (events.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));

    expect(clock.now() - began).toBeLessThan(1000);
    await pending;
  });

  it("ends an operation that is to wait for less", async () => {
    const { ddfs, passed } = restartingCluster(2);
    await passed(ddfs.exists("x"));

    const error = await passed(failure(ddfs.push("x", sources, { retry: { within: 2000 } })));

    expect(error.code).toBe("unreachable");
  });
});
