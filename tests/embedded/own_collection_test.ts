import { describe, it } from "@std/testing/bdd";
import { type Collection, embedded } from "@ddfs/client/embedded";
import { MASTER, toTag } from "../helpers/embedded_stores.ts";
import { expect } from "../helpers/expect.ts";
import { inMemory, storeSetup } from "../helpers/store_setup.ts";

describe("a store with a collection of its own", () => {
  it("is told what goes into tags, and may have a change decided upon again that came too late", async () => {
    const store = await inMemory(storeSetup());
    const told: (readonly string[])[] = [];
    const tooLate = new Error("too late");
    let isLate = true;
    let refused = 0;
    const collection: Collection = {
      collect: () => Promise.reject(),
      async tagging(sets, task) {
        told.push(sets);
        const check = () => {
          if (!isLate) return;
          refused++;
          throw tooLate;
        };
        const first = await task(check).catch((error) => error === tooLate ? undefined : Promise.reject(error));
        isLate = false;
        return first ?? await task(check);
      },
    };
    const ways = ["PUT data", "POST data", "POST data?update=1", "POST data?request=one&again=1"];
    for (const [method = "", path = ""] of ways.map((way) => way.split(" "))) {
      const ddfs = embedded({ store: { ...store, collection } });
      [isLate, refused, told.length] = [true, 0, 0];

      expect((await toTag(ddfs, method, path, [[`disco://localhost/${method}${path}`]])).status).toBeLessThan(300);

      expect([refused, told]).toEqual([1, [[`[["disco://localhost/${method}${path}"]]`]]]);
      const { urls } = await (await ddfs.fetch(`${MASTER}/ddfs/tag/data`)).json();
      expect(urls.flat()).toContain(`disco://localhost/${method}${path}`);
    }
  });
});
