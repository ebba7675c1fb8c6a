import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { type Embedded, embedded } from "@ddfs/client/embedded";
import { handTimer, MASTER, said, stored, STORES, toTag, urlsOf } from "../helpers/embedded_stores.ts";

const TAG = `${MASTER}/ddfs/tag/data`;
const CHANGED: [number, string] = [412, "The tag has changed."];

/** Every way to change a tag: its method, path below the tag, and body. */
const CHANGES: readonly (readonly [method: string, path: string, body?: unknown])[] = [
  ["POST", "", [["b"]]],
  ["POST", "?update=1", [["tag://b"]]],
  ["POST", "?delayed=1", [["b"]]],
  ["PUT", "", [["b"]]],
  ["PUT", "/ddfs:urls", [["b"]]],
  ["PUT", "/color", "red"],
  ["PUT", "/ddfs:read-token", "secret"],
  ["DELETE", ""],
  ["DELETE", "/kept"],
  ["DELETE", "/ddfs:urls"],
];

function change(
  ddfs: Embedded,
  [method, path, body]: (typeof CHANGES)[number],
  headers: Record<string, string>,
): Promise<Response> {
  return ddfs.fetch(TAG + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}

async function etag(ddfs: Embedded): Promise<string> {
  const answer = await ddfs.fetch(TAG);
  const { id } = await answer.json();
  expect(answer.headers.get("ETag")).toBe(`"${id}"`);
  return `"${id}"`;
}

/** A tag with a set and an attribute. */
async function tagged(ddfs: Embedded): Promise<string> {
  await toTag(ddfs, "POST", "data", [["a"]]);
  await toTag(ddfs, "PUT", "data/kept", "v");
  return await etag(ddfs);
}

for (const [name, use] of STORES) {
  describe(`the version that ranges are to be of (${name} store)`, () => {
    it("is told by If-Range: of another one the whole is given", () =>
      use(async (ddfs) => {
        const url = await stored(ddfs, "log$703-1-1", "0123456789");
        const { headers } = await ddfs.fetch(url, { method: "HEAD" });
        const modified = headers.get("Last-Modified") ?? "";
        const part = [206, "234"];
        const whole = [200, "0123456789"];
        const cases: readonly [version: string, answer: (string | number)[]][] = [
          ['"log$703-1-1"', part],
          ['W/"log$703-1-1"', whole],
          ['"log$703-1-2"', whole],
          [modified, part],
          [new Date(Date.parse(modified) + 1000).toUTCString(), whole],
          [new Date(Date.parse(modified) - 1000).toUTCString(), whole],
          ["yesterday", whole],
        ];

        for (const [version, answer] of cases) {
          const headers = { "If-Range": version, Range: "bytes=2-4" };

          expect([version, ...await said(ddfs.fetch(url, { headers }))]).toEqual([version, ...answer]);
        }
        // Ranges that would be refused are passed over, too.
        const beyond = { "If-Range": '"log$703-1-2"', Range: "bytes=11-12" };
        expect(await said(ddfs.fetch(url, { headers: beyond }))).toEqual(whole);
      }));

    it("is that of a tag, too", () =>
      use(async (ddfs) => {
        const version = await tagged(ddfs);
        const get = async (ifRange: string) => {
          const answer = await ddfs.fetch(TAG, { headers: { "If-Range": ifRange, Range: "bytes=0-3" } });
          await answer.body?.cancel();
          return answer.status;
        };

        expect([await get(version), await get('"other"')]).toEqual([206, 200]);
      }));
  });

  describe(`a tag's version as a condition (${name} store)`, () => {
    for (const each of CHANGES) {
      const title = `${each[0]} data${each[1]}`;

      it(`lets ${title} change the version that it names, and no later one`, () =>
        use(async (ddfs) => {
          const version = await tagged(ddfs);
          const first = await change(ddfs, each, { "If-Match": version });
          expect(first.status).toBe(200);
          // A deleted tag that begins anew, or one with a read token, is a later version, too.
          await toTag(ddfs, "DELETE", "data/ddfs:read-token");
          await toTag(ddfs, "POST", "data", [["c"]]);
          const before = await (await toTag(ddfs, "GET", "data")).text();

          expect(await said(change(ddfs, each, { "If-Match": version }))).toEqual(CHANGED);

          expect(await (await toTag(ddfs, "GET", "data")).text()).toBe(before);
        }));

      it(`refuses ${title} of a missing or deleted tag, which it does not make`, () =>
        use(async (ddfs) => {
          expect(await said(change(ddfs, each, { "If-Match": "*" }))).toEqual(CHANGED);
          const version = await tagged(ddfs);
          await toTag(ddfs, "DELETE", "data");

          expect(await said(change(ddfs, each, { "If-Match": version }))).toEqual(CHANGED);
          expect(await said(change(ddfs, each, { "If-Match": "*" }))).toEqual(CHANGED);

          expect((await toTag(ddfs, "GET", "data")).status).toBe(404);
        }));
    }

    it("may be any version, one of several, or none at all", () =>
      use(async (ddfs) => {
        const [post] = CHANGES as [(typeof CHANGES)[number]];
        const version = await tagged(ddfs);

        expect((await change(ddfs, post, { "If-None-Match": "*" })).status).toBe(412);
        expect((await change(ddfs, post, { "If-None-Match": `"x", ${version}` })).status).toBe(412);
        expect((await change(ddfs, post, { "If-Match": `W/${version}` })).status).toBe(412);
        expect((await change(ddfs, post, { "If-Match": "data" })).status).toBe(412);
        expect(await urlsOf(ddfs, "data")).toEqual([["a"]]);

        expect((await change(ddfs, post, { "If-Match": `"x", ${version}` })).status).toBe(200);
        expect((await change(ddfs, post, { "If-Match": "*" })).status).toBe(200);
        await toTag(ddfs, "DELETE", "data");
        expect((await change(ddfs, post, { "If-None-Match": "*" })).status).toBe(200);
      }));

    it("lets one of many writers win, whatever they do", () =>
      use(async (ddfs) => {
        const version = await tagged(ddfs);

        const answers = await Promise.all(CHANGES.map((each) => change(ddfs, each, { "If-Match": version })));

        expect(answers.filter(({ status }) => status === 200).length).toBe(1);
        expect(answers.filter(({ status }) => status === 412).length).toBe(CHANGES.length - 1);
      }));

    it("makes a counter of a tag that loses nothing, with writers that try again", () =>
      use(async (ddfs) => {
        await toTag(ddfs, "PUT", "data/count", "0");
        async function add(): Promise<void> {
          for (;;) {
            const answer = await toTag(ddfs, "GET", "data/count");
            const version = answer.headers.get("ETag") ?? "";
            const count = String(Number(await answer.json()) + 1);
            if ((await change(ddfs, ["PUT", "/count", count], { "If-Match": version })).ok) return;
          }
        }

        await Promise.all(Array.from({ length: 8 }, add));

        expect(await (await toTag(ddfs, "GET", "data/count")).json()).toBe("8");
      }));

    it("is known from the answer to a change, too", () =>
      use(async (ddfs) => {
        const answer = await toTag(ddfs, "POST", "data", [["a"]]);
        const version = answer.headers.get("ETag") ?? "";

        expect(version).toBe(await etag(ddfs));
        expect((await change(ddfs, ["PUT", "", []], { "If-Match": version })).status).toBe(200);
      }));

    it("counts appends that are delayed, and makes one with a condition wait for nothing", () => {
      const timer = handTimer();
      return use(async (ddfs) => {
        const version = await tagged(ddfs);
        const delayed = toTag(ddfs, "POST", "data?delayed=1", [["late"]]);

        expect(await said(change(ddfs, ["POST", "?delayed=1", [["b"]]], { "If-Match": version }))).toEqual(CHANGED);

        expect((await delayed).status).toBe(200);
        expect(await urlsOf(ddfs, "data")).toEqual([["late"], ["a"]]);
      }, { after: timer.after });
    });

    it("tells those without the token nothing but that they lack it", () =>
      use(async (ddfs) => {
        await toTag(ddfs, "POST", "data", [["a"]], "secret");
        for (const each of CHANGES) {
          expect((await change(ddfs, each, { "If-Match": '"x"' })).status).toBe(401);
          expect((await change(ddfs, each, { "If-None-Match": "*" })).status).toBe(401);
        }
        expect((await ddfs.fetch(TAG, { headers: { "If-None-Match": "*" } })).status).toBe(401);
      }));

    it("spares those who have it already a download", () =>
      use(async (ddfs) => {
        const version = await tagged(ddfs);
        const ask = (path: string, list: string) => ddfs.fetch(TAG + path, { headers: { "If-None-Match": list } });

        const answer = await ask("", `"x", W/${version}`);

        expect([answer.status, answer.headers.get("ETag"), await answer.text()]).toEqual([304, version, ""]);
        expect((await ask("/kept", version)).status).toBe(304);
        expect((await ask("/missing", "*")).status).toBe(404);
        expect((await ask("", '"x"')).status).toBe(200);
      }));
  });

  describe(`a blob that was read before (${name} store)`, () => {
    it("never has to be read again, nor asked for", () => {
      const now = Date.UTC(2026, 10, 22, 7, 46, 35);
      return use(async (ddfs, root) => {
        const url = await stored(ddfs, "log$1-2-3", "0123456789");
        const ask = (headers: Record<string, string>, method = "GET") => ddfs.fetch(url, { method, headers });
        const expected = {
          "etag": '"log$1-2-3"',
          "cache-control": "public, max-age=31536000, immutable",
          "last-modified": root === undefined ? "Sun, 22 Nov 2026 07:46:35 GMT" : expect.stringMatching(/ GMT$/),
        };

        for (
          const [headers, method, status] of [
            [{}, "GET", 200],
            [{}, "HEAD", 200],
            [{ Range: "bytes=1-2" }, "GET", 206],
            [{ Range: "bytes=1-2,4-5" }, "GET", 206],
            [{ "If-None-Match": '"log$1-2-3"' }, "GET", 304],
            [{ "If-None-Match": "*", "Range": "bytes=1-2" }, "GET", 304],
          ] as const
        ) {
          const answer = await ask(headers, method);
          expect(answer.status).toBe(status);
          expect(Object.fromEntries(answer.headers)).toMatchObject(expected);
          if (status === 304) expect(await answer.text()).toBe("");
          else await answer.body?.cancel();
        }
        expect((await ask({ "If-None-Match": '"log$1-2-4"' })).status).toBe(200);
        expect((await ddfs.fetch(`${url}9`, { headers: { "If-None-Match": "*" } })).status).toBe(404);
      }, { now: () => now });
    });
  });
}

describe("where a new blob is to be put", () => {
  it("says that connections are kept", async () => {
    const ddfs = embedded();

    const answer = await ddfs.fetch(`${MASTER}/ddfs/new_blob/log`);

    expect(answer.headers.get("DDFS-Connections")).toBe("kept");
    await ddfs.close();
  });
});
