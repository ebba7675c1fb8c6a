import { describe, it } from "@std/testing/bdd";
import { STORES, toTag, urlsOf } from "../helpers/embedded_stores.ts";
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

    it("shares nothing with other tags", () =>
      use(async (ddfs) => {
        await toTag(ddfs, "POST", "data?request=one", [["a"]]);
        await toTag(ddfs, "POST", "other?request=one", [["a"]]);

        expect(await urlsOf(ddfs, "other")).toEqual([["a"]]);
      }));
  });
}
