import { describe, it } from "@std/testing/bdd";
import { DDFS, type DDFSEvent, type DDFSOptions, type DiscoError, type Replicas } from "../../mod.ts";
import { embedded } from "../../lib/embedded/mod.ts";
import { expect } from "../helpers/expect.ts";
import { idleClock } from "../helpers/fakes.ts";

type Answer = (request: Request, pass: () => Promise<Response>) => Response | Promise<Response>;

/** Two nodes, a way to answer in their place, and a note of every URL that they said they stored. */
function setUp(answer: Answer = (_, pass) => pass(), options: DDFSOptions = {}) {
  const store = embedded({ nodes: ["node1", "node2"], replicas: 2 });
  const stored = new Set<string>();
  const sent: string[] = [];
  const events: DDFSEvent[] = [];
  const ddfs = new DDFS("disco://node1", {
    ...{ settings: {}, random: () => 0.5, clock: idleClock(), retry: { tries: 3 }, ...options },
    onEvent: (event) => events.push(event),
    fetch: async (request) => {
      const response = await answer(request, () => store.fetch(request));
      const isBlob = request.method === "PUT" && !request.url.includes("/ddfs/tag/");
      if (isBlob) sent.push(new URL(request.url).pathname.replace(/^.*\/|\$.*$/g, ""));
      if (isBlob && response.ok) stored.add(await response.clone().json());
      return response;
    },
  });
  return { store, ddfs, stored, sent, events };
}

const isBlobPut = ({ method, url }: Request) => method === "PUT" && !url.includes("/ddfs/tag/");
const isAppend = ({ method }: Request) => method === "POST";
const named = (count: number): [Blob, string][] =>
  Array.from({ length: count }, (_, i) => [new Blob([`content ${i}`]), `blob${i}`]);
const failed = (promise: Promise<unknown>) =>
  promise.then(() => {
    throw new Error("it succeeded");
  }, (error: DiscoError) => error);
const urlsOf = (sets: readonly Replicas[] | undefined) => new Set(sets?.flat());

describe("what a failed push() leaves behind", () => {
  it("is named where a node takes nothing: blobs that were placed anew, too", async () => {
    const { ddfs, stored } = setUp((request, pass) =>
      isBlobPut(request) && new URL(request.url).hostname === "node2"
        ? new Response("disk full", { status: 500 })
        : pass()
    );

    const error = await failed(ddfs.push("data:x", named(2), { retries: 3 }));

    expect(error.code).toBe("too-few-replicas");
    expect(stored.size).toBeGreaterThan(2);
    expect(urlsOf(error.leftBehind)).toEqual(stored);
  });

  it("is named in full where it is more than a message shows", async () => {
    let puts = 0;
    const { ddfs, stored } = setUp(async (request, pass) => {
      if (!isBlobPut(request) || ++puts <= 30) return await pass();
      // What others have stored is known by then.
      await new Promise((resolve) => setTimeout(resolve, 20));
      return new Response("disk full", { status: 500 });
    });

    const error = await failed(ddfs.push("data:x", named(40), { replicas: 1, retries: 0 }));

    expect(stored.size).toBe(30);
    expect(urlsOf(error.leftBehind)).toEqual(stored);
    expect(error.message).toContain("and 20 more");
  });

  it("is named where the tag is refused", async () => {
    const { ddfs, stored } = setUp((request, pass) =>
      isAppend(request) ? new Response("Incorrect or missing token.", { status: 401 }) : pass()
    );

    const error = await failed(ddfs.push("data:x", named(1)));

    expect(error.code).toBe("unauthorized");
    expect(urlsOf(error.leftBehind)).toEqual(stored);
    expect(error.unconfirmed).toBe(undefined);
  });

  it("is told apart from what may be in the tag, where the master's answers are lost", async () => {
    const { ddfs, store, stored } = setUp(async (request, pass) => {
      if (!request.url.includes("/ddfs/tag/")) return await pass();
      if (isAppend(request)) await pass();
      throw new TypeError("connection reset");
    });

    const error = await failed(ddfs.push("data:x", named(1)));

    expect(urlsOf(error.unconfirmed)).toEqual(stored);
    expect(error.leftBehind).toBe(undefined);
    const own = new DDFS(store.master, { settings: {}, fetch: store.fetch });
    expect((await own.urls("data:x")).length).toBe(1);
  });

  it("is told by an event where the signal's own reason is thrown", async () => {
    const abort = new AbortController();
    const reason = new Error("enough");
    let answered = 0;
    const { ddfs, stored, events } = setUp(async (request, pass) => {
      const response = await pass();
      if (isBlobPut(request) && ++answered === 10) abort.abort(reason);
      return response;
    });

    const error = await failed(ddfs.push("data:x", named(20), { replicas: 1, signal: abort.signal }));

    expect(error).toBe(reason);
    const told = events.filter(({ type }) => type === "left-behind");
    expect(told.length).toBe(1);
    // A request that was under way when the signal came may have stored its blob without an answer that anybody waits for.
    for (const url of urlsOf(told[0]?.replicas)) expect([...stored]).toContain(url);
    expect(told[0]?.replicas?.length).toBeGreaterThanOrEqual(2);
  });

  it("is told by an event where a blob was placed anew, and all went well", async () => {
    let refused = 0;
    const { ddfs, stored, events } = setUp((request, pass) =>
      isBlobPut(request) && new URL(request.url).hostname === "node2" && refused++ === 0
        ? new Response("disk full", { status: 500 })
        : pass()
    );

    const { blobs } = await ddfs.push("data:x", named(1));

    const left = events.filter(({ type }) => type === "left-behind").flatMap(({ replicas = [] }) => replicas);
    expect(new Set([...blobs.flat(), ...left.flat()])).toEqual(stored);
    expect(left.length).toBe(1);
  });
});

describe("push() of a stream", () => {
  it("fails at once where there are too few nodes, and cancels it, although it never ends", async () => {
    const { ddfs } = setUp();
    let isCancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(1000)),
      cancel: () => void (isCancelled = true),
    }, { highWaterMark: 0 });

    const error = await failed(ddfs.push("data:x", [[endless, "endless"]], { replicas: 5 }));

    expect(error.code).toBe("too-few-replicas");
    expect(isCancelled).toBe(true);
  });
});

describe("push() and chunk() with update", () => {
  it("upload nothing that the tag has, and give what it holds", async () => {
    const { ddfs, sent } = setUp();
    const before = await ddfs.push("data:x", named(2));
    sent.length = 0;

    const { blobs, kept } = await ddfs.push("data:x", named(3), { update: true, replicas: 1 });

    expect(sent).toEqual(["blob2"]);
    expect(kept).toEqual(["blob0", "blob1"]);
    expect(blobs.slice(0, 2)).toEqual(before.blobs);
    expect((await ddfs.urls("data:x")).length).toBe(3);
  });

  it("upload no chunk that the tag has", async () => {
    const { ddfs, sent } = setUp();
    await ddfs.chunk("data:x", [[new Blob(["one\n"]), "lines"]]);
    sent.length = 0;

    const { kept } = await ddfs.chunk("data:x", [[new Blob(["one\n"]), "lines"]], { update: true });

    expect([sent, kept]).toEqual([[], ["lines-0"]]);
  });

  it("give what the tag holds when somebody else was faster", async () => {
    let isFirst = true;
    const { store, ddfs, events } = setUp(async (request, pass) => {
      if (isAppend(request) && isFirst) {
        isFirst = false;
        await rival.push("data:x", [[new Blob(["theirs"]), "blob0"]]);
      }
      return await pass();
    });
    const rival = new DDFS("disco://node1", { settings: {}, fetch: store.fetch });

    const { blobs, kept } = await ddfs.push("data:x", named(1), { update: true });

    expect(kept).toEqual(["blob0"]);
    expect(blobs).toEqual(await rival.urls("data:x"));
    expect(events.map(({ type }) => type)).toContain("left-behind");
  });

  it("cancel a stream whose name the tag has", async () => {
    const { ddfs } = setUp();
    await ddfs.push("data:x", named(1));
    let isCancelled = false;
    const stream = new ReadableStream<Uint8Array>({ cancel: () => void (isCancelled = true) });

    await ddfs.push("data:x", [[stream, "blob0"]], { update: true });

    expect(isCancelled).toBe(true);
  });
});
