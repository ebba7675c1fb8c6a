import { describe, it } from "@std/testing/bdd";
import { DDFS } from "../../mod.ts";
import { embedded } from "../../lib/embedded/mod.ts";
import { expect } from "../helpers/expect.ts";

/** A client of an embedded DDFS, and the requests that it makes. */
function counted(): { ddfs: DDFS; requests: string[] } {
  const { fetch, master } = embedded({ nodes: ["a", "b"], replicas: 2 });
  const requests: string[] = [];
  const ddfs = new DDFS(master, {
    hedgeAfter: 0,
    retry: { tries: 1 },
    fetch: (request) => {
      requests.push(`${request.method} ${new URL(request.url).pathname.replace(/\$.*/, "")}`);
      return fetch(request);
    },
  });
  return { ddfs, requests };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe("nodes()", () => {
  it("lists the nodes by name, with bytes", async () => {
    const fetch = () =>
      Promise.resolve(Response.json({
        b: { diskfree: 2, diskused: 1, connected: false, blacklisted: true },
        a: { diskfree: 4, diskused: 3, connected: true, blacklisted: false },
      }));

    expect(await new DDFS("disco://a", { fetch }).nodes()).toEqual([
      { name: "a", free: 4096, used: 3072, connected: true, blacklisted: false },
      { name: "b", free: 2048, used: 1024, connected: false, blacklisted: true },
    ]);
  });
});

describe("sizes()", () => {
  it("gives the sizes of all blobs behind a tag, links followed", async () => {
    const { ddfs } = counted();
    await ddfs.push("data:may", [[new Blob(["hello"]), "five"]]);
    await ddfs.push("data:all", [[new Blob(["bye"]), "three"]]);
    await ddfs.tag("data:all", ["data:may"]);

    const sizes = await all(ddfs.sizes("data:all"));

    expect(sizes.map(({ name, size }) => [name, size])).toEqual([["three", 3], ["five", 5]]);
  });

  it("asks for a size once, and of one replica, without the content", async () => {
    const { ddfs, requests } = counted();
    await ddfs.push("data:may", [[new Blob(["hello"]), "five"]]);
    requests.length = 0;

    await all(ddfs.sizes("data:may"));
    await all(ddfs.sizes("data:may"));

    expect(requests.filter((request) => request.includes("five"))).toEqual([expect.stringMatching(/^HEAD /)]);
  });

  it("takes a list of blobs in place of a tag", async () => {
    const { ddfs } = counted();
    const { blobs } = await ddfs.push("data:may", [[new Blob(["hello"]), "five"]]);

    expect((await all(ddfs.sizes(blobs))).map(({ size }) => size)).toEqual([5]);
  });

  it("tells why a blob has no size, and goes on", async () => {
    const { ddfs } = counted();
    const { blobs } = await ddfs.push("data:may", [[new Blob(["hello"]), "five"]]);
    await ddfs.put("data:may", ["disco://a/ddfs/vol0/blob/00/gone$1-2-3", ...blobs]);

    const [gone, five] = await all(ddfs.sizes("data:may"));

    expect([gone?.size, gone?.error?.code, five?.size]).toEqual([undefined, "not-found", 5]);
  });

  it("tells of an address that is none, and goes on", async () => {
    const { ddfs } = counted();
    const { blobs: [[url = ""] = []] } = await ddfs.push("data:may", [[new Blob(["hello"]), "five"]]);
    const odd = ["ftp://a/one", "disco://a:99999/two"];

    const sizes = await all(ddfs.sizes([...odd.map((url) => [url]), [...odd, url]]));

    expect(sizes.map(({ name, size, error }) => [name, size, error?.code])).toEqual([
      ["one", undefined, "invalid-url"],
      ["two", undefined, "invalid-url"],
      ["one", 5, undefined],
    ]);
    expect(sizes[0]?.error?.message).toContain('"ftp://a/one"');
  });
});

describe("records()", () => {
  it("of a blob with an address that is none come from another replica; where the caller gave it, it is refused", async () => {
    const { ddfs } = counted();
    const { blobs: [[url = ""] = []] } = await ddfs.chunk("data:may", [new Blob(["one\ntwo\n"])]);
    await ddfs.put("data:odd", [["ftp://a/one", url]]);

    expect(await all(ddfs.records("data:odd", { text: true }))).toEqual(["one\n", "two\n"]);
    await expect(all(ddfs.records(["ftp://a/one", url]))).rejects.toMatchObject({ code: "invalid-url" });
  });
});

describe("open()", () => {
  it("reads a blob by one URL", async () => {
    const { ddfs } = counted();
    const { blobs: [[, url = ""] = []] } = await ddfs.push("data:may", [[new Blob(["hello"]), "five"]]);

    const blob = await ddfs.open(url);

    expect([blob.name, blob.size, await blob.text(), await blob.text()]).toEqual(["five", 5, "hello", "hello"]);
  });

  it("refuses an empty list", async () => {
    const { ddfs, requests } = counted();

    await expect(ddfs.open([])).rejects.toMatchObject({ code: "invalid-argument" });
    expect(requests).toEqual([]);
  });
});

describe("onMissing", () => {
  it("is told the path of each tag that is missing, and the walk goes on", async () => {
    const { ddfs } = counted();
    await ddfs.tag("data:all", ["data:gone", "data:may"]);
    await ddfs.tag("data:may", []);
    const missing: string[] = [];

    const entries = await all(ddfs.walk("data:all", { onMissing: (path) => missing.push(path.join(" > ")) }));

    expect(missing).toEqual(["tag://data:all > tag://data:gone"]);
    expect(entries.length).toBe(2);
  });

  it("lets records() fail on a link that is missing, where that is wanted", async () => {
    const { ddfs } = counted();
    await ddfs.tag("data:all", ["data:gone"]);
    await ddfs.push("data:all", [[new Blob([]), "empty"]]);

    await expect(all(ddfs.records("data:all", { ignoreMissing: false }))).rejects.toMatchObject({ code: "not-found" });
  });
});
