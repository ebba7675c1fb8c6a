import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { appendSets } from "../../lib/cluster/append_sets.ts";
import { clusterOf } from "../../lib/cluster/cluster.ts";
import { parseTag } from "../../lib/names.ts";
import type { TagOptions } from "../../lib/options.ts";
import { failure, json, manualClock } from "../helpers/fakes.ts";

type Fault = "lost before" | "lost after" | "acts later" | 503 | 403;
const set = (name: string, stamp = 1) => [`disco://a/ddfs/vol0/blob/00/${name}$1-2-${stamp}`];

/** A master with one tag, as PROTOCOL "Tags" has it; its POSTs fail as told. */
function fakeMaster(urls: string[][], ...faults: Fault[]) {
  const posts: string[] = [];
  const late: (() => void)[] = [];
  const nameOf = ([url = ""]: string[]) => /\/..\/(.*)[$]/.exec(url)?.[1];
  const tag = { urls };
  const act = (sets: string[][], update: boolean) => {
    for (const item of update ? sets : [...sets].reverse()) {
      if (update && tag.urls.some((other) => nameOf(other) === nameOf(item))) continue;
      tag.urls = [item, ...tag.urls];
    }
  };
  const fetch = async (request: Request): Promise<Response> => {
    if (request.method === "GET") {
      const answer = json({ version: 1, id: "x$1-2-3", "last-modified": "now", urls: tag.urls, "user-data": {} });
      late.splice(0).forEach((run) => run());
      return answer;
    }
    const query = new URL(request.url).search;
    posts.push(query);
    const fault = faults.shift();
    const sets = await request.json();
    if (fault === "acts later") late.push(() => act(sets, query.includes("update=1")));
    else if (fault === undefined || fault === "lost after") act(sets, query.includes("update=1"));
    if (typeof fault === "number") return new Response("no", { status: fault });
    if (fault !== undefined) throw new TypeError("connection reset");
    return json(["disco://a/ddfs/vol0/tag/00/x$1-2-3"]);
  };
  const cluster = clusterOf("disco://m", {
    settings: {},
    fetch,
    clock: manualClock(),
    random: () => 0,
    retry: { tries: 4 },
  });
  const append = (sets: string[][], options: TagOptions = {}) => appendSets(cluster, parseTag("x"), sets, options);
  return { append, posts, tag };
}

describe("appendSets()", () => {
  it("puts sets before what is there, in their order", async () => {
    const { append, tag } = fakeMaster([set("old")]);

    await append([set("a"), set("b")]);

    expect(tag.urls).toEqual([set("a"), set("b"), set("old")]);
  });

  it("keeps the order with update too, which the master turns round", async () => {
    const { append, tag, posts } = fakeMaster([set("old"), set("b", 9)]);

    await append([set("a"), set("b"), set("c")], { update: true, delayed: true });

    expect(tag.urls).toEqual([set("a"), set("c"), set("old"), set("b", 9)]);
    expect(posts).toEqual(["?update=1&delayed=1"]);
  });

  for (const fault of ["lost before", "lost after", "acts later", 503] as const) {
    it(`leaves each set there once when the answer of a request is ${fault}`, async () => {
      const { append, tag } = fakeMaster([set("old")], fault);

      await append([set("a"), set("b")]);

      expect(tag.urls).toEqual([set("a"), set("b"), set("old")]);
    });
  }

  it("does not take an older blob of the same name for its own", async () => {
    const { append, tag } = fakeMaster([set("a", 7)], "lost before");

    await append([set("a"), set("b")]);

    expect(tag.urls).toEqual([set("a"), set("b"), set("a", 7)]);
  });

  it("keeps two new blobs of one name apart", async () => {
    const { append, tag } = fakeMaster([], "lost before");

    await append([set("a", 1), set("a", 2)]);

    expect(tag.urls).toEqual([set("a", 1), set("a", 2)]);
  });

  it("gives up after `retry.tries`", async () => {
    const { append, posts } = fakeMaster([], "lost before", "lost before", "lost before", "lost before", "lost before");

    expect((await failure(append([set("a")]))).code).toBe("unreachable");
    expect(posts.length).toBe(4);
  });

  it("does not repeat what was refused", async () => {
    const { append, posts } = fakeMaster([], 403);

    expect((await failure(append([set("a")]))).status).toBe(403);
    expect(posts.length).toBe(1);
  });
});
