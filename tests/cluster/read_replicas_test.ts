import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { DataError } from "../../lib/errors.ts";
import {
  body,
  breaking,
  fakeCluster,
  type Node,
  refusing,
  silent,
  status,
  TEXT,
  texts,
  well,
} from "../helpers/replica_nodes.ts";
import { all, failure, manualClock, only, settled } from "../helpers/fakes.ts";

describe("pull()", () => {
  it("gives name, size, URL and content of a blob", async () => {
    const { ddfs } = fakeCluster({ a: well });

    const blob = await only(ddfs.pull("data:log"));

    expect(blob).toMatchObject({ name: "log", size: 10, url: "disco://a/ddfs/vol0/blob/00/log$1-2-3" });
    expect(new TextDecoder().decode(await blob.bytes())).toBe(TEXT);
    expect(await blob.response().text()).toBe(TEXT);
  });

  it("can read a blob after the loop has gone on", async () => {
    const { read, requests } = fakeCluster({ a: well });

    expect(await read()).toBe(TEXT);
    expect(requests.length).toBe(2);
  });

  it("asks for no blob that the filter leaves out", async () => {
    const { ddfs, requests } = fakeCluster({ a: well });

    expect(await all(ddfs.pull("data:log", (name) => name !== "log"))).toEqual([]);
    expect(requests).toEqual([]);
  });

  for (
    const [what, node] of Object.entries({
      "refuses": refusing,
      "lacks it (404)": status(404),
      "is busy (403)": status(403),
      "fails (500)": status(500),
      "says that there is nothing (204)": () => new Response(null, { status: 204 }),
      "says that there is nothing (205)": () => new Response(null, { status: 205 }),
    })
  ) {
    it(`reads the second replica when the first node ${what}`, async () => {
      const { ddfs, events } = fakeCluster({ a: node, b: well });

      expect(await texts(ddfs)).toEqual([TEXT]);

      expect(events).toMatchObject([{ type: "failover", attempt: 1 }]);
    });
  }

  it("continues on another replica after a failure in the middle of a blob", async () => {
    const { ddfs, requests, events } = fakeCluster({ a: breaking(4), b: well });

    expect(await texts(ddfs)).toEqual([TEXT]);

    expect(requests).toEqual([{ host: "a", range: null }, { host: "b", range: "bytes=4-" }]);
    expect(events).toMatchObject([{ type: "failover" }]);
  });

  it("continues on another replica when a body stalls", async () => {
    const { ddfs, clock } = fakeCluster({ a: breaking(4, "hang"), b: well }, { timeout: 1000 });

    const reading = texts(ddfs);
    await clock.advance(1000);

    expect(await reading).toEqual([TEXT]);
  });

  it("continues on another replica when a body is too short", async () => {
    const { ddfs } = fakeCluster({ a: breaking(4, "close"), b: well });

    expect(await texts(ddfs)).toEqual([TEXT]);
  });

  it("goes on where a part ends that is smaller than what was asked for", async () => {
    const pieces: Node = (start) => {
      const end = Math.min(start + 3, TEXT.length);
      const headers = { "content-range": `bytes ${start}-${end - 1}/${TEXT.length}` };
      return new Response(TEXT.slice(start, end), { status: 206, headers });
    };
    const { ddfs, requests } = fakeCluster({ a: breaking(4), b: pieces, c: well });

    expect(await texts(ddfs)).toEqual([TEXT]);
    expect(requests.map(({ range }) => range)).toEqual([null, "bytes=4-", "bytes=7-"]);
  });

  it("passes over what it has when a server ignores the range", async () => {
    const { ddfs } = fakeCluster({ a: breaking(4), b: () => body(TEXT, 0) });

    expect(await texts(ddfs)).toEqual([TEXT]);
  });

  it("comes back to the only replica, and gives up in the end", async () => {
    const { ddfs, requests } = fakeCluster({ a: breaking(0) }, { retry: { tries: 3 } });

    const error = await failure(texts(ddfs));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toContain("broken off at byte 0 of 10");
    expect(requests.length).toBe(3);
  });

  it("does not join replicas of different size", async () => {
    const other: Node = (start) => body(TEXT.slice(start, 9), start, 9);
    const { ddfs } = fakeCluster({ a: breaking(4), b: other });

    expect((await failure(texts(ddfs))).message).toContain("the replicas differ in size");
  });

  it("names every replica and its reason when none can be read", async () => {
    const { ddfs } = fakeCluster({ a: status(404), b: status(500) });

    const error = await failure(all(ddfs.pull("data:log")));

    expect(error.message).toContain("None of the 2 replicas can be read");
    expect(error.message).toContain("http://a:8989/ddfs/vol0/blob/00/log$1-2-3: 404");
    expect(error.message).toContain("http://b:8989/ddfs/vol0/blob/00/log$1-2-3: 500");
  });

  it("asks a second replica when the first byte is slow, and ends the slow request", async () => {
    let slow: Request | undefined;
    const { ddfs, clock, events } = fakeCluster({
      a: (_start, request) => {
        slow = request;
        return silent();
      },
      b: well,
    });

    const reading = texts(ddfs);
    await clock.advance(500);

    expect(await reading).toEqual([TEXT]);
    expect(slow?.signal.aborted).toBe(true);
    expect(events).toMatchObject([{ type: "hedge" }]);
  });

  it("tries a host that was slow last for a minute, then first again", async () => {
    const { ddfs, clock, requests } = fakeCluster({ a: silent, b: well });
    const first = all(ddfs.pull("data:log"));
    await clock.advance(500);
    await first;

    await all(ddfs.pull("data:log"));
    expect(requests.map(({ host }) => host)).toEqual(["a", "b", "b"]);

    await clock.advance(60_000);
    const again = all(ddfs.pull("data:log"));
    await clock.advance(500);
    await again;
    expect(requests.map(({ host }) => host)).toEqual(["a", "b", "b", "a", "b"]);
  });

  it("ends well when a replica announced more than it gave, and the other one has no more", async () => {
    const { ddfs } = fakeCluster({
      a: () => new Response(TEXT, { headers: { "content-length": "17" } }),
      b: (start) => body(TEXT, start > 0 ? 0 : start),
    });

    expect(await texts(ddfs)).toEqual([TEXT]);
  });

  it("does not take a host for slow that was asked second and lost", async () => {
    let answer = (_: Response) => {};
    const { ddfs, clock, requests } = fakeCluster({
      a: () => new Promise<Response>((resolve) => answer = resolve),
      b: silent,
      c: well,
    });
    const reading = all(ddfs.pull("data:log"));
    await clock.advance(500);
    answer(body(TEXT, 0));
    await reading;

    const again = all(ddfs.pull("data:log"));
    await clock.advance(500);
    answer(body(TEXT, 0));
    await again;

    expect(requests.map(({ host }) => host)).toEqual(["a", "b", "a", "b"]);
  });

  it("keeps tokens out of its events", async () => {
    const { ddfs, clock, events } = fakeCluster({ "secret@a": silent, "secret@b": silent, c: well });

    const reading = all(ddfs.pull("data:log"));
    await clock.advance(500);
    await clock.advance(500);
    await reading;

    expect(events.map(({ type }) => type)).toContain("hedge");
    expect(JSON.stringify(events)).not.toContain("secret");
  });

  it("hedges only while it may: a tenth of the answers in the long run", async () => {
    let calm = false;
    const { ddfs, clock, events } = fakeCluster({
      a: silent,
      b: (start) => calm ? well(start) : silent(),
    });
    for (let i = 0; i < 8; i++) {
      const controller = new AbortController();
      const reading = failure(all(ddfs.pull("data:log", () => true, { signal: controller.signal })));
      await clock.advance(500);
      controller.abort();
      await reading;
    }
    calm = true;

    expect(events.filter(({ type }) => type === "hedge").length).toBe(5);
  });

  it("does not hedge with hedgeAfter: 0", async () => {
    const { ddfs, clock, requests } = fakeCluster({ a: silent, b: well }, { hedgeAfter: 0, timeout: 1000 });

    const reading = all(ddfs.pull("data:log"));
    await clock.advance(999);
    expect(requests.length).toBe(1);
    await clock.advance(1);

    expect((await reading).length).toBe(1);
  });

  for (const count of [0, 4]) {
    it(`goes on with another replica after half a second in which nothing follows ${count} bytes`, async () => {
      const { ddfs, clock, requests, events } = fakeCluster({ a: breaking(count, "hang"), b: well });

      const reading = texts(ddfs);
      await clock.advance(500);

      expect(await reading).toEqual([TEXT]);
      expect(requests.map(({ range }) => range)).toEqual([null, count === 0 ? null : "bytes=4-"]);
      expect(events).toMatchObject([{ type: "hedge" }]);
      expect(clock.pending).toBe(0);
    });
  }

  it("overtakes a replica that trickles, and delivers no byte twice", async () => {
    const clock = manualClock();
    const trickling: Node = (start) => {
      let at = start;
      let isWanted = true;
      return body(
        new ReadableStream({
          cancel: () => void (isWanted = false),
          pull: (controller) =>
            new Promise<void>((resolve) =>
              clock.after(100, () => {
                if (!isWanted) return resolve();
                controller.enqueue(new TextEncoder().encode(TEXT.slice(at, ++at)));
                if (at === TEXT.length) controller.close();
                resolve();
              })
            ),
        }, { highWaterMark: 0 }),
        start,
      );
    };
    const { ddfs, requests } = fakeCluster({ a: trickling, b: well }, { clock });

    const reading = texts(ddfs);
    for (let i = 0; i < 6; i++) await clock.advance(100);

    expect(await reading).toEqual([TEXT]);
    expect(requests.map(({ host }) => host)).toEqual(["a", "b"]);
    expect(clock.now()).toBeLessThan(700);
  });

  it("stays with a slow replica where the other ones are no better", async () => {
    const { ddfs, clock } = fakeCluster({ a: breaking(4, "hang"), b: silent }, { timeout: 2000 });

    const reading = failure(texts(ddfs, { signal: AbortSignal.timeout(10_000) }));
    for (let i = 0; i < 4; i++) await clock.advance(500);
    await settled();

    expect(clock.pending).toBeGreaterThan(0);
    for (let i = 0; i < 200; i++) await clock.advance(500);
    expect((await reading).code).toBe("timeout");
  });

  it("does not join a faster replica of another size", async () => {
    const longer: Node = (start) => body(`${TEXT}more`.slice(start), start, 14);
    const { ddfs, clock } = fakeCluster({ a: breaking(4, "hang"), b: longer }, { retry: { tries: 1 } });

    const reading = failure(texts(ddfs));
    for (let i = 0; i < 61; i++) await clock.advance(500);

    expect((await reading).message).toContain("the replicas differ in size");
  });

  it("ends a faster replica, too, when the caller aborts", async () => {
    let rival: Request | undefined;
    const { ddfs, clock } = fakeCluster({
      a: breaking(4, "hang"),
      b: (start, request) => breaking(2, "hang")(start, rival = request),
    });
    const controller = new AbortController();

    const reading = failure(texts(ddfs, { signal: controller.signal }));
    await clock.advance(500);
    await settled();
    controller.abort(new Error("enough"));

    expect((await reading).message).toBe("enough");
    expect(rival?.signal.aborted).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it("waits for a node that is busy as long as for any answer", async () => {
    let answer = (_: Response) => {};
    const busy: Node = (_, request) =>
      request.method === "HEAD"
        ? new Response(null, { status: 404 })
        : new Promise<Response>((resolve) => answer = resolve);
    const { ddfs, clock } = fakeCluster({ a: busy });

    const reading = texts(ddfs);
    for (let i = 0; i < 40; i++) await clock.advance(500);
    answer(body(TEXT, 0));

    expect(await reading).toEqual([TEXT]);
  });

  it("asks a node that is silent again, with more patience each time", async () => {
    const { ddfs, clock, requests } = fakeCluster({ a: silent }, { random: () => 1 });

    const reading = failure(texts(ddfs));
    let isOver = false;
    reading.then(() => isOver = true);
    while (!isOver) await clock.advance(250);

    expect((await reading).message).toContain("no sign of life");
    expect(requests.length).toBeGreaterThan(2);
    expect(requests.length).toBeLessThan(7);
  });

  it("ends at once when the signal is aborted while bytes are read, and leaves no timer", async () => {
    const { ddfs, clock } = fakeCluster({ a: breaking(4, "hang"), b: well });
    const controller = new AbortController();

    const reading = failure(texts(ddfs, { signal: controller.signal }));
    await settled();
    controller.abort(new Error("enough"));

    expect((await reading).message).toBe("enough");
    expect(clock.pending).toBe(0);
  });

  it("ends the request of a blob that nobody reads", async () => {
    let request: Request | undefined;
    const { ddfs, clock } = fakeCluster({ a: (start, asked) => breaking(4, "hang")(start, request = asked) });

    await all(ddfs.pull("data:log"));

    expect(request?.signal.aborted).toBe(true);
    expect(clock.pending).toBe(0);
  });
});
