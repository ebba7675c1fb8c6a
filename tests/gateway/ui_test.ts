import { describe, it } from "@std/testing/bdd";
import { DDFSReader } from "../../lib/client/reader.ts";
import { explorer } from "../../lib/explorer_page/mod.ts";
import type { GatewayOptions } from "../../lib/gateway/mod.ts";
import { DDFS } from "../../mod.ts";
import { expect } from "../helpers/expect.ts";
import { all } from "../helpers/fakes.ts";
import { site } from "./site.ts";

/** A site with the page, the client by which the page asks, and the paths that it asks for. */
function explored(options: Partial<GatewayOptions> = {}) {
  const parts = site({ ui: explorer, ...options });
  const asked: string[] = [];
  const fetch = (request: Request) => {
    const { pathname, search } = new URL(request.url);
    asked.push(`${request.method} ${pathname}${search}`);
    return parts.ask(pathname + search, request);
  };
  const settings = { settings: {}, fetch, proxy: "https://example.org/ui/api", retry: { tries: 1 } };
  return { ...parts, asked, settings, page: new DDFSReader("https://example.org", settings) };
}

describe("gateway(): ui", () => {
  it("is the explorer page, told that it only reads", async () => {
    const { ask, requests } = explored();

    const [page, view, root] = [
      await ask("/ui/"),
      await ask("/ui/tag/open:site?view=graph"),
      await ask("/", { headers: { accept: "text/html" } }),
    ];

    for (const answer of [page, view]) {
      expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
      expect(answer.headers.get("content-security-policy")).toMatch(/^default-src 'none'/);
      const html = await answer.text();
      expect(html).toMatch(/^<!doctype html>\s*<html data-readonly data-api="\/ui\/api"/i);
      const [, script = ""] = /src="(\/ui\/[^"]+\.js)"/.exec(html) ?? [];
      expect((await ask(script)).headers.get("content-type")).toBe("text/javascript; charset=utf-8");
    }
    expect([root.status, root.headers.get("location")]).toEqual([302, "/ui/"]);
    expect(requests).toEqual([]);
  });

  it("is nothing where it is not wanted", async () => {
    const { ask, ddfs } = site();
    await ddfs.push("open:site", [[new Blob(["x"]), "x"]]);

    for (const path of ["/ui/", "/ui", "/", "/ui/api/ddfs/tags", "/ui/api/ddfs/tag/open:site"]) {
      expect([path, (await ask(path)).status]).toEqual([path, 404]);
    }
  });

  it("lists the open tags alone, however few are asked for", async () => {
    const { page, ddfs } = explored({ tags: ["open:", "also:a", "open:b"] });
    for (const tag of ["open:a", "open:b", "openly", "closed:a", "also:a", "also:b"]) await ddfs.tag(tag, []);

    expect(await page.list()).toEqual(["also:a", "open:a", "open:b"]);
    expect(await page.list("open:")).toEqual(["open:a", "open:b"]);
    expect(await page.list("al")).toEqual(["also:a"]);
    expect(await page.list("closed:")).toEqual([]);
  });

  it("reads tags, sizes, blobs, parts of them and records by the client's own requests", async () => {
    const { page, ddfs, settings } = explored();
    await ddfs.push("open:site", [[new Blob(["0123456789"]), "digits"]]);
    await ddfs.chunk("open:log", [[new Blob(["one\n", "two\n"]), "log"]]);
    await ddfs.setattr("open:log", "owner", "me");

    const { urls, userData } = await page.get("open:log");
    const [blob] = await all(page.pull("open:site"));
    const [part] = await all(page.pull("open:site", undefined, { range: { start: 2, end: 5 } }));
    const sizes = await all(page.sizes("open:site"));
    const records = await all(new DDFS("https://example.org", settings).records("tag://open:log", { text: true }));

    expect([urls.length, userData]).toEqual([1, { owner: "me" }]);
    expect([blob?.name, await blob?.text(), await part?.text()]).toEqual(["digits", "0123456789", "234"]);
    expect(sizes.map(({ size }) => size)).toEqual([10]);
    expect(records).toEqual(["one\n", "two\n"]);
  });

  it("reads each replica from its own node, so that it sees what is wrong with one", async () => {
    const { settings, ddfs, cluster } = explored();
    await ddfs.chunk("open:log", [[new Blob(["one\n"]), "log"]]);
    const [[gone = ""] = []] = await ddfs.urls("open:log");
    const broken = explored({
      fetch: (request) => {
        const { hostname, pathname } = new URL(request.url);
        const isGone = hostname === new URL(gone.replace("disco:", "http:")).hostname && pathname.includes("/blob/");
        return isGone ? Promise.resolve(new Response("", { status: 404 })) : cluster.fetch(request);
      },
      master: cluster.master,
    });

    const states = async (settings: ConstructorParameters<typeof DDFS>[1]) =>
      (await all(new DDFS("https://example.org", settings).verify("open:log"))).map(({ state }) => state).sort();

    expect(await states(settings)).toEqual(["good", "good"]);
    expect(await states(broken.settings)).toEqual(["good", "missing"]);
  });

  it("gives nothing of tags that are not open, of other hosts, or that a tag does not have", async () => {
    const { ask, ddfs, requests } = explored();
    await ddfs.push("closed:site", [[new Blob(["secret"]), "page"]]);
    await ddfs.push("open:site", [[new Blob(["here"]), "page"]]);
    await ddfs.tag("open:foreign", [["disco://10.0.0.1/ddfs/vol0/blob/00/page$5-0-0"]]);
    const pathOf = async (tag: string, own = tag) => {
      const [[url = ""] = []] = await ddfs.urls(tag);
      const { hostname, pathname } = new URL(url.replace("disco:", "http:"));
      return `/ui/api/proxy/${hostname}/GET${pathname.replace(/(blob\/)[\da-f]{2}/, `$1${own}`)}`;
    };
    const open = await pathOf("open:site");
    expect(await (await ask(open)).text()).toBe("here");
    requests.length = 0;

    const paths: [path: string, status: number][] = [
      [await pathOf("closed:site"), 404],
      [await pathOf("closed:site", "open:site"), 404],
      [open.replace(/proxy\/[^/]+/, "proxy/10.0.0.1"), 404],
      [open.replace("open:site", "00"), 404],
      [open.replace("/GET/", "/PUT/"), 404],
      ["/ui/api/proxy/10.0.0.1/GET/ddfs/vol0/blob/open:foreign/page$5-0-0", 502],
      ["/ui/api/ddfs/tag/closed:site", 404],
      ["/ui/api/ddfs/new_blob/x", 404],
      ["/ui/api/ddfs/ctrl/gc_start", 404],
      ["/ui/api/disco/ctrl/nodeinfo", 404],
      ["/ui/api/", 404],
    ];
    for (const [path, status] of paths) expect([path, (await ask(path)).status]).toEqual([path, status]);
    expect(requests.filter((request) => request.includes("10.0.0.1"))).toEqual([]);
  });

  it("asks who may read for everything but the page's own files, and changes nothing", async () => {
    const { ask, ddfs, requests } = explored({
      authorize: ({ headers }) => headers.has("authorization") ? "sesame" : new Response("", { status: 401 }),
    });
    await ddfs.push("open:site", [[new Blob(["x"]), "x"]]);
    requests.length = 0;

    for (const path of ["/ui/api/ddfs/tags", "/ui/api/ddfs/tag/open:site"]) {
      expect([path, (await ask(path)).status]).toEqual([path, 401]);
      const answer = await ask(path, { headers: { authorization: "x" } });
      expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "private, no-cache"]);
    }
    expect((await ask("/ui/")).status).toBe(200);
    for (const path of ["/ui/", "/ui/api/ddfs/tag/open:site"]) {
      for (const method of ["POST", "PUT", "DELETE"]) expect((await ask(path, { method })).status).toBe(405);
    }
  });
});
