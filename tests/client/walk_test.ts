import { describe, it } from "@std/testing/bdd";
import { embedded } from "../../lib/embedded/mod.ts";
import { DDFS, jobBlob, jobOob, jobTag } from "../../mod.ts";
import { expect } from "../helpers/expect.ts";
import { all } from "../helpers/fakes.ts";

describe("walk() with the tags that led to its tag", () => {
  it("begins each path with them, and visits none of them", async () => {
    const { fetch, master } = embedded();
    const ddfs = new DDFS(master, { fetch, settings: {} });
    await ddfs.tag("data:all", ["data:may"]);
    await ddfs.tag("data:may", ["data:week", "data:all", "disco://host/may"]);
    await ddfs.tag("data:week", ["disco://host/week"]);
    const tagPath = ["data:root", "tag://data:all"];

    const paths = (await all(ddfs.walk("data:may", { tagPath }))).map(({ path }) => path.map((tag) => tag.slice(6)));

    expect(paths).toEqual([
      ["data:root", "data:all", "data:may"],
      ["data:root", "data:all", "data:may", "data:week"],
    ]);
    expect(await all(ddfs.walk("data:all", { tagPath }))).toEqual([]);
  });
});

describe("the names of a job's tags", () => {
  it("are taken by push() as they are", async () => {
    const { fetch, master } = embedded();
    const ddfs = new DDFS(master, { fetch, settings: {} });

    await ddfs.push(jobTag("Count@1"), [[new Blob(["x"]), jobBlob("Count@1", "map")]]);
    await ddfs.tag(jobOob("Count@1"), []);

    expect((await all(ddfs.pull(jobTag("Count@1")))).map(({ name }) => name)).toEqual(["disco:blob:Count@1:map"]);
    expect(await ddfs.list("disco:job:")).toEqual(["disco:job:oob:Count@1", "disco:job:results:Count@1"]);
  });
});
