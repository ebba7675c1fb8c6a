import { describe, it } from "@std/testing/bdd";
import { DDFS } from "../../mod.ts";
import { embedded } from "../../lib/embedded/mod.ts";
import { expect } from "../helpers/expect.ts";

/** A DDFS, and the conditions that it was sent with requests for tags. */
function setUp(change: (answer: Response) => Response = (answer) => answer) {
  const store = embedded();
  const conditions: (string | null)[] = [];
  const ddfs = new DDFS(store.master, {
    settings: {},
    fetch: async (request) => {
      if (request.method === "GET") conditions.push(request.headers.get("if-none-match"));
      return change(await store.fetch(request));
    },
  });
  return { ddfs, conditions: () => conditions.splice(0) };
}

describe("get() of a tag that is known", () => {
  it("gives the same one back until it has changed, and asks by the version that the master has named", async () => {
    const { ddfs, conditions } = setUp();
    await ddfs.tag("data:x", ["disco://h/a"]);
    conditions();

    const first = await ddfs.get("data:x");
    const same = await ddfs.get("data:x", { known: first });
    await ddfs.tag("data:x", ["disco://h/b"]);
    const changed = await ddfs.get("data:x", { known: same });

    expect(same).toBe(first);
    expect(changed.urls).toEqual([["disco://h/b"], ["disco://h/a"]]);
    expect(conditions().filter((condition) => condition !== "*")).toEqual([null, `"${first.id}"`, `"${first.id}"`]);
  });

  it("sends no condition to a master that has named no version", async () => {
    const { ddfs, conditions } = setUp((answer) => {
      answer.headers.delete("etag");
      return answer;
    });
    await ddfs.tag("data:x", ["disco://h/a"]);
    conditions();

    const known = await ddfs.get("data:x");
    const again = await ddfs.get("data:x", { known });

    expect([again === known, again]).toEqual([false, known]);
    expect(conditions()).toEqual([null, null]);
  });

  it("asks for all of a tag that is another one, or of another master, or was made by the caller", async () => {
    const [one, other] = [setUp(), setUp()];
    for (const { ddfs } of [one, other]) {
      for (const tag of ["data:x", "data:y"]) await ddfs.tag(tag, [`disco://h/${tag}`]);
    }
    const known = await one.ddfs.get("data:x");
    const elsewhere = new DDFS("http://elsewhere:8989", { settings: {}, fetch: embedded().fetch });
    await elsewhere.tag("data:x", []);
    one.conditions();

    expect((await one.ddfs.get("data:y", { known })).urls).toEqual([["disco://h/data:y"]]);
    expect((await one.ddfs.get("data:x", { known: { ...known } })).urls).toEqual(known.urls);
    expect((await elsewhere.get("data:x", { known })).urls).toEqual([]);
    expect(one.conditions()).toEqual([null, null]);
  });

  it("is refused where what is known is no tag", async () => {
    const { ddfs } = setUp();

    await expect(ddfs.get("data:x", { known: "data:x" as never })).rejects.toMatchObject({ code: "invalid-argument" });
  });
});
