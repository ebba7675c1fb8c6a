import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { embedded } from "@ddfs/client/embedded";
import { numbered } from "../helpers/bytes.ts";
import { filesIn, handTimer, MASTER, said, stored, STORES, until } from "../helpers/embedded_stores.ts";

const OBJECT = "log$703-51719-576dd";
const PATH = "vol0/blob/0c/log$703-51719-576dd";

/** A body that gives some bytes and then does what it is told. */
function broken(then: (controller: ReadableStreamDefaultController<Uint8Array>) => void, cancelled = () => {}) {
  let pulls = 0;
  return new ReadableStream<Uint8Array>({
    pull: (controller) => pulls++ === 0 ? controller.enqueue(new Uint8Array(3)) : then(controller),
    cancel: cancelled,
  }, { highWaterMark: 0 });
}

for (const [name, use] of STORES) {
  describe(`blobs of an embedded DDFS (${name} store)`, () => {
    const put = (body: BodyInit, headers: HeadersInit = {}) => ({ method: "PUT", body, headers });

    it("come back byte for byte, whole and in part", () =>
      use(async (ddfs) => {
        const bytes = numbered(700_000);
        const url = await stored(ddfs, OBJECT, bytes);

        const whole = await (await ddfs.fetch(url)).bytes();
        const part = await (await ddfs.fetch(url, { headers: { Range: "bytes=262140-524300" } })).bytes();

        expect(whole).toEqual(bytes);
        expect(part).toEqual(bytes.subarray(262140, 524301));
      }));

    it("are not changed by who changes the bytes that were put or read", () =>
      use(async (ddfs) => {
        const chunk = new TextEncoder().encode("hello");
        const body = new ReadableStream({
          pull(controller) {
            controller.enqueue(chunk);
            controller.close();
          },
        });
        const url = await stored(ddfs, OBJECT, body);
        chunk.fill(0);
        for await (const read of (await ddfs.fetch(url)).body ?? []) read.fill(0);

        expect(await said(ddfs.fetch(url))).toEqual([200, "hello"]);
      }));

    it("are refused when the body is shorter than announced, and nothing stays", () =>
      use(async (ddfs, root) => {
        const answer = said(ddfs.fetch(`${MASTER}/ddfs/${OBJECT}`, put("abc", { "Content-Length": "10" })));

        expect(await answer).toEqual([500, `Write failed (path: ${PATH}): the body ended after 3 of 10 bytes`]);
        expect((await ddfs.fetch(`${MASTER}/ddfs/${PATH}`)).status).toBe(404);
        if (root !== undefined) expect(await filesIn(root)).toEqual([]);
      }));

    it("may be announced by the same length several times", () =>
      use(async (ddfs) => {
        const request = (length: string) =>
          ddfs.fetch(`${MASTER}/ddfs/${OBJECT}`, put("abc", { "Content-Length": length }));

        expect((await said(request("3, 4")))[1]).toContain('the Content-Length is no number: "3, 4"');
        expect((await said(request("3, 3")))[0]).toBe(201);
      }));

    it("are refused when they are encoded for their way alone: what arrives would be stored so", () =>
      use(async (ddfs, root) => {
        const encoded = put("abc", { "Transfer-Encoding": "gzip, chunked" });

        expect(await said(ddfs.fetch(`${MASTER}/ddfs/${OBJECT}`, encoded)))
          .toEqual([501, "Transfer-Encoding: send it chunked, or with a Content-Length"]);
        if (root !== undefined) expect(await filesIn(root)).toEqual([]);
        expect((await ddfs.fetch(`${MASTER}/ddfs/${OBJECT}`, put("abc", { "Transfer-Encoding": "chunked" }))).status)
          .toBe(201);
      }));

    it("are refused when the body breaks off, and nothing stays", () =>
      use(async (ddfs, root) => {
        const body = broken((controller) => controller.error(new Error("tag://secret@host/x")));

        const [status, text] = await said(ddfs.fetch(`${MASTER}/ddfs/${OBJECT}`, put(body)));

        expect([status, text]).toEqual([500, `Write failed (path: ${PATH}): the body broke off`]);
        if (root !== undefined) expect(await filesIn(root)).toEqual([]);
      }));

    it("are refused when no byte comes for too long, and the source is told", () => {
      const timer = handTimer();
      return use(async (ddfs, root) => {
        let cancelled = false;
        const body = broken(() => new Promise(() => {}), () => cancelled = true);

        const answer = said(ddfs.fetch(`${MASTER}/ddfs/${OBJECT}`, put(body)));
        await until(() => timer.waiting().includes(5000));
        timer.fire();

        expect(await answer).toEqual([500, `Write failed (path: ${PATH}): no byte came for 5000 ms`]);
        expect(cancelled).toBe(true);
        if (root !== undefined) expect(await filesIn(root)).toEqual([]);
      }, { after: timer.after, limits: { stall: 5000 } });
    });

    it("are refused when they are larger than the limit, however long they say they are", () =>
      use(async (ddfs) => {
        const body = () => new Blob(["123456"]).stream();

        const answer = said(ddfs.fetch(`${MASTER}/ddfs/${OBJECT}`, put(body())));

        expect(await answer).toEqual([500, `Write failed (path: ${PATH}): the body is larger than 5 bytes`]);
      }, { limits: { blobBody: 5 } }));

    it("are dropped when the request is aborted, which the caller's stream learns", () =>
      use(async (ddfs, root) => {
        const abort = new AbortController();
        let isRead = false;
        let cancelled = false;
        const body = broken(() => (isRead = true, new Promise(() => {})), () => cancelled = true);

        const answer = ddfs.fetch(`${MASTER}/ddfs/${OBJECT}`, { ...put(body), signal: abort.signal });
        await until(() => isRead);
        abort.abort(new Error("enough"));

        await expect(answer).rejects.toThrow("enough");
        await until(() => cancelled);
        if (root !== undefined) await until(async () => (await filesIn(root)).length === 0);
      }));

    it("of one name that are put at the same time: one is stored, whole, and the others are told", () =>
      use(async (ddfs) => {
        const bodies = ["a", "b", "c", "d"].map((letter) => letter.repeat(100_000));

        const answers = await Promise.all(
          bodies.map((body) => said(ddfs.fetch(`${MASTER}/ddfs/${OBJECT}`, put(body)))),
        );

        expect(answers.map(([status]) => status).sort()).toEqual([201, 500, 500, 500]);
        const winner = bodies[answers.findIndex(([status]) => status === 201)];
        expect(await said(ddfs.fetch(`${MASTER}/ddfs/${PATH}`))).toEqual([200, winner]);
      }));

    it("can be put again under a name whose first attempt failed", () =>
      use(async (ddfs) => {
        await ddfs.fetch(`${MASTER}/ddfs/${OBJECT}`, put("abc", { "Content-Length": "10" }));

        const again = await ddfs.fetch(`${MASTER}/ddfs/${OBJECT}`, put("abc"));

        expect(again.status).toBe(201);
      }));

    it("stop being read when the reader stops", () =>
      use(async (ddfs) => {
        const abort = new AbortController();
        const url = await stored(ddfs, OBJECT, new Uint8Array(1_000_000));
        const reader = (await ddfs.fetch(url, { signal: abort.signal })).body?.getReader();
        await reader?.read();

        abort.abort(new Error("enough"));

        await expect(reader?.read()).rejects.toThrow("enough");
      }));

    it("do not let a name lead out of the folder", () =>
      use(async (ddfs, root) => {
        const names = [
          "..%2f..%2fetc$1-2-3",
          "%2e%2e$1-2-3",
          "a%2fb$1-2-3",
          "a%00b$1-2-3",
          "+deleted$1-2-3",
          "$1-2-3",
          "a$",
        ];

        for (const name of names) {
          expect(await said(ddfs.fetch(`${MASTER}/ddfs/${name}`, put("x")))).toEqual([403, "Invalid blob name"]);
          expect((await ddfs.fetch(`${MASTER}/ddfs/vol0/blob/00/${name}`)).status).toBe(404);
        }
        if (root !== undefined) expect(await filesIn(root)).toEqual([]);
      }));

    it("are refused when their name makes no file's name", () =>
      use(async (ddfs) => {
        const [status, text] = await said(ddfs.fetch(`${MASTER}/ddfs/${"n".repeat(300)}$1-2-3`, put("x")));

        expect([status, text.replace(/\(.*\)/, "()")]).toEqual([500, "Opening file failed (): the name is too long"]);
      }));

    it("do not give away the files of tags, which hold the tokens", () =>
      use(async (ddfs) => {
        const [url] = await (await ddfs.fetch(`${MASTER}/ddfs/tag/secret`, {
          method: "POST",
          headers: { Authorization: `Basic ${btoa("token:T")}` },
          body: "[]",
        })).json();

        expect((await ddfs.fetch(url.replace("disco://localhost", MASTER))).status).toBe(404);
      }));

    it("never get the same name twice, even while the clock stands still or goes back", () => {
      let now = 1_000_000;
      return use(async (ddfs) => {
        const names: string[] = [];
        for (let i = 0; i < 50; i++) {
          now -= i % 3;
          const [url = ""] = await (await ddfs.fetch(`${MASTER}/ddfs/new_blob/log`)).json();
          names.push(url);
        }

        expect(new Set(names).size).toBe(50);
      }, { now: () => now });
    });
  });
}

describe("ranges that ask for more than the whole", () => {
  it("get the whole, once", async () => {
    const ddfs = embedded();
    const url = await stored(ddfs, "log$1-2-3", "0123456789");
    const ask = (ranges: readonly string[]) =>
      said(ddfs.fetch(url, { headers: { Range: `bytes=${ranges.join(",")}` } }));

    for (const many of [Array(1500).fill("0-"), ["0-9", "0-0"], ["-10", "5-"], Array(201).fill("0-0")]) {
      expect(await ask(many)).toEqual([200, "0123456789"]);
    }
    expect((await ask(["0-4", "5-9"]))[0]).toBe(206);
    expect((await ask(Array.from({ length: 10 }, (_, i) => `${i}-${i}`)))[0]).toBe(206);
    await ddfs.close();
  });
});
