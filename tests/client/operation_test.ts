import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { DDFS, type DDFSEvent, type DDFSOptions } from "../../mod.ts";
import { all, failure, json, manualClock, scripted, settled } from "../helpers/fakes.ts";

const silent = () => new Promise<Response>(() => {});

/** A client whose cluster answers nothing, unless told otherwise. */
function client(fetch: (request: Request) => Promise<Response> = silent, deadline: number | undefined = undefined) {
  const clock = manualClock();
  const ddfs = new DDFS("disco://m", { settings: {}, fetch, clock, random: () => 0, deadline });
  return { ddfs, clock };
}

/** The same with pauses between tries. */
function restless(fetch: (request: Request) => Promise<Response>, deadline: number) {
  const clock = manualClock();
  const ddfs = new DDFS("disco://m", { settings: {}, fetch, clock, random: () => 0.5, deadline });
  return { ddfs, clock };
}

describe("a deadline", () => {
  const operations: Record<string, (ddfs: DDFS, deadline?: number) => Promise<unknown>> = {
    get: (ddfs, deadline) => ddfs.get("x", { deadline }),
    exists: (ddfs, deadline) => ddfs.exists("x", { deadline }),
    list: (ddfs, deadline) => ddfs.list("", { deadline }),
    getattr: (ddfs, deadline) => ddfs.getattr("x", "a", { deadline }),
    setattr: (ddfs, deadline) => ddfs.setattr("x", "a", "b", { deadline }),
    tag: (ddfs, deadline) => ddfs.tag("x", ["tag://y"], { deadline }),
    delete: (ddfs, deadline) => ddfs.delete("x", { deadline }),
    push: (ddfs, deadline) => ddfs.push("x", [[new Blob(["1"]), "n"]], { deadline }),
    chunk: (ddfs, deadline) => ddfs.chunk("x", [new Blob(["1\n"])], { deadline }),
    walk: (ddfs, deadline) => all(ddfs.walk("x", { deadline })),
    pull: (ddfs, deadline) => all(ddfs.pull("x", undefined, { deadline })),
    records: (ddfs, deadline) => all(ddfs.records("tag://x", { deadline })),
  };
  for (const [name, operation] of Object.entries(operations)) {
    it(`ends ${name}() with code timeout, leaving no timer`, async () => {
      const { ddfs, clock } = client();

      const ended = failure(operation(ddfs, 1000));
      await settled();
      await clock.advance(1000);
      const error = await ended;

      expect(error.code).toBe("timeout");
      expect(error.message).toContain("The deadline of 1000 ms is over");
      expect(clock.pending).toBe(0);
    });
  }

  it("of the client holds for every operation, and a call's own goes before it", async () => {
    const { ddfs, clock } = client(silent, 1000);

    const short = failure(ddfs.get("x"));
    const long = failure(ddfs.get("x", { deadline: 2000 }));
    await clock.advance(1000);
    expect((await short).message).toContain("1000 ms");
    await clock.advance(1000);

    expect((await long).message).toContain("2000 ms");
  });

  it("says what failed before, for instance that there are too few nodes for the replicas", async () => {
    const answer = (request: Request) =>
      request.url.includes("nodeinfo")
        ? json({ a: {}, b: {}, c: {} })
        : new Response("Not enough nodes for replicas.", { status: 403 });
    const { ddfs, clock } = restless((request) => Promise.resolve(answer(request)), 1000);

    const ended = failure(ddfs.push("x", [[new Blob(["1"]), "n"]], { replicas: 3 }));
    await settled();
    await clock.advance(1000);
    const error = await ended;

    expect(error.code).toBe("timeout");
    expect(error.message).toBe(
      "The deadline of 1000 ms is over; raise it. The last failure: GET http://m:8989/ddfs/new_blob/n?replicas=3: 403 Not enough nodes " +
        "for replicas: the cluster has too few nodes; ask for fewer with the `replicas` option",
    );
    expect(error.cause).toMatchObject({ code: "too-few-replicas" });
  });

  it("says nothing of what failed in another operation", async () => {
    let isDown = true;
    const { ddfs, clock } = restless(
      () => isDown ? Promise.resolve(new Response("", { status: 503 })) : silent(),
      1000,
    );

    const first = failure(ddfs.list());
    await settled();
    await clock.advance(1000);
    expect((await first).message).toContain("503");
    isDown = false;
    const second = failure(ddfs.list());
    await settled();
    await clock.advance(1000);

    expect((await second).message).toBe("The deadline of 1000 ms is over; raise it");
  });

  it("counts the time of all tries and pauses", async () => {
    const busy = new Response("", { status: 503, headers: { "retry-after": "5" } });
    const { fetch, requests } = scripted(busy);
    const { ddfs, clock } = client(fetch, 3000);

    const ended = failure(ddfs.list());
    await clock.advance(3000);

    expect((await ended).code).toBe("timeout");
    expect(requests.length).toBe(1);
  });

  it("does not count against the hosts that were asked, and is no reason to try again", async () => {
    const clock = manualClock();
    const events: DDFSEvent[] = [];
    const urls = [["http://a/ddfs/x$1-2-3", "http://b/ddfs/x$1-2-3"]];
    const tag = { version: 1, id: "x$1-2-3", "last-modified": "now", urls, "user-data": {} };
    const asked: string[] = [];
    const ddfs = new DDFS("disco://m", {
      settings: {},
      clock,
      hedgeAfter: 0,
      onEvent: (event) => events.push(event),
      fetch: (request) => {
        const { hostname } = new URL(request.url);
        if (request.method === "GET") asked.push(hostname);
        return hostname === "m" ? Promise.resolve(json(tag)) : silent();
      },
    });

    for (let i = 0; i < 2; i++) {
      const ended = failure(all(ddfs.pull("x", undefined, { deadline: 1000 })));
      await clock.advance(1000);
      expect((await ended).code).toBe("timeout");
    }

    expect(asked).toEqual(["m", "a", "m", "a"]);
    expect(events).toEqual([]);
  });

  it("holds while a token is looked for", async () => {
    const { fetch, requests } = scripted();
    const clock = manualClock();
    const ddfs = new DDFS("disco://m", {
      settings: {},
      fetch,
      clock,
      deadline: 1000,
      token: () => new Promise(() => {}),
    });

    const ended = failure(ddfs.get("x"));
    await clock.advance(1000);

    expect((await ended).code).toBe("timeout");
    expect(requests).toEqual([]);
  });

  it("leaves neither a timer nor a listener after an operation that was in time", async () => {
    const { ddfs, clock } = client(() => Promise.resolve(json([])), 1000);
    const counted = countedSignal();

    await ddfs.list("", { signal: counted.signal });

    expect([clock.pending, counted.listeners()]).toEqual([0, 0]);
  });

  it("is a number of milliseconds", async () => {
    expect(() => client(silent, 0)).toThrow("Invalid deadline 0");
    expect((await failure(client().ddfs.list("", { deadline: NaN }))).message).toContain("Invalid deadline NaN");
  });
});

describe("a signal", () => {
  it("has no listener left after a hundred pulls, pushes and chunks", async () => {
    const { embedded } = await import("../../lib/embedded/mod.ts");
    const cluster = embedded({ nodes: ["a", "b"], replicas: 2 });
    const ddfs = new DDFS(cluster.master, { settings: {}, fetch: (request) => cluster.fetch(request) });
    const { signal, listeners } = countedSignal();

    for (let i = 0; i < 100; i++) await ddfs.push("x", [[new Blob([`${i}`]), `n${i}`]], { signal });
    await ddfs.chunk("y", [new Blob(["1\n2\n"])], { signal, workers: 0 });
    for await (const blob of ddfs.pull("x", undefined, { signal })) await blob.text();
    await all(ddfs.records("tag://y", { signal, workers: 0 }));
    await settled();
    await cluster.close();

    expect(listeners()).toBe(0);
  });

  it("cancels the caller's streams, also those whose turn has not come", async () => {
    const cancelled: unknown[] = [];
    const stream = (name: string) =>
      new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}), cancel: () => void cancelled.push(name) });
    const { ddfs } = client();
    const controller = new AbortController();

    const ended = failure(ddfs.chunk("x", [stream("one"), stream("two")], { signal: controller.signal, workers: 0 }));
    await settled();
    controller.abort(new Error("enough"));

    expect((await ended).message).toBe("enough");
    await settled();
    expect(cancelled.sort()).toEqual(["one", "two"]);
  });
});

describe("onOperation", () => {
  /** A client of a tag `x` that takes note of its operations. */
  async function traced(options: DDFSOptions = {}) {
    const { embedded } = await import("../../lib/embedded/mod.ts");
    const cluster = embedded();
    const seen: string[] = [];
    const ddfs = new DDFS(cluster.master, {
      settings: {},
      fetch: (request) => cluster.fetch(request),
      onOperation: ({ name, tag, signal }) => {
        seen.push(`${name} ${tag} ${signal?.aborted}`);
        return { end: (error) => void seen.push(`${name} ends ${(error as { code?: string } | undefined)?.code}`) };
      },
      ...options,
    });
    return { ddfs, seen };
  }

  it("is told of the begin and the end of each operation, by the method that was called", async () => {
    const { ddfs, seen } = await traced();
    const operations: Record<string, () => Promise<unknown>> = {
      push: () => ddfs.push("x", [[new Blob(["1\n"]), "n"]]),
      chunk: () => ddfs.chunk("x", [new Blob(["1\n"])], { workers: 0 }),
      tag: () => ddfs.tag("x", ["tag://x"]),
      put: () => ddfs.put("x", []),
      setattr: () => ddfs.setattr("x", "a", "b"),
      getattr: () => ddfs.getattr("x", "a"),
      delattr: () => ddfs.delattr("x", "a"),
      attrs: () => ddfs.attrs("x"),
      get: () => ddfs.get("x"),
      urls: () => ddfs.urls("x"),
      exists: () => ddfs.exists("x"),
      blobs: () => all(ddfs.blobs("x")),
      walk: () => all(ddfs.walk("x")),
      pull: () => all(ddfs.pull("x")),
      sizes: () => all(ddfs.sizes("x")),
      verify: () => all(ddfs.verify("x")),
      recordBatches: () => all(ddfs.recordBatches("x", { workers: 0 })),
      records: () => all(ddfs.records("x", { workers: 0 })),
      delete: () => ddfs.delete("x"),
    };

    for (const operation of Object.values(operations)) await operation();

    expect(seen).toEqual(
      Object.keys(operations).flatMap((name) => [`${name} tag://x false`, `${name} ends undefined`]),
    );
  });

  it("is told of operations without a tag", async () => {
    const { ddfs, seen } = await traced();

    await ddfs.list();
    await ddfs.nodes();
    await all(ddfs.findtags(["x", "y"]));

    expect(seen.filter((line) => !line.includes("ends"))).toEqual(
      ["list", "nodes", "findtags"].map((name) => `${name} undefined false`),
    );
  });

  it("is told why an operation failed, and not of the tag's token", async () => {
    const { ddfs, seen } = await traced({ deadline: 5000 });

    await failure(ddfs.get("tag://secret@localhost/x"));

    expect(seen).toEqual(["get tag://localhost/x false", "get ends not-found"]);
  });

  it("is told of no error for an iteration that was left early", async () => {
    const { ddfs, seen } = await traced();
    await ddfs.tag("x", ["tag://y"]);

    for await (const _ of ddfs.walk("x")) break;

    expect(seen.at(-1)).toBe("walk ends undefined");
  });

  it("may return nothing", async () => {
    const { ddfs } = await traced({ onOperation: () => {} });

    expect(await ddfs.exists("x")).toBe(false);
  });

  it("may throw at an end: the operation fails with that, is over all the same, and no end is told twice", async () => {
    const ends: unknown[] = [];
    const end = (error?: unknown) => {
      ends.push(error);
      throw new Error("end() failed");
    };
    const { ddfs } = await traced({ onOperation: () => ({ end }) });
    await failure(ddfs.tag("x", ["tag://y"]));
    const stop = new AbortController();
    const aborted = async () => {
      const items = ddfs.walk("x", { signal: stop.signal });
      await items.next();
      stop.abort();
      await items.next();
    };
    const left = async () => {
      for await (const _ of ddfs.walk("x")) break;
    };
    const calls = [() => ddfs.get("x"), () => ddfs.get("y"), () => all(ddfs.walk("x")), left, aborted];

    for (const call of calls) {
      ends.length = 0;
      const error = await failure(call());
      expect([error.message, ends.length]).toEqual(["end() failed", 1]);
    }
  });

  it("must return what has an end, or nothing", async () => {
    const { ddfs } = await traced({ onOperation: (() => Promise.resolve()) as () => void });

    const error = await failure(ddfs.exists("x"));

    expect([error.code, error.message]).toEqual(["invalid-argument", expect.stringContaining("onOperation")]);
  });
});

/** A signal that knows how many listeners it has. */
function countedSignal(): { signal: AbortSignal; listeners: () => number } {
  const { signal } = new AbortController();
  const listeners = new Set<unknown>();
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (type: string, listener: EventListener, options?: AddEventListenerOptions) => {
    listeners.add(listener);
    addEventListener.call(signal, type, listener, options);
  };
  signal.removeEventListener = (type: string, listener: EventListener) => {
    listeners.delete(listener);
    removeEventListener.call(signal, type, listener);
  };
  return { signal, listeners: () => listeners.size };
}
