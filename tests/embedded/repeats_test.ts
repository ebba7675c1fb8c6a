import { describe, it } from "@std/testing/bdd";
import { MASTER, STORES, toTag, urlsOf } from "../helpers/embedded_stores.ts";
import { expect } from "../helpers/expect.ts";

for (const [store, use] of STORES) {
  describe(`an append that names its request (${store} store)`, () => {
    it("is made once, however often it comes, and answered the same each time", () =>
      use(async (ddfs) => {
        const answers = [];
        for (let i = 0; i < 3; i++) answers.push(await (await toTag(ddfs, "POST", "data?request=one", [["a"]])).json());
        await toTag(ddfs, "POST", "data?request=two", [["a"]]);

        expect(answers).toEqual([answers[0], answers[0], answers[0]]);
        expect(await urlsOf(ddfs, "data")).toEqual([["a"], ["a"]]);
      }));

    it("is made once when all its requests come at a time, delayed or not", () =>
      use(async (ddfs) => {
        await toTag(ddfs, "POST", "data", [["old"]]);
        const path = (i: number) => `data?request=one${i % 2 === 0 ? "&delayed=1" : ""}`;

        const appends = Array.from({ length: 10 }, (_, i) => toTag(ddfs, "POST", path(i), [["a"]]));
        await toTag(ddfs, "GET", "data");
        await Promise.all(appends);

        expect(await urlsOf(ddfs, "data")).toEqual([["a"], ["old"]]);
      }));

    it("is made by a later request when an earlier one was refused", () =>
      use(async (ddfs) => {
        await toTag(ddfs, "POST", "data", [["old"]], "secret");

        expect((await toTag(ddfs, "POST", "data?request=one", [["a"]], "wrong")).status).toBe(401);
        expect((await toTag(ddfs, "POST", "data?request=one", [["a"]], "secret")).status).toBe(200);

        const { urls } = await (await toTag(ddfs, "GET", "data", undefined, "secret")).json();
        expect(urls).toEqual([["a"], ["old"]]);
      }));

    it("leaves out what is there already when it says that it comes again, though its key is not known", () =>
      use(async (ddfs) => {
        const before = [["a"], ["b", "c"], ['q"],["'], ["x[", "y"]];
        await toTag(ddfs, "POST", "data?request=one", before);
        const again = [["new"], ["b", "c"], ["b"], ['q"],["'], ["a"]];

        await toTag(ddfs, "POST", "data?request=two&again=1", again);
        await toTag(ddfs, "POST", "data?request=three&again=1&delayed=1", again);
        await toTag(ddfs, "POST", "other?request=four&again=1", again);

        expect(await urlsOf(ddfs, "data")).toEqual([["new"], ["b"], ...before]);
        expect(await urlsOf(ddfs, "other")).toEqual(again);
      }));

    it("takes no part of other sets for a set", () =>
      use(async (ddfs) => {
        const before = [["x[", "y"], ["[[", "]]"], ["aa", "b"], ['["c"]'], ["dd"], ["\u00e9"]];
        const again = [[",", "y"], ["]"], ["]]"], ["a", "b"], ["b"], ["c"], ["d"], [""], ["y"], ["\u00e9"]];
        await toTag(ddfs, "POST", "data?request=one", before);

        for (const [i, set] of again.entries()) await toTag(ddfs, "POST", `data?request=r${i}&again=1`, [set]);

        expect(await urlsOf(ddfs, "data")).toEqual([...again.slice(0, -1).reverse(), ...before]);
      }));

    it("finds what is there in a long tag, too, beside others who append", () =>
      use(async (ddfs) => {
        const urls = Array.from({ length: 8000 }, (_, i) => [`disco://localhost/ddfs/vol0/blob/00/log${i}$1-2-3`]);
        await toTag(ddfs, "POST", "data", urls);

        await Promise.all([
          toTag(ddfs, "POST", "data?request=one&again=1", [["a"], ...urls.slice(3990, 4010), ["b"]]),
          toTag(ddfs, "POST", "data", [["c"]]),
        ]);

        const there = await urlsOf(ddfs, "data");
        expect(there.length).toBe(8003);
        expect(there.slice(0, 3).flat().sort()).toEqual(["a", "b", "c"]);
      }));

    it("is announced by each answer that has to do with tags", () =>
      use(async (ddfs) => {
        await toTag(ddfs, "POST", "data", [["a"]], "secret");
        const answers = await Promise.all([
          ...["GET", "POST", "PUT"].map((method) =>
            toTag(ddfs, method, "data", method === "GET" ? undefined : [], "secret")
          ),
          toTag(ddfs, "GET", "data"),
          toTag(ddfs, "GET", "missing"),
          ddfs.fetch(`${MASTER}/ddfs/new_blob/log`),
        ]);

        expect(answers.map(({ headers }) => headers.get("DDFS-Requests"))).toEqual(answers.map(() => "once"));
      }));

    it("shares nothing with other tags", () =>
      use(async (ddfs) => {
        await toTag(ddfs, "POST", "data?request=one", [["a"]]);
        await toTag(ddfs, "POST", "other?request=one", [["a"]]);

        expect(await urlsOf(ddfs, "other")).toEqual([["a"]]);
      }));
  });
}
