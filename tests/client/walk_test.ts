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

/** A tree of tags in an embedded DDFS, and a client that sees how many requests are under way at a time. */
async function treeOf(levels: number, links: number, sets = 0) {
  const { fetch, master } = embedded();
  const writer = new DDFS(master, { fetch, settings: {} });
  const names: string[] = [];
  const grow = async (name: string, level: number) => {
    names.push(name);
    const below = level === levels ? [] : Array.from({ length: links }, (_, i) => `${name}:${i}`);
    const blobs = Array.from({ length: sets }, (_, i) => [`disco://localhost/ddfs/vol0/blob/00/b${i}$1-2-3`]);
    await writer.tag(name, [...blobs, ...below.map((tag) => [`tag://${tag}`])]);
    for (const tag of below) await grow(tag, level + 1);
  };
  await grow("t", 0);
  const counts = { requests: 0, underWay: 0, most: 0 };
  const asked: string[] = [];
  const ddfs = new DDFS(master, {
    settings: {},
    fetch: async (request) => {
      counts.requests++;
      asked.push(request.url.replace(/^.*\/tag\//, ""));
      counts.most = Math.max(counts.most, ++counts.underWay);
      // Those that were asked for later answer earlier.
      for (let i = 0; i < 20 - counts.underWay * 4; i++) await Promise.resolve();
      return await fetch(request).finally(() => counts.underWay--);
    },
  });
  return { ddfs, writer, names, counts, asked };
}

describe("walk() of many tags", () => {
  it("asks for up to four at a time, each once, and keeps their order", async () => {
    const { ddfs, names, counts } = await treeOf(4, 3);

    const entries = await all(ddfs.walk("t"));

    expect(entries.map(({ path }) => path.at(-1)?.slice(6))).toEqual(names);
    expect([counts.requests, counts.most]).toEqual([names.length, 4]);
  });

  it("asks for large ones one by one", async () => {
    const { ddfs, counts } = await treeOf(1, 6, 10_000);

    await all(ddfs.walk("t"));

    expect([counts.requests, counts.most]).toEqual([7, 1]);
  });

  it("asks for no more once it is left, and ends what is under way", async () => {
    const { ddfs, counts } = await treeOf(3, 4);
    let count = 0;

    for await (const _ of ddfs.walk("t")) if (++count === 3) break;
    const { requests } = counts;
    await new Promise((resolve) => setTimeout(resolve, 0));

    expect(requests).toBeLessThan(12);
    expect(counts.requests).toBe(requests);
    expect(counts.underWay).toBe(0);
  });

  it("tells of a missing one in its turn, and fails there where it may not be missing", async () => {
    const { ddfs, writer } = await treeOf(2, 3);
    await writer.delete("t:1");
    const seen: string[] = [];
    const onMissing = (path: string[]) => void seen.push(`${path.at(-1)} is missing`);

    for await (const { path } of ddfs.walk("t", { onMissing })) seen.push(`${path.at(-1)}`);

    const place = seen.indexOf("tag://t:1 is missing");
    expect([seen[place - 1], seen[place + 1], seen.length]).toEqual(["tag://t:0:2", "tag://t:2", 10]);

    let count = 0;
    const strict = (async () => {
      for await (const _ of ddfs.walk("t", { ignoreMissing: false })) count++;
    })();
    expect(await strict.catch(({ code }) => code)).toBe("not-found");
    expect(count).toBe(5);
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
