import { describe, it } from "@std/testing/bdd";
import { TagReads } from "../../lib/gateway/tag_reads.ts";
import { DDFS } from "../../mod.ts";
import { expect } from "../helpers/expect.ts";
import { bucket } from "./s3_bucket.ts";

/** Reads of tags that end when they are let go, once the first has its answer. */
async function held() {
  const { ddfs, cluster } = await bucket();
  let [count, answered, letGo] = [0, () => {}, () => {}];
  const first = new Promise<void>((resolve) => answered = resolve);
  const gate = new Promise<void>((resolve) => letGo = resolve);
  const slow = new DDFS(cluster.master, {
    settings: {},
    fetch: async (request) => {
      const answer = await cluster.fetch(request);
      count++;
      answered();
      await gate;
      return answer;
    },
  });
  return { ddfs, reads: new TagReads(slow), first, letGo, count: () => count };
}

const namesOf = (blobs: ReadonlyMap<string, unknown> | "locked") => blobs === "locked" ? blobs : [...blobs.keys()];

describe("TagReads", () => {
  it("reads a tag once for all who ask while it is read, and gives each what is in it since", async () => {
    const { ddfs, reads, first, letGo, count } = await held();

    const before = reads.read("data:logs");
    await first;
    await ddfs.push("data:logs", [[new Blob(["new"]), "new"]]);
    const after = [1, 2, 3].map(() => reads.read("data:logs"));
    letGo();

    expect(namesOf(await before)).toEqual(["mon", "tue"]);
    expect((await Promise.all(after)).map(namesOf)).toEqual(Array(3).fill(["new", "mon", "tue"]));
    expect(count()).toBe(2);
  });

  it("reads it anew for who asks later", async () => {
    const { ddfs, reads, letGo, count } = await held();
    letGo();

    expect(namesOf(await reads.read("later"))).toEqual([]);
    await ddfs.push("later", [[new Blob(["l"]), "l"]]);
    expect(namesOf(await reads.read("later"))).toEqual(["l"]);
    expect(namesOf(await reads.read("locked"))).toBe("locked");
    expect(count()).toBe(3);
  });

  it("tells all who wait of a failure, and reads anew for the next", async () => {
    const { cluster } = await bucket();
    let isBroken = true;
    const broken = new DDFS(cluster.master, {
      settings: {},
      fetch: (request) => isBroken ? Promise.resolve(new Response("no", { status: 400 })) : cluster.fetch(request),
    });
    const failing = new TagReads(broken);
    const both = [failing.read("database"), failing.read("database")];
    const codes = await Promise.all(both.map((read) => read.then(() => "read", () => "failed")));
    isBroken = false;
    expect([...codes, namesOf(await failing.read("database"))]).toEqual(["failed", "failed", ["a"]]);
  });
});
