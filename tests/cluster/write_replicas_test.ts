import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { at, fakeCluster } from "./fake_nodes.ts";
import { clusterOf } from "../../lib/cluster/cluster.ts";
import type { DDFSEvent } from "../../lib/options.ts";
import { checkPlacement, writeBlob } from "../../lib/cluster/write_replicas.ts";
import { failure, json, manualClock } from "../helpers/fakes.ts";

describe("writeBlob()", () => {
  it("writes as many replicas as the cluster wants by default", async () => {
    const { write, log } = fakeCluster({ a: "well", b: "well", c: "well" });

    expect((await write()).sort()).toEqual([at("a", 1), at("b", 1)]);
    expect(log[0]).toBe("new_blob");
  });

  it("asks for the replicas and nodes it was told", async () => {
    const { write, log } = fakeCluster({ a: "well", b: "well", c: "well" });

    expect((await write({ replicas: 3, forceOn: ["c"] })).length).toBe(3);
    expect(log[0]).toBe("new_blob?replicas=3&include=c");
  });

  it("places a failed replica on another node, under the same object name", async () => {
    const { write, log, events } = fakeCluster({ a: "refuses", b: "well", c: "well" });

    expect((await write()).sort()).toEqual([at("b", 1), at("c", 1)]);
    expect(log).toContain("new_blob?replicas=1&exclude=a,b");
    expect(events).toMatchObject([{ type: "replace", url: "http://a:8990/ddfs/log$1-2-1", attempt: 1 }]);
  });

  it("places anew what a full node refuses", async () => {
    const { write } = fakeCluster({ a: "full", b: "well", c: "well" });

    expect((await write()).sort()).toEqual([at("b", 1), at("c", 1)]);
  });

  it("does not believe a node that says it stored another blob", async () => {
    const { write, events } = fakeCluster({ a: "mixes up", b: "well", c: "well" });

    expect((await write()).sort()).toEqual([at("b", 1), at("c", 1)]);
    const said = 'the node says that it stored "disco://a/ddfs/vol0/blob/00/log$1-2-99", another blob';
    expect(events).toMatchObject([{
      type: "replace",
      cause: { code: "bad-answer", message: `PUT http://a:8990/ddfs/log$1-2-1: ${said}` },
    }]);
  });

  it("does not believe a node that says it stored a blob where none can be read", async () => {
    const { write, events } = fakeCluster({ a: "wanders", b: "well", c: "well" });

    expect((await write()).sort()).toEqual([at("b", 1), at("c", 1)]);
    expect(events).toMatchObject([{ type: "replace", cause: { code: "bad-answer" } }]);
    expect((events[0]?.cause as Error).message).toContain('"ftp://a/log$1-2-1"');
  });

  it("believes one that writes host, port and escapes in its own way", async () => {
    const { write } = fakeCluster({ a: "escapes" }, 1);

    expect(await write()).toEqual(["http://proxy:1/ddfs/vol0/blob/00/log%241%2d2%2d1?x=1"]);
  });

  it("sends nothing where the master names another blob", async () => {
    const { write, log } = fakeCluster({ a: "well" }, 1);
    const error = await failure(write({}, "other"));

    expect([error.code, error.message]).toEqual([
      "bad-answer",
      'GET http://m:8989/ddfs/new_blob/other: the master names "http://a:8990/ddfs/log$1-2-1", another blob',
    ]);
    expect(log).toEqual(["new_blob"]);
  });

  it("never sends a name twice to a node whose answer was lost", async () => {
    const { write, log, stored } = fakeCluster({ a: "loses the answer" }, 1);

    await failure(write());

    const puts = log.filter((line) => line.startsWith("PUT"));
    expect(new Set(puts).size).toBe(puts.length);
    expect(stored["a"]?.length).toBe(puts.length);
  });

  it("starts anew on any node when too few others are left", async () => {
    const { write, log } = fakeCluster({ a: "loses one answer", b: "well" });

    const urls = await write();

    expect(log.filter((line) => line.startsWith("new_blob"))).toContain("new_blob?replicas=1&exclude=a,b");
    expect(new Set(urls.map((url) => url.split("$")[1])).size).toBe(1);
    expect(urls.length).toBe(2);
  });

  it("starts anew on any node also when the text of the master's 403 is lost", async () => {
    const { write } = fakeCluster({ a: "loses one answer", b: "well" }, 2, "");

    expect((await write()).length).toBe(2);
  });

  it("gives up after `retries`, and says what was tried and where", async () => {
    const { write, log } = fakeCluster({ a: "refuses", b: "refuses", c: "refuses", d: "refuses", e: "refuses" }, 1);

    const error = await failure(write({ retries: 2 }));

    expect(error.code).toBe("too-few-replicas");
    expect(error.message).toContain('Blob "log": 0 of 1 replicas could be written');
    for (const host of ["a", "b", "c"]) expect(error.message).toContain(`PUT http://${host}:8990/ddfs/log$1-2-`);
    expect(log.filter((line) => line.startsWith("PUT")).length).toBe(3);
  });

  it("says once what failed many times alike, under whichever name, and how often", async () => {
    const { write } = fakeCluster({ a: "full" }, 1);

    const error = await failure(write({ retries: 10 }));

    expect(error.message.split("\n")).toEqual([
      'Blob "log": 0 of 1 replicas could be written',
      expect.stringMatching(/^ {2}PUT http:\/\/a:8990\/ddfs\/log\$1-2-1: .*No space left on device.* \(11 times\)$/),
    ]);
  });

  it("says once what failed alike over connections of other ports, which Deno names", async () => {
    const { write } = fakeCluster({ a: "resets" }, 1);

    const [, ...lines] = (await failure(write({ retries: 2 }))).message.split("\n");

    expect(lines.length).toBe(1);
    expect(lines[0]).toMatch(/error sending request from 127\.0\.0\.1:2 for .*: closed; .* \(3 times\)$/);
  });

  it("is content with minReplicas when there is no other node", async () => {
    const { write } = fakeCluster({ a: "refuses", b: "well" });

    expect(await write({ replicas: 2, minReplicas: 1 })).toEqual([at("b", 1)]);
  });

  for (const replicas of [3, undefined]) {
    it(`asks for as many as the master has nodes for where these are enough (replicas: ${replicas})`, async () => {
      const { write, log } = fakeCluster({ a: "well", b: "well" }, 3);

      expect((await write({ replicas, minReplicas: 1 })).sort()).toEqual([at("a", 1), at("b", 1)]);

      const first = replicas === undefined ? "new_blob" : "new_blob?replicas=3";
      expect(log.slice(0, 3)).toEqual([first, "nodeinfo", "new_blob?replicas=2"]);
    });
  }

  it("asks for one node less as long as the master lists some that it does not name", async () => {
    const cluster = fakeCluster({ a: "well", b: "well", c: "well", d: "well" });
    cluster.hide("c", "d");

    const written = await cluster.write({ replicas: 5, minReplicas: 1, forceOn: ["b"] });

    expect(written.sort()).toEqual([at("a", 1), at("b", 1)]);
    expect(cluster.log.filter((line) => line.startsWith("new_blob"))).toEqual(
      [5, 4, 3, 2].map((count) => `new_blob?replicas=${count}&include=b`),
    );
  });

  it("fails where the master has fewer nodes than minReplicas", async () => {
    const { write, stored } = fakeCluster({ a: "well" }, 3);

    expect(await failure(write({ replicas: 3, minReplicas: 2 }))).toMatchObject({ code: "too-few-replicas" });
    expect(stored).toEqual({});
  });

  it("stores nothing where the cluster's own number is less than minReplicas", async () => {
    const { write, log } = fakeCluster({ a: "well", b: "well" }, 1);

    expect((await failure(write({ minReplicas: 2 }))).message).toContain("Invalid minReplicas 2: the cluster makes 1");

    expect(log).toEqual(["new_blob"]);
  });

  it("says which replicas it left behind", async () => {
    const { write, abandoned } = fakeCluster({ a: "refuses", b: "well" });

    await failure(write({ replicas: 2, retries: 0 }));

    expect(abandoned).toEqual([[at("b", 1)]]);
  });

  it("does not take a blob for written when the master names no node", async () => {
    const { write } = fakeCluster({}, 0);

    const error = await failure(write());

    expect(error.code).toBe("too-few-replicas");
    expect(error.message).toContain("0 of 1 replicas could be written");
    expect(error.message).toContain("the master named no node");
  });

  it("explains that the cluster has too few nodes", async () => {
    const { write, log } = fakeCluster({ a: "well" });

    const error = await failure(write({ replicas: 4 }));

    expect(error.code).toBe("too-few-replicas");
    expect(error.message).toContain("ask for fewer with the `replicas` option");
    expect(log).toEqual(["new_blob?replicas=4", "nodeinfo"]);
  });
});

describe("writeBlob() with forceOn", () => {
  it("tries a forced node again that failed, under a new name", async () => {
    const { write, stored, abandoned } = fakeCluster({ a: "well", b: "loses one answer", c: "well" });

    const urls = await write({ replicas: 2, forceOn: ["b"] });

    expect(urls.some((url) => url.startsWith("disco://b/"))).toBe(true);
    expect(new Set(urls.map((url) => url.split("$")[1])).size).toBe(1);
    expect(stored["b"]?.length).toBe(2);
    expect(abandoned.flat().length).toBe(1);
  });

  it("fails, naming the node, when a forced node cannot be written, also where other replicas are enough", async () => {
    const { write } = fakeCluster({ a: "well", b: "full", c: "well" });

    const error = await failure(write({ replicas: 2, minReplicas: 1, forceOn: ["b"], retries: 2 }));

    expect(error.code).toBe("too-few-replicas");
    expect(error.message).toContain("none on b of forceOn");
    expect(error.message).toContain("No space left on device");
  });

  it("keeps a forced replica that was written when another one fails", async () => {
    const { write, log } = fakeCluster({ a: "refuses", b: "well", c: "well" });

    const urls = await write({ replicas: 2, forceOn: ["b"] });

    expect(urls.sort()).toEqual([at("b", 1), at("c", 1)]);
    expect(log.filter((line) => line.startsWith("PUT b"))).toEqual(["PUT b log$1-2-1"]);
  });

  it("asks for a forced node that is ill all the same", async () => {
    const { write, nodes } = fakeCluster({ a: "refuses", b: "well", c: "well" });
    await write();
    nodes["a"] = "well";

    expect(await write({ replicas: 1, forceOn: ["a"] })).toEqual([at("a", 3)]);
  });
});

describe("writeBlob() after a node failed", () => {
  it("does not ask for that node again", async () => {
    const { write, log } = fakeCluster({ a: "refuses", b: "well", c: "well" });
    await write();
    log.length = 0;

    await write();

    expect(log.filter((line) => line.startsWith("new_blob"))).toEqual(["new_blob?exclude=a"]);
  });

  it("asks for it again where there are not enough others", async () => {
    const { write, nodes } = fakeCluster({ a: "refuses", b: "well", c: "well" });
    await write();
    delete nodes["c"];
    nodes["a"] = "well";

    expect((await write()).sort()).toEqual([at("a", 3), at("b", 3)]);
  });

  it("asks for fewer replicas first where fewer are enough", async () => {
    const { write, log, nodes } = fakeCluster({ a: "refuses", b: "well", c: "well" });
    await write();
    delete nodes["c"];
    log.length = 0;

    expect(await write({ replicas: 2, minReplicas: 1 })).toEqual([at("b", 3)]);
    expect(log).toEqual(["new_blob?replicas=2&exclude=a", "new_blob?replicas=1&exclude=a", "PUT b log$1-2-3"]);
  });

  it("keeps a node that lost one connection", async () => {
    const { write, log } = fakeCluster({ a: "loses one answer", b: "well", c: "well" });
    await write();
    log.length = 0;

    await write();

    expect(log.filter((line) => line.startsWith("new_blob"))).toEqual(["new_blob"]);
  });
});

describe("writeBlob() to a node that is busy", () => {
  it("waits for its slot, as long as the node answers other requests", async () => {
    const clock = manualClock();
    const waiting: (() => void)[] = [];
    let running = 0;
    let most = 0;
    const events: DDFSEvent[] = [];
    let stamp = 0;
    const cluster = clusterOf("disco://m", {
      settings: {},
      clock,
      onEvent: (event) => events.push(event),
      fetch: async (request) => {
        const { pathname } = new URL(request.url);
        if (request.method === "HEAD") return new Response(null, { status: 501 });
        if (request.method === "GET") return json([`http://a:8990/ddfs/log$1-2-${++stamp}`]);
        // Three at a time, as PROTOCOL says; each takes eight seconds.
        if (running === 3) await new Promise<void>((resolve) => waiting.push(resolve));
        most = Math.max(most, ++running);
        await new Promise<void>((resolve) => clock.after(8000, resolve));
        running--;
        waiting.shift()?.();
        return json(`disco://a/ddfs/vol0/blob/00${pathname.slice("/ddfs".length)}`, 201);
      },
    });
    const blob = new Blob(["content"]);
    const upload = { name: "log", size: blob.size, body: () => blob };

    let isOver = false;
    const writes = Promise.all(
      Array.from({ length: 9 }, () => writeBlob(cluster, upload, { replicas: 1 }, () => {})),
    ).finally(() => isOver = true);
    while (!isOver) await clock.advance(250);

    expect((await writes).length).toBe(9);
    expect([most, events]).toEqual([3, []]);
    expect(cluster.health.isIll("http://a:8990/x")).toBe(false);
  });
});

describe("checkPlacement()", () => {
  it("refuses what makes no sense, naming it", () => {
    expect(() => checkPlacement({ replicas: 0 })).toThrow("Invalid replicas 0");
    expect(() => checkPlacement({ replicas: 1.5 })).toThrow("Invalid replicas 1.5");
    expect(() => checkPlacement({ retries: -1 })).toThrow("Invalid retries -1");
    expect(() => checkPlacement({ forceOn: ["a b"] })).toThrow('Invalid forceOn "a b"');
    expect(() => checkPlacement({ forceOn: "a" as unknown as string[] })).toThrow('Invalid forceOn "a"');
    expect(() => checkPlacement({ forceOn: ["a", "a"] })).toThrow("name it once");
    expect(() => checkPlacement({ replicas: 1, forceOn: ["a", "b"] })).toThrow("2 nodes for replicas: 1");
    expect(() => checkPlacement({ replicas: 1, minReplicas: 2 })).toThrow("Invalid minReplicas 2");
  });
});
