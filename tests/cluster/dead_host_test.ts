import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { embedded } from "../../lib/embedded/mod.ts";
import { DDFS, type DDFSEvent } from "../../mod.ts";
import { all, manualClock } from "../helpers/fakes.ts";

const BLOBS = 100;

/** Reads 100 chunks whose first replica is on a host that does not answer as it should; tells what that took. */
async function reading(dead: () => Promise<Response>) {
  const cluster = embedded({ nodes: ["a", "b"], replicas: 2 });
  const clock = manualClock();
  const events: DDFSEvent[] = [];
  let asked = 0;
  const well = new DDFS(cluster.master, { settings: {}, fetch: (request) => cluster.fetch(request) });
  const { blobs: [first = []] } = await well.chunk("x", [new Blob(["line\n"])], { workers: 0 });
  await well.put("x", Array.from({ length: BLOBS }, () => first.toSorted()));
  const ddfs = new DDFS(cluster.master, {
    settings: {},
    clock,
    onEvent: (event) => events.push(event),
    fetch: (request) => {
      if (!request.url.includes("http://a:8989/ddfs/vol0/")) return cluster.fetch(request);
      asked++;
      return dead();
    },
  });
  let isOver = false;
  const read = all(ddfs.records("tag://x", { text: true, workers: 0 })).finally(() => isOver = true);
  while (!isOver) await clock.advance(50);
  expect((await read).length).toBe(BLOBS);
  return { asked, milliseconds: clock.now(), hedges: events.filter(({ type }) => type === "hedge").length };
}

describe("records() over 100 blobs whose first replica is on a dead host", () => {
  it("asks it once for each blob that is open at the time, when it refuses", async () => {
    const { asked, milliseconds } = await reading(() => Promise.reject(new TypeError("connection refused")));

    expect(asked).toBeLessThan(4);
    expect(milliseconds).toBeLessThan(200);
  });

  it("waits for it once, when it never answers", async () => {
    const { asked, milliseconds, hedges } = await reading(() => new Promise(() => {}));

    expect(asked).toBeLessThan(4);
    expect(hedges).toBe(asked);
    expect(milliseconds).toBeLessThan(1000);
  });
});
