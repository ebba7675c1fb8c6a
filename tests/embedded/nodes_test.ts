import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { type Embedded, embedded } from "@ddfs/client/embedded";
import { resolved, said } from "../helpers/embedded_stores.ts";
import { thrownBy } from "../helpers/thrown.ts";

const MASTER = "http://a:8989";

async function newBlob(ddfs: Embedded, query: string): Promise<string[]> {
  const urls: string[] = await (await ddfs.fetch(`${MASTER}/ddfs/new_blob/log?${query}`)).json();
  return urls.map((url) => new URL(url).hostname);
}

function call(ddfs: Embedded, path: string, body?: unknown): Promise<Response> {
  return ddfs.fetch(`${MASTER}${path}`, body === undefined ? {} : { method: "POST", body: JSON.stringify(body) });
}

describe("the nodes of an embedded DDFS", () => {
  const three = () => embedded({ nodes: ["a", "b", "c"], replicas: 2 });

  it("are chosen by chance, each at some time", async () => {
    const ddfs = three();

    const chosen = await Promise.all(Array.from({ length: 60 }, () => newBlob(ddfs, "")));

    expect(chosen.every((hosts) => new Set(hosts).size === 2)).toBe(true);
    expect(new Set(chosen.map((hosts) => hosts.join(" "))).size).toBe(6);
  });

  it("come first when they are included, and not when they are excluded", async () => {
    const ddfs = three();

    expect((await newBlob(ddfs, "include=c"))[0]).toBe("c");
    expect(await newBlob(ddfs, "replicas=1&include=c,b")).toEqual(["c", "b", "a"]);
    expect(await newBlob(ddfs, "replicas=1&exclude=a,b")).toEqual(["c"]);
    expect(await newBlob(ddfs, "replicas=1&include=b&exclude=b")).toEqual(["b"]);
  });

  it("get nothing new while they are blacklisted", async () => {
    for (const list of ["blacklist", "gc_blacklist"]) {
      const ddfs = three();
      await call(ddfs, `/disco/ctrl/${list}`, "b");

      expect((await newBlob(ddfs, "")).sort()).toEqual(["a", "c"]);
      expect(await said(call(ddfs, `/disco/ctrl/get_${list}`))).toEqual([200, '["b"]']);
      const [, tag] = await said(ddfs.fetch(`${MASTER}/ddfs/tag/t`, { method: "POST", body: "[]" }));
      expect(tag).not.toContain("disco://b/");

      await call(ddfs, `/disco/ctrl/${list.replace("black", "white")}`, "b");
      expect((await newBlob(ddfs, "replicas=3")).sort()).toEqual(["a", "b", "c"]);
    }
  });

  it("answer for what they hold, and for nothing else", async () => {
    const ddfs = three();
    const answer = await ddfs.fetch("http://b:8989/ddfs/log$1-2-3", { method: "PUT", body: "here" });
    const url = resolved(await answer.json());

    expect(new URL(url).hostname).toBe("b");
    expect(await said(ddfs.fetch(url))).toEqual([200, "here"]);
    for (const other of ["a", "c"]) expect((await ddfs.fetch(url.replace("//b:", `//${other}:`))).status).toBe(404);
    expect((await ddfs.fetch("http://b:8989/ddfs/tags")).status).toBe(404);
  });

  it("are reached through a proxy's path by their names only", async () => {
    const ddfs = three();
    await ddfs.fetch("http://a:8989/ddfs/log$1-2-3", { method: "PUT", body: "at the master" });
    await ddfs.fetch(`${MASTER}/proxy/c/PUT/ddfs/log$1-2-3`, { method: "PUT", body: "here" });
    const { pathname } = new URL(
      resolved(await (await ddfs.fetch("http://b:8989/ddfs/log$1-2-3", { method: "PUT", body: "there" })).json()),
    );

    expect(await said(ddfs.fetch(`${MASTER}/proxy/c/GET${pathname}`))).toEqual([200, "here"]);
    expect(await said(ddfs.fetch(`${MASTER}/proxy/b/GET${pathname}`))).toEqual([200, "there"]);
    expect((await ddfs.fetch(`${MASTER}/proxy/nobody/GET${pathname}`)).status).toBe(404);
  });

  it("have loopback addresses when only their number is given, on the port that was asked", async () => {
    const ddfs = embedded({ nodes: 3 });

    const urls: string[] = await (await ddfs.fetch("http://localhost:1234/ddfs/new_blob/log?replicas=3")).json();

    expect(urls.map((url) => new URL(url).host).sort()).toEqual(["127.0.0.1:1234", "127.0.0.2:1234", "127.0.0.3:1234"]);
    expect(ddfs.master).toBe("disco://127.0.0.1");
  });

  it("are, when there is but one, called what the request calls it, with its port and scheme", async () => {
    const ddfs = embedded();

    const urls = ["http://localhost:8989", "https://example.org", "http://[::1]:80"].map(async (origin) => {
      const [url = ""] = await (await ddfs.fetch(`${origin}/ddfs/new_blob/log`)).json();
      return url.replace(/\$.*/, "");
    });

    expect(await Promise.all(urls)).toEqual([
      "http://localhost:8989/ddfs/log",
      "https://example.org/ddfs/log",
      "http://[::1]/ddfs/log",
    ]);
  });

  it("are told apart from a master that holds nothing", async () => {
    const ddfs = embedded({ nodes: ["a", "b"], master: "m" });
    const path = new URL(
      resolved(await (await ddfs.fetch("http://a:8989/ddfs/log$1-2-3", { method: "PUT", body: "x" })).json()),
    ).pathname;

    expect(await said(ddfs.fetch(`http://m:8989${path}`))).toEqual([403, "Disco node is busy"]);
    expect((await ddfs.fetch("http://m:8989/ddfs/log$1-2-3", { method: "PUT", body: "x" })).status).toBe(404);
    expect((await ddfs.fetch("http://a:8989/ddfs/new_blob/log")).status).toBe(404);
  });

  it("hold as many replicas of a tag as were asked for", async () => {
    const ddfs = embedded({ nodes: ["a", "b", "c"], replicas: 1, tagReplicas: 2 });

    const urls: string[] = await (await ddfs.fetch(`${MASTER}/ddfs/tag/t`, { method: "POST", body: "[]" })).json();

    const hosts = urls.map((url) => new URL(resolved(url)).hostname);
    expect(new Set(hosts).size).toBe(2);
    for (const host of ["a", "b", "c"]) {
      const [, tags] = await said(call(ddfs, "/ddfs/ctrl/hosted_tags", host));
      expect(tags).toBe(hosts.includes(host) ? '["t"]' : "[]");
    }
  });

  it("are refused when they are no hosts, or fewer than the replicas", () => {
    const wrong = [
      { nodes: 0 },
      { nodes: 1.5 },
      { nodes: [] },
      { nodes: ["a", "A"] },
      { nodes: ["../etc"] },
      { nodes: ["a:80"] },
      { master: "a/b" },
      { replicas: 2 },
      { nodes: 2, tagReplicas: 3 },
      { cors: "example.org" },
    ];

    for (const options of wrong) {
      expect(thrownBy(() => embedded(options))).toMatchObject({ name: "DiscoError", code: "invalid-argument" });
    }
  });
});
