import { describe, it } from "@std/testing/bdd";
import { gateway } from "../../lib/gateway/gateway.ts";
import { type ReadTag, TagReads } from "../../lib/gateway/tag_reads.ts";
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

/** Reads of tags, and how the master has answered each: by a status, and whether it was asked for a change. */
async function noted({ most, namesVersions = true }: { most?: number; namesVersions?: boolean } = {}) {
  const { ddfs, cluster } = await bucket();
  const answers: (number | string)[] = [];
  const fetch = async (request: Request) => {
    const answer = await cluster.fetch(request);
    if (!new URL(request.url).pathname.startsWith("/ddfs/tag/")) return answer;
    if (request.headers.has("if-none-match") && answer.status === 200) answers.push("changed");
    else answers.push(answer.status);
    if (!namesVersions) answer.headers.delete("etag");
    return answer;
  };
  const reader = new DDFS(cluster.master, { settings: {}, fetch });
  return { ddfs, cluster, fetch, reader, reads: new TagReads(reader, most), answers: () => answers.splice(0) };
}

const namesOf = ({ newest }: ReadTag) => [...newest.keys()];
const codeOf = (read: Promise<unknown>) => read.then(() => "read", (error) => error.code);

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

    expect(await codeOf(reads.read("later"))).toBe("not-found");
    await ddfs.push("later", [[new Blob(["l"]), "l"]]);
    expect(namesOf(await reads.read("later"))).toEqual(["l"]);
    expect(await codeOf(reads.read("locked"))).toBe("unauthorized");
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

  it("keeps a tag, of which nothing is sent again while it is the same", async () => {
    const { reads, answers } = await noted();

    const first = await reads.read("data:logs");
    const again = [await reads.read("data:logs"), await reads.read("data:logs")];

    expect(answers()).toEqual([200, 304, 304]);
    expect(again.every((read) => read === first)).toBe(true);
  });

  it("gives what another client has done to a tag that is kept: added, set, deleted, made anew", async () => {
    const { ddfs, reads, answers } = await noted();
    await reads.read("data:logs");

    await ddfs.push("data:logs", [[new Blob(["new"]), "new"]]);
    expect(namesOf(await reads.read("data:logs"))).toEqual(["new", "mon", "tue"]);
    await ddfs.setattr("data:logs", "owner", "ann");
    expect((await reads.read("data:logs")).tag.userData).toEqual({ owner: "ann" });
    await ddfs.delete("data:logs");
    expect(await codeOf(reads.read("data:logs"))).toBe("not-found");
    await ddfs.push("data:logs", [[new Blob(["other"]), "other"]]);
    expect(namesOf(await reads.read("data:logs"))).toEqual(["other"]);

    expect(answers()).toEqual([200, "changed", "changed", 404, 200]);
  });

  it("keeps no more sets than it may, those that were read last", async () => {
    const { reads, answers } = await noted({ most: 6 });
    const read = async (...tags: string[]) => {
      for (const tag of tags) await reads.read(tag);
      return answers();
    };

    // The last of these has 3 sets, the others 1, and each counts as one more.
    expect(await read("database", "data-x", "database", "data-x")).toEqual([200, 200, 304, 304]);
    expect(await read("data:logs", "data-x", "database")).toEqual([200, 304, 200]);
    // This one is too large by itself, and costs the others nothing.
    const { reads: others, answers: others_ } = await noted({ most: 2 });
    for (const tag of ["database", "data:logs", "database", "data:logs"]) await others.read(tag);
    expect(others_()).toEqual([200, 200, 304, 200]);
  });

  it("counts what is long as much as it takes: sets, and attributes", async () => {
    const { ddfs, reads, answers } = await noted({ most: 20 });
    await ddfs.put("data:url", [["http://h/" + "x".repeat(11_000)]]);
    await ddfs.put("data:replicas", [Array.from({ length: 500 }, (_, i) => `r${i}`)]);
    await ddfs.put("data:attributes", []);
    for (const name of ["a", "b", "c"]) await ddfs.setattr("data:attributes", name, "x".repeat(4000));

    for (const tag of ["data:url", "data:replicas", "data:attributes"]) {
      await reads.read(tag);
      await reads.read(tag);
      expect([tag, answers()]).toEqual([tag, [200, 200]]);
    }
  });

  it("reads all of a tag each time where the master names no versions, and sends no condition there", async () => {
    const { ddfs, reads, answers } = await noted({ namesVersions: false });

    await reads.read("data:logs");
    await ddfs.push("data:logs", [[new Blob(["new"]), "new"]]);
    expect(namesOf(await reads.read("data:logs"))).toEqual(["new", "mon", "tue"]);
    await reads.read("data:logs");

    expect(answers()).toEqual([200, 200, 200]);
  });

  it("lets the master decide each time who may read a tag that is kept", async () => {
    const { reads, answers } = await noted();

    expect(namesOf(await reads.read("locked", "sesame"))).toEqual(["l"]);
    expect(await codeOf(reads.read("locked"))).toBe("unauthorized");
    expect(await codeOf(reads.read("locked", "guess"))).toBe("unauthorized");
    expect(namesOf(await reads.read("locked", "sesame"))).toEqual(["l"]);

    expect(answers()).toEqual([200, 401, 401, 304]);
  });

  it("finds the newest blob of a name, and older ones by their whole names", async () => {
    const { reads } = await noted();

    const read = await reads.read("data:logs");
    const [newest, old] = read.blobs;

    expect([newest?.name, old?.name, read.newest.get("mon")]).toEqual(["mon", "mon", newest]);
    expect([read.object(newest?.object ?? ""), read.object(old?.object ?? "")]).toEqual([newest, old]);
    expect(read.object("mon$1-1-1")).toBe(undefined);
  });
});

describe("a tag that is asked for again", () => {
  it("is sent to gateway() once, for blobs and for itself", async () => {
    const { cluster, fetch, answers } = await noted();
    const site = gateway({ master: cluster.master, fetch, tags: ["data:"] });
    const ask = async (path: string) => await (await site.fetch(new Request(`https://example.org${path}`))).text();

    expect([await ask("/blob/data:logs/mon"), await ask("/blob/data:logs/tue")]).toEqual(["mon again", "tue"]);
    const { id } = JSON.parse(await ask("/tag/data:logs"));
    expect(id).toMatch(/^data:logs\$/);

    expect(answers()).toEqual([200, 304, 304]);
  });

  it("is sent to s3Server() once, for keys and for lists", async () => {
    const { reader, answers } = await noted();
    const { ask } = await bucket({ ddfs: reader });
    const text = async (path: string) => await (await ask(path)).text();

    expect([await text("/ddfs/data/logs/mon"), await text("/ddfs/data/logs/tue")]).toEqual(["mon again", "tue"]);
    expect(await text("/ddfs/?list-type=2&prefix=data/logs/t")).toContain("<Key>data/logs/tue</Key>");

    const statuses = answers();
    expect([statuses[0], statuses.slice(1).every((status) => status === 304 || status === 200)]).toEqual([200, true]);
    expect(statuses.filter((status) => status === 304).length).toBeGreaterThanOrEqual(2);
  });
});
