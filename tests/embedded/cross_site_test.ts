import { describe, it } from "@std/testing/bdd";
import { type Embedded, embedded, type EmbeddedOptions } from "@ddfs/client/embedded";
import { MASTER, said, STORES, toTag } from "../helpers/embedded_stores.ts";
import { expect } from "../helpers/expect.ts";

const REFUSED: [number, string] = [403, "Pages of other sites may not change anything here."];

/** All that changes something or makes work, as a page can send it without asking first. */
const CHANGES: readonly (readonly [method: string, path: string, body?: string])[] = [
  ["POST", "/ddfs/tag/victim", '[["http://evil.example/x"]]'],
  ["POST", "/ddfs/tag/victim?update=1&delayed=1", '[["tag://x"]]'],
  ["PUT", "/ddfs/tag/victim", "[]"],
  ["PUT", "/ddfs/tag/victim/color", '"red"'],
  ["DELETE", "/ddfs/tag/victim"],
  ["DELETE", "/ddfs/tag/victim/kept"],
  ["PUT", "/ddfs/log$1-2-3", "blob"],
  ["PUT", "/proxy/localhost/PUT/ddfs/log$1-2-3", "blob"],
  ["GET", "/ddfs/new_blob/log"],
  ["POST", "/disco/ctrl/blacklist", '"127.0.0.1"'],
  ["POST", "/disco/ctrl/whitelist", '"127.0.0.1"'],
  ["POST", "/disco/ctrl/gc_blacklist", '"127.0.0.1"'],
  ["POST", "/disco/ctrl/gc_whitelist", '"127.0.0.1"'],
  ["POST", "/ddfs/ctrl/hosted_tags", '"127.0.0.1"'],
  ["GET", "/ddfs/ctrl/gc_start"],
];

const READS = ["/ddfs/tag/victim", "/ddfs/tags", "/disco/version", "/disco/ctrl/nodeinfo", "/ddfs/ctrl/gc_status"];

async function using(options: EmbeddedOptions, task: (ddfs: Embedded) => Promise<void>): Promise<void> {
  const ddfs = embedded(options);
  await toTag(ddfs, "POST", "victim", [["a"]]);
  await toTag(ddfs, "PUT", "victim/kept", "v");
  await task(ddfs);
  await ddfs.close();
}

/** Sends all changes, and gives those that were refused for their origin. */
async function refused(ddfs: Embedded, headers: Record<string, string>, master = MASTER): Promise<string[]> {
  const names: string[] = [];
  for (const [method, path, body] of CHANGES) {
    const all = { ...headers, "Content-Type": "text/plain" };
    const answer = await said(
      ddfs.fetch(master + path, { method, headers: all, ...(body === undefined ? {} : { body }) }),
    );
    if (answer[1] === REFUSED[1]) names.push(`${method} ${path}`);
  }
  return names;
}

const ALL = CHANGES.map(([method, path]) => `${method} ${path}`);

for (const [name, use] of STORES) {
  describe(`a page of another site (${name} store)`, () => {
    it("changes nothing", () =>
      use(async (ddfs) => {
        await toTag(ddfs, "POST", "victim", [["a"]]);
        await toTag(ddfs, "PUT", "victim/kept", "v");
        const state = async () => [
          await (await toTag(ddfs, "GET", "victim")).text(),
          await (await ddfs.fetch(`${MASTER}/ddfs/tags`)).json(),
          await (await ddfs.fetch(`${MASTER}/disco/ctrl/get_blacklist`)).json(),
          await (await ddfs.fetch(`${MASTER}/ddfs/ctrl/gc_status`)).json(),
          await (await ddfs.fetch(`${MASTER}/ddfs/ctrl/gc_stats`)).json(),
        ];
        const before = await state();

        for (const [method, path, body] of CHANGES) {
          const init = { method, headers: { Origin: "https://evil.example" }, ...(body === undefined ? {} : { body }) };
          expect([method, path, await said(ddfs.fetch(MASTER + path, init))]).toEqual([method, path, REFUSED]);
        }

        expect(await state()).toEqual(before);
      }));
  });
}

describe("where a request comes from", () => {
  it("is another site with any origin that is neither the host's nor allowed, null too", () =>
    using({}, async (ddfs) => {
      const others = [
        "null",
        "https://evil.example",
        "http://localhost",
        "http://localhost:1",
        "http://localhost:8989.evil",
      ];
      for (const origin of [...others, "http://evil.localhost:8989", "file://", "about:blank", "", "x"]) {
        expect([origin, await refused(ddfs, { Origin: origin })]).toEqual([origin, ALL]);
      }
    }));

  it("is another site without an origin, too, where a browser says so: images, links, forms that GET", () =>
    using({}, async (ddfs) => {
      expect(await refused(ddfs, { "Sec-Fetch-Site": "cross-site" })).toEqual(ALL);
      expect(await refused(ddfs, { "Sec-Fetch-Site": "same-site" })).toEqual(ALL);
      expect(await refused(ddfs, { "Sec-Fetch-Site": "none" })).toEqual([]);
      expect(await refused(ddfs, { "Sec-Fetch-Site": "same-origin" })).toEqual([]);
    }));

  it("is the host itself, or a program", () =>
    using({}, async (ddfs) => {
      expect(await refused(ddfs, {})).toEqual([]);
      expect(await refused(ddfs, { Origin: "http://localhost:8989" })).toEqual([]);
      // Whoever ends TLS in front leaves the scheme to be guessed.
      expect(await refused(ddfs, { Origin: "https://ddfs.example.org" }, "http://ddfs.example.org")).toEqual([]);
    }));

  it("is another site where it is asked by https, and the page came by http: anybody on the way can write that page", async () => {
    const [secure, origin] = ["https://ddfs.example.org", "http://ddfs.example.org"];
    await using({}, async (ddfs) => {
      expect(await refused(ddfs, { Origin: origin }, secure)).toEqual(ALL);
      expect(await refused(ddfs, { Origin: secure }, secure)).toEqual([]);
    });
    await using({ trustProxy: "x-forwarded" }, async (ddfs) => {
      const forwarded = { "X-Forwarded-Host": "ddfs.example.org", "X-Forwarded-Proto": "https" };
      expect(await refused(ddfs, { ...forwarded, Origin: origin })).toEqual(ALL);
      expect(await refused(ddfs, { ...forwarded, Origin: secure })).toEqual([]);
      expect(await refused(ddfs, { ...forwarded, "Origin": origin, "X-Forwarded-Proto": "http" })).toEqual([]);
    });
    await using({ cors: origin }, async (ddfs) => {
      expect(await refused(ddfs, { Origin: origin }, secure)).toEqual([]);
    });
  });

  it("is one that cors allows", async () => {
    await using({ cors: true }, async (ddfs) => {
      expect(await refused(ddfs, { Origin: "https://any.example" })).toEqual([]);
      expect(await refused(ddfs, { "Origin": "null", "Sec-Fetch-Site": "cross-site" })).toEqual([]);
    });
    await using({ cors: ["https://a.org", "https://b.org"] }, async (ddfs) => {
      expect(await refused(ddfs, { "Origin": "https://b.org", "Sec-Fetch-Site": "cross-site" })).toEqual([]);
      expect(await refused(ddfs, { Origin: "https://c.org" })).toEqual(ALL);
      expect(await refused(ddfs, { Origin: "http://localhost:8989" })).toEqual([]);
    });
  });

  it("is of no matter to what is read", () =>
    using({}, async (ddfs) => {
      for (const path of READS) {
        const answer = await ddfs.fetch(MASTER + path, { headers: { Origin: "https://evil.example" } });
        expect([path, answer.status]).toEqual([path, 200]);
      }
    }));
});

describe("the admin's token", () => {
  const ask = (ddfs: Embedded, [method, path, body]: (typeof CHANGES)[number], token?: string) =>
    said(ddfs.fetch(MASTER + path, {
      method,
      headers: token === undefined ? {} : { Authorization: `Basic ${btoa(`token:${token}`)}` },
      ...(body === undefined ? {} : { body }),
    }));
  const controls = CHANGES.filter(([, path]) => path.includes("/ctrl/"));

  it("is needed for the control calls that change something or read every tag", () =>
    using({ nodes: ["127.0.0.1"], adminToken: "secret" }, async (ddfs) => {
      for (const call of controls) {
        expect(await ask(ddfs, call)).toEqual([401, "Incorrect or missing token."]);
        expect(await ask(ddfs, call, "wrong")).toEqual([401, "Incorrect or missing token."]);
        expect((await ask(ddfs, call, "secret"))[0]).toBe(200);
      }
    }));

  it("is not needed for others, nor where there is none", async () => {
    await using({ nodes: ["127.0.0.1"], adminToken: "secret" }, async (ddfs) => {
      for (const path of READS) expect((await ask(ddfs, ["GET", path]))[0]).toBe(200);
    });
    await using({ nodes: ["127.0.0.1"] }, async (ddfs) => {
      for (const call of controls) expect((await ask(ddfs, call))[0]).toBe(200);
    });
  });
});
