import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { handTimer, MASTER, said, settled, STORES, toTag, urlsOf } from "../helpers/embedded_stores.ts";

for (const [name, use] of STORES) {
  describe(`tags of an embedded DDFS (${name} store)`, () => {
    it("keep every set of appends that come at the same time", () =>
      use(async (ddfs) => {
        const sets = Array.from({ length: 60 }, (_, i) => [`disco://a/${i}`]);

        const answers = await Promise.all(sets.map((set) => toTag(ddfs, "POST", "data", [set])));

        expect(answers.every(({ ok }) => ok)).toBe(true);
        expect((await urlsOf(ddfs, "data")).sort()).toEqual(sets.sort());
      }));

    it("keep every set of delayed appends, in one version, answered when the delay is over", () => {
      const timer = handTimer();
      return use(async (ddfs) => {
        await toTag(ddfs, "POST", "data", [["first"]]);
        const appends = ["a", "b", "c"].map((url) => toTag(ddfs, "POST", "data?delayed=1", [[url]]));
        await settled();
        expect(timer.waiting()).toEqual([1000]);

        timer.fire();

        const answers = await Promise.all(appends.map(async (answer) => await (await answer).json()));
        expect(new Set(answers.flat()).size).toBe(1);
        expect(await urlsOf(ddfs, "data")).toEqual([["c"], ["b"], ["a"], ["first"]]);
      }, { after: timer.after });
    });

    it("show delayed appends to whatever is asked next", () => {
      const timer = handTimer();
      return use(async (ddfs) => {
        await toTag(ddfs, "POST", "data", [["first"]]);
        const append = toTag(ddfs, "POST", "data?delayed=1", [["late"]]);
        await settled();

        expect(await urlsOf(ddfs, "data")).toEqual([["late"], ["first"]]);
        expect((await append).status).toBe(200);
        expect(timer.waiting()).toEqual([]);
      }, { after: timer.after });
    });

    it("keep delayed appends when the DDFS is closed before the delay is over", () => {
      const timer = handTimer();
      return use(async (ddfs) => {
        await toTag(ddfs, "POST", "data", [["first"]]);
        const append = toTag(ddfs, "POST", "data?delayed=1", [["late"]]);
        await settled();

        await ddfs.close();

        expect((await append).status).toBe(200);
      }, { after: timer.after });
    });

    it("refuse an update with an empty set, where the real one hangs", () =>
      use(async (ddfs) => {
        expect(await said(toTag(ddfs, "POST", "data?update=1", [[]]))).toEqual([403, "Invalid url object"]);
        expect(await said(toTag(ddfs, "GET", "data"))).toEqual([404, "Tag not found."]);
      }));

    it("are gone when deleted, tokens too, and begin anew", () =>
      use(async (ddfs) => {
        await toTag(ddfs, "POST", "data", [["old"]], "T");
        await toTag(ddfs, "DELETE", "data", undefined, "T");
        expect(await said(toTag(ddfs, "GET", "data"))).toEqual([404, "Tag not found."]);
        expect(await said(ddfs.fetch(`${MASTER}/ddfs/tags`))).toEqual([200, "[]"]);

        await toTag(ddfs, "POST", "data", [["new"]]);

        expect(await urlsOf(ddfs, "data")).toEqual([["new"]]);
      }));

    it("let only those with the right token read and write", () =>
      use(async (ddfs) => {
        await toTag(ddfs, "PUT", "data", [["a"]]);
        await toTag(ddfs, "PUT", "data/ddfs:write-token", "W");
        await toTag(ddfs, "PUT", "data/ddfs:read-token", "R", "W");
        const statuses = (method: string, body?: unknown) =>
          Promise.all([undefined, "R", "W", "", "WW", "w"].map(async (token) => {
            return (await toTag(ddfs, method, "data", body, token)).status;
          }));

        expect(await statuses("GET")).toEqual([401, 200, 200, 401, 401, 401]);
        expect(await statuses("POST", [["b"]])).toEqual([401, 401, 200, 401, 401, 401]);
        expect(await statuses("PUT", [["b"]])).toEqual([401, 401, 200, 401, 401, 401]);
        expect(await said(toTag(ddfs, "DELETE", "data", undefined, "R"))).toEqual([401, "Incorrect or missing token."]);
      }));

    it("never show a token but to those who ask for it with the right to", () =>
      use(async (ddfs) => {
        await toTag(ddfs, "POST", "data", [["a"]], "SECRET");

        const shown = await said(toTag(ddfs, "GET", "data", undefined, "SECRET"));
        const asked = await said(toTag(ddfs, "GET", "data/ddfs:write-token", undefined, "SECRET"));
        const refused = await said(toTag(ddfs, "GET", "data", undefined, "OTHER"));

        expect(shown[1] + refused[1]).not.toMatch(/SECRET|OTHER/);
        expect(asked).toEqual([200, '"SECRET"']);
      }));

    it("keep attributes of any name, and hand them out in the order they were set", () =>
      use(async (ddfs) => {
        for (const attribute of ["b", "10", "__proto__", "9", "toString", "ä", "a/b"]) {
          await toTag(ddfs, "PUT", `data/${encodeURIComponent(attribute)}`, `value of ${attribute}`);
        }

        const [, text] = await said(toTag(ddfs, "GET", "data"));

        expect(text).toMatch(
          /"user-data":\{"b":"value of b","10":".*","__proto__":".*","9":".*","toString":".*","\\u00e4":"value of \\u00e4","a\/b":".*"\}\}$/,
        );
        expect(await said(toTag(ddfs, "GET", "data/toString"))).toEqual([200, '"value of toString"']);
        expect((await toTag(ddfs, "GET", "data/constructor")).status).toBe(404);
      }));

    it("keep to limits that were set", () =>
      use(async (ddfs) => {
        const statuses = [
          await said(toTag(ddfs, "PUT", "data/long", "v")),
          await said(toTag(ddfs, "PUT", "data/a", "v".repeat(9))),
          await said(toTag(ddfs, "PUT", "data/a", "v")),
          await said(toTag(ddfs, "PUT", "data/b", "v")),
          await said(toTag(ddfs, "POST", "data", [["x".repeat(40)]])),
        ];

        expect(statuses.map(([status, text]) => status === 200 ? "stored" : text)).toEqual([
          "Attribute name too big.",
          "Attribute value too big.",
          "stored",
          "Too many attributes",
          "Invalid request.",
        ]);
      }, { limits: { attributes: 1, attributeName: 3, attributeValue: 10, tagBody: 30 } }));

    it("take names of up to 234 characters", () =>
      use(async (ddfs) => {
        expect((await toTag(ddfs, "POST", "n".repeat(234), [["a"]])).status).toBe(200);
        expect(await urlsOf(ddfs, "n".repeat(234))).toEqual([["a"]]);
        expect(await said(toTag(ddfs, "POST", "n".repeat(235), []))).toEqual([
          500,
          "Internal server error: replication_failed",
        ]);
      }));

    it("get a later version with each change, even while the clock goes back", () => {
      let now = 2_000_000_000_000;
      return use(async (ddfs) => {
        for (const url of ["a", "b", "c"]) {
          await toTag(ddfs, "POST", "data", [[url]]);
          now -= 1000;
        }

        expect(await urlsOf(ddfs, "data")).toEqual([["c"], ["b"], ["a"]]);
      }, { now: () => now });
    });
  });
}
