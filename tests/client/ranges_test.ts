import { describe, it } from "@std/testing/bdd";
import { embedded } from "../../lib/embedded/mod.ts";
import { DDFS, type PulledBlob } from "../../mod.ts";
import { expect } from "../helpers/expect.ts";
import { all, failure } from "../helpers/fakes.ts";

type Fetch = (request: Request) => Promise<Response>;

/** A client of two nodes that has stored a blob on both, and the ranges that were asked for. */
async function stored(text: string, wrap: (fetch: Fetch) => Fetch = (fetch) => fetch) {
  const { fetch, master } = embedded({ nodes: 2, replicas: 2 });
  const ranges: (string | null)[] = [];
  const wrapped = wrap(fetch);
  const ddfs = new DDFS(master, {
    settings: {},
    random: () => 0,
    hedgeAfter: 0,
    fetch: (request) => {
      if (request.method === "GET" && request.url.includes("/blob/")) ranges.push(request.headers.get("range"));
      return wrapped(request);
    },
  });
  await ddfs.push("data:x", [[new Blob([text]), "x"]]);
  return { ddfs, ranges };
}

async function pulled(ddfs: DDFS, range?: { start?: number; end?: number }): Promise<PulledBlob> {
  const [blob] = await all(ddfs.pull("data:x", undefined, { range }));
  if (blob === undefined) throw new Error("there is no blob");
  return blob;
}

/** Breaks off the first answer of a blob after some bytes. */
function cutAfter(bytes: number): (fetch: Fetch) => Fetch {
  let isCut = false;
  return (fetch) => async (request) => {
    const response = await fetch(request);
    if (isCut || request.method !== "GET" || !request.url.includes("/blob/")) return response;
    isCut = true;
    const whole = new Uint8Array(await response.arrayBuffer());
    let isSent = false;
    const body = new ReadableStream({
      pull(controller) {
        if (isSent) return controller.error(new TypeError("reset"));
        isSent = true;
        controller.enqueue(whole.slice(0, bytes));
      },
    }, { highWaterMark: 0 });
    return new Response(body, response);
  };
}

describe("a range", () => {
  it("of pull() is all that is asked for and read", async () => {
    const { ddfs, ranges } = await stored("0123456789");

    for await (const blob of ddfs.pull("data:x", undefined, { range: { start: 2, end: 5 } })) {
      expect([blob.size, await blob.text()]).toEqual([3, "234"]);
    }

    expect(ranges).toEqual(["bytes=2-4"]);
  });

  it("of a blob is read as bytes, text, a stream and a response", async () => {
    const { ddfs } = await stored("0123456789");
    const blob = await pulled(ddfs);

    const range = { start: 7 };
    const response = blob.response({ range });
    expect([response.status, response.headers.get("content-range")]).toEqual([206, "bytes 7-9/10"]);
    expect([await response.text(), await blob.text({ range }), (await blob.bytes({ range })).length]).toEqual([
      "789",
      "789",
      3,
    ]);
    expect(await new Response(blob.stream({ range: { end: 1 } })).text()).toBe("0");
    expect(await blob.text()).toBe("0123456789");
  });

  it("counts from the beginning of a part, and ends where that does", async () => {
    const { ddfs } = await stored("0123456789");
    const part = (await pulled(ddfs)).slice(2, 8).slice(1);

    const texts = [
      part.text(),
      part.text({ range: { start: 1, end: 3 } }),
      part.text({ range: { start: 4, end: 99 } }),
    ];

    expect([part.size, await Promise.all(texts)]).toEqual([5, ["34567", "45", "7"]]);
  });

  it("that is empty, or past the end, has no bytes", async () => {
    const { ddfs } = await stored("0123456789");
    const blob = await pulled(ddfs, { start: 3, end: 3 });

    expect([blob.size, await blob.text()]).toEqual([0, ""]);
    expect(await (await pulled(ddfs)).slice(20).text()).toBe("");
  });

  for (const range of [{ start: 10, end: 12 }, { start: 20, end: 25 }, { start: 10 }, { start: 20 }, { end: 0 }]) {
    it(`that has no bytes is no error: ${JSON.stringify(range)}`, async () => {
      const { ddfs, ranges } = await stored("0123456789");

      const blob = await pulled(ddfs, range);

      expect([blob.size, await blob.text()]).toEqual([0, ""]);
      expect([...new Set(ranges)]).toEqual([
        range.end === 0 ? "bytes=0-0" : `bytes=${range.start}-${range.end ? range.end - 1 : ""}`,
      ]);
    });
  }

  it("of an empty blob has no bytes", async () => {
    const { ddfs } = await stored("");

    const texts = [{ end: 10 }, { start: 0, end: 1 }, { start: 3, end: 5 }].map(async (range) =>
      await (await pulled(ddfs, range)).text()
    );

    expect(await Promise.all(texts)).toEqual(["", "", ""]);
    expect((await pulled(ddfs)).response().status).toBe(200);
  });

  it("past the end has no bytes on a server that answers 416", async () => {
    const { ddfs } = await stored("0123456789", (fetch) => (request) => {
      const from = Number(/bytes=(\d+)/.exec(request.headers.get("range") ?? "")?.[1] ?? 0);
      return from < 10 ? fetch(request) : Promise.resolve(new Response("no such part", { status: 416 }));
    });

    expect([await (await pulled(ddfs, { start: 10 })).text(), (await pulled(ddfs, { start: 3 })).size]).toEqual([
      "",
      7,
    ]);
  });

  it("that is refused is an error", async () => {
    const { ddfs } = await stored(
      "0123456789",
      (fetch) => (request) =>
        request.headers.has("range") ? Promise.resolve(new Response("no", { status: 403 })) : fetch(request),
    );

    expect((await failure(pulled(ddfs, { start: 3, end: 5 }))).code).toBe("forbidden");
  });

  it("goes on with another replica where one broke off", async () => {
    const { ddfs, ranges } = await stored("0123456789", cutAfter(2));

    for await (const blob of ddfs.pull("data:x", undefined, { range: { start: 3, end: 8 } })) {
      expect(await blob.text()).toBe("34567");
    }

    expect(ranges).toEqual(["bytes=3-7", "bytes=5-7"]);
  });

  it("is cut out of what a server gives that knows no ranges", async () => {
    const whole: (fetch: Fetch) => Fetch = (fetch) => (request) =>
      fetch(request.headers.has("range") ? new Request(request.url) : request);
    const { ddfs } = await stored("0123456789", whole);

    expect(await (await pulled(ddfs)).slice(3, 6).text()).toBe("345");
    for await (const blob of ddfs.pull("data:x", undefined, { range: { start: 3, end: 6 } })) {
      expect(await blob.text()).toBe("345");
    }
  });

  it("is checked", async () => {
    const { ddfs } = await stored("0123456789");
    const blob = await pulled(ddfs);

    expect((await failure(all(ddfs.pull("data:x", undefined, { range: { start: -1 } })))).message).toContain(
      "Invalid start -1",
    );
    expect((await failure(blob.bytes({ range: { from: 1 } as object }))).message).toContain('"from"');
    expect((await failure(blob.bytes({ start: 1 } as object))).message).toContain('"start"');
  });
});

describe("lines() of a blob", () => {
  it("keep their newlines, however the text comes in parts", async () => {
    const text = "one\n\nthrée\r\n" + "x".repeat(100_000) + "\nlast";
    const { ddfs } = await stored(text);

    const lines = await all((await pulled(ddfs)).lines());

    expect(lines.map((line) => line.length)).toEqual([4, 1, 7, 100_001, 4]);
    expect(lines.join("")).toBe(text);
  });
});

describe("pull() of a missing tag", () => {
  it("is an error, where a missing link in it is not", async () => {
    const { ddfs } = await stored("x");
    await ddfs.tag("data:links", ["data:none", "data:x"]);

    expect((await failure(all(ddfs.pull("data:none")))).code).toBe("not-found");
    expect((await all(ddfs.pull("data:links"))).length).toBe(1);
    expect(await all(ddfs.blobs("data:none"))).toEqual([]);
  });
});

describe("a resource that changes while it is read", () => {
  /** Serves a text that is cut once, and another version after that. */
  function changing(versions: readonly [Record<string, string>, Record<string, string>], honoursRange = true) {
    const { fetch, master } = embedded();
    let asked = 0;
    const conditions: (string | null)[] = [];
    const ddfs = new DDFS(master, {
      settings: {},
      random: () => 0,
      fetch: (request) => {
        if (!request.url.startsWith("http://web/")) return fetch(request);
        const isFirst = asked++ === 0;
        conditions.push(request.headers.get("if-range"));
        const text = new TextEncoder().encode((isFirst ? "old\n" : "new\n").repeat(50_000));
        const [, from] = /bytes=(\d+)-/.exec(request.headers.get("range") ?? "") ?? [];
        const start = honoursRange ? Number(from ?? 0) : 0;
        let at = start;
        const body = new ReadableStream<Uint8Array>({
          pull(controller) {
            if (isFirst && at > 100_000) return controller.error(new TypeError("cut"));
            if (at >= text.length) return controller.close();
            controller.enqueue(text.subarray(at, at += 40_000));
          },
        }, { highWaterMark: 0 });
        const range: Record<string, string> = start > 0 ? { "content-range": `bytes ${start}-199999/200000` } : {};
        const headers = { ...versions[isFirst ? 0 : 1], ...range };
        return Promise.resolve(new Response(body, { status: start > 0 ? 206 : 200, headers }));
      },
    });
    return { ddfs, conditions };
  }

  const changed: Record<string, [Record<string, string>, Record<string, string>]> = {
    "by its ETag": [{ etag: '"1"' }, { etag: '"2"' }],
    "by its weak ETag": [{ etag: 'W/"1"' }, { etag: 'W/"2"' }],
    "by its date": [{ "last-modified": "Mon, 01 Jan 2024 00:00:00 GMT" }, {
      "last-modified": "Tue, 02 Jan 2024 00:00:00 GMT",
    }],
  };
  for (const [how, versions] of Object.entries(changed)) {
    for (const honoursRange of [true, false]) {
      it(`is an error that names it, and no version is joined to another: ${how}, ranges ${honoursRange}`, async () => {
        const { ddfs, conditions } = changing(versions, honoursRange);

        const error = await failure(ddfs.chunk("data:x", ["http://web/log"], { workers: 0 }));

        expect([error.code, error.url]).toEqual(["source-failed", "http://web/log"]);
        expect(error.message).toContain("it changed meanwhile");
        expect(await ddfs.exists("data:x")).toBe(false);
        expect(conditions[1]).toBe(how === "by its weak ETag" ? null : Object.values(versions[0])[0]);
      });
    }
  }

  it("is read on where its version is the same, or its server names none", async () => {
    for (const version of [{ etag: '"1"' }, {}] as Record<string, string>[]) {
      const { ddfs } = changing([version, version]);

      await ddfs.chunk("data:x", ["http://web/log"], { workers: 0 });

      expect((await all(ddfs.recordBatches("data:x"))).flat().length).toBe(50_000);
    }
  });
});

describe("open()", () => {
  it("gives the part that is wanted, and asks for no more", async () => {
    const { ddfs, ranges } = await stored("0123456789");
    const [replicas = []] = (await all(ddfs.blobs("data:x"))).flat();

    const blob = await ddfs.open(replicas, { range: { start: 2, end: 5 } });

    expect([await blob.text(), blob.size, ranges]).toEqual(["234", 3, ["bytes=2-4"]]);
  });

  it("is ended by its signal while its first answer is read", async () => {
    const reasons: unknown[] = [];
    const { ddfs } = await stored("0123456789", (fetch) => async (request) => {
      const answer = await fetch(request);
      if (request.method !== "GET" || !request.url.includes("/blob/")) return answer;
      const stuck = new ReadableStream({
        start: (controller) => controller.enqueue(new Uint8Array(1)),
        cancel: (reason) => void reasons.push(reason),
      });
      return new Response(stuck, answer);
    });
    const [replicas = []] = (await all(ddfs.blobs("data:x"))).flat();
    const stop = new AbortController();

    const reading = failure((await ddfs.open(replicas, { signal: stop.signal })).bytes());
    const reason = new Error("enough");
    stop.abort(reason);

    expect([await reading, reasons]).toEqual([reason, [reason]]);
  });
});
