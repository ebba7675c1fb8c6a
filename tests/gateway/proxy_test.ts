import { describe, it } from "@std/testing/bdd";
import { type Embedded, embedded } from "../../lib/embedded/mod.ts";
import { proxy, type ProxyOptions } from "../../lib/gateway/mod.ts";
import { DDFS } from "../../mod.ts";
import { all, scripted } from "../helpers/fakes.ts";
import { expect } from "../helpers/expect.ts";

const ORIGIN = "https://proxy.example";

/** A proxy before an embedded DDFS of three nodes, and the requests that it passed on. */
function proxied(options: Partial<ProxyOptions> = {}): {
  cluster: Embedded;
  passed: Request[];
  ask: (path: string, init?: RequestInit) => Promise<Response>;
} {
  const cluster = embedded({ nodes: 3, replicas: 2 });
  const passed: Request[] = [];
  const { fetch } = proxy({
    master: cluster.master,
    fetch: (request) => {
      passed.push(request);
      return cluster.fetch(request);
    },
    ...options,
  });
  return { cluster, passed, ask: (path, init) => fetch(new Request(ORIGIN + path, init)) };
}

describe("proxy()", () => {
  it("lets a page see whether a node lives without an error in its console; programs see what the node says", async () => {
    const { ask, cluster } = proxied();
    const page = { "sec-fetch-site": "same-origin" };
    const status = async (path: string, init: RequestInit = {}) => (await ask(path, init)).status;

    expect(await status(`/proxy/${new URL(cluster.master).hostname}/GET/ddfs/`)).toBe(204);
    expect(await status("/ddfs/", { method: "HEAD", headers: page })).toBe(204);
    expect([await status("/ddfs/"), await status("/ddfs/", { headers: { "sec-fetch-site": "cross-site" } })])
      .toEqual([403, 403]);
  });

  it("carries every operation of a client: of tags, attributes, blobs, records, nodes and the collection", async () => {
    const { cluster, ask } = proxied();
    const fetch = (request: Request) => {
      expect(new URL(request.url).origin).toBe(ORIGIN);
      return ask(request.url.slice(ORIGIN.length), request);
    };
    const ddfs = new DDFS(cluster.master, { settings: {}, proxy: ORIGIN, fetch, token: "sesame" });

    await ddfs.push("data:a", [[new Blob(["0123456789"]), "digits"]]);
    await ddfs.chunk("data:b", [[new Blob(["one\ntwo\n"]), "lines"]]);
    await ddfs.setattr("data:a", "kind", "digits");

    const [blob] = await all(ddfs.pull("data:a"));
    expect(await blob?.text()).toBe("0123456789");
    expect(await blob?.text({ range: { start: 2, end: 4 } })).toBe("23");
    expect(await all(ddfs.records("tag://data:b", { text: true }))).toEqual(["one\n", "two\n"]);
    expect([await ddfs.list("data:"), await ddfs.attrs("data:a")]).toEqual([["data:a", "data:b"], { kind: "digits" }]);
    expect((await ddfs.nodes()).length).toBe(3);
    expect((await all(ddfs.sizes("data:a"))).map(({ size }) => size)).toEqual([10]);
    await ddfs.delete("data:a");
    expect(await ddfs.exists("data:a")).toBe(false);
    expect((await ddfs.gc()).tags.kept.objects).toBeGreaterThan(0);
  });

  it("sends to the port for uploads that the master names, else to that of Disco", async () => {
    const answers = () => new Response(null, { status: 201 });
    const { fetch, requests } = scripted(
      answers,
      new Response('["http://n1:7777/ddfs/x$1-2-3"]'),
      answers,
      answers,
      answers,
    );
    const { fetch: passOn } = proxy({ master: "disco://m:1234", allowedHosts: ["n1"], fetch });
    const put = (host: string) =>
      passOn(new Request(`${ORIGIN}/proxy/${host}/PUT/ddfs/x$1-2-3`, { method: "PUT", body: "x" }));

    await put("n1");
    await passOn(new Request(`${ORIGIN}/ddfs/new_blob/x`));
    await put("n1");
    await put("m");
    await passOn(new Request(`${ORIGIN}/proxy/n1/GET/ddfs/vol0/blob/00/x$1-2-3`));

    expect(requests.map(({ url }) => url)).toEqual([
      "http://n1:8990/ddfs/x$1-2-3",
      "http://m:1234/ddfs/new_blob/x",
      "http://n1:7777/ddfs/x$1-2-3",
      "http://m:8990/ddfs/x$1-2-3",
      "http://n1:1234/ddfs/vol0/blob/00/x$1-2-3",
    ]);
  });

  it("passes the path on as it is, and the query", async () => {
    const { fetch, requests } = scripted(new Response(""), new Response(""));
    const { fetch: passOn } = proxy({ master: "disco://m", fetch });

    await passOn(new Request(`${ORIGIN}/proxy/m/GET/ddfs/vol0/blob/00/a:b@c$1-2-3?x=%24`));
    await passOn(new Request(`${ORIGIN}/ddfs/tag/a/%2E%2e%2fb?update=1`));

    expect(requests.map(({ url }) => url))
      .toEqual(["http://m:8989/ddfs/vol0/blob/00/a:b@c$1-2-3?x=%24", "http://m:8989/ddfs/tag/a/%2E%2e%2fb?update=1"]);
  });

  const refused: [method: string, path: string, status: number][] = [
    ["GET", "/proxy/10.0.0.1/GET/ddfs/vol0/blob/00/x$1", 403],
    ["GET", "/proxy/127.0.0.4/GET/ddfs/vol0/blob/00/x$1", 403],
    ["GET", "/proxy/127.0.0.2:22/GET/ddfs/vol0/blob/00/x$1", 403],
    ["GET", "/proxy/127.0.0.2:8989/GET/ddfs/vol0/blob/00/x$1", 403],
    ["GET", "/proxy/10.0.0.1%2f127.0.0.2/GET/ddfs/x", 403],
    ["GET", "/proxy/127.0.0.2%40evil.example/GET/ddfs/x", 403],
    ["GET", "/proxy/127.0.0.2@evil.example/GET/ddfs/x", 403],
    ["GET", "/proxy/%E0%A4%A/GET/ddfs/x", 403],
    ["GET", "/proxy/evil.example%23127.0.0.2/GET/ddfs/x", 403],
    ["GET", "/proxy/127.0.0.2/PUT/ddfs/x", 400],
    ["PUT", "/proxy/127.0.0.2/GET/ddfs/x", 400],
    ["GET", "/proxy/127.0.0.2/GET/etc/passwd", 404],
    ["GET", "/proxy/127.0.0.2/GET/ddfs/../etc/passwd", 404],
    ["GET", "/proxy/127.0.0.2/GET", 404],
    ["GET", "/", 404],
    ["GET", "/ui/", 404],
    ["OPTIONS", "/ddfs/tag/x", 405],
    ["PATCH", "/ddfs/tag/x", 405],
  ];
  for (const [method, path, status] of refused) {
    it(`answers ${method} ${path} with ${status}, and passes nothing on`, async () => {
      const { ask, passed } = proxied();

      const answer = await ask(path, { method });

      expect([answer.status, answer.headers.get("x-content-type-options")]).toEqual([status, "nosniff"]);
      expect(passed.filter(({ url }) => !url.endsWith("/disco/ctrl/nodeinfo"))).toEqual([]);
    });
  }

  it("asks a host and port that is allowed with it", async () => {
    const { fetch, requests } = scripted(new Response("x"));
    const { fetch: passOn } = proxy({ master: "disco://m", allowedHosts: ["N1:9000"], fetch });

    await passOn(new Request(`${ORIGIN}/proxy/n1:9000/GET/ddfs/vol0/blob/00/x$1`));

    expect(requests.map(({ url }) => url)).toEqual(["http://n1:9000/ddfs/vol0/blob/00/x$1"]);
  });

  it("asks the master for its nodes once, however many hosts are made up", async () => {
    const { ask, passed } = proxied();
    for (let i = 0; i < 20; i++) await ask(`/proxy/10.0.0.${i}/GET/ddfs/x`);
    expect(passed.map(({ url }) => new URL(url).pathname)).toEqual(["/disco/ctrl/nodeinfo"]);
  });

  it("sends tokens to the master alone, and cookies to nobody", async () => {
    const { ask, passed } = proxied();
    const headers = { authorization: "Basic dG9rZW46eA==", cookie: "session=1", range: "bytes=0-1" };

    await ask("/ddfs/tag/x", { headers });
    await ask("/proxy/127.0.0.1/GET/ddfs/vol0/blob/00/x$1", { headers });

    expect(passed.map(({ headers }) => Object.fromEntries(headers)))
      .toEqual([{ authorization: "Basic dG9rZW46eA==", range: "bytes=0-1" }, { range: "bytes=0-1" }]);
  });

  const foreign: [headers: Record<string, string>, isForeign: boolean][] = [
    [{ origin: "https://evil.example" }, true],
    [{ origin: "null" }, true],
    [{ origin: "https://proxy.example:8443" }, true],
    [{ origin: ORIGIN.replace("https:", "http:") }, true],
    [{ "sec-fetch-site": "cross-site" }, true],
    [{ "sec-fetch-site": "same-site" }, true],
    [{ origin: ORIGIN, "sec-fetch-site": "same-origin" }, false],
    [{ "sec-fetch-site": "same-origin" }, false],
    [{}, false],
  ];
  for (const [headers, isForeign] of foreign) {
    it(`${isForeign ? "lets a page change nothing" : "passes changes on"} with ${JSON.stringify(headers)}`, async () => {
      const { ask, passed } = proxied();
      const changes: [path: string, init: RequestInit][] = [
        ["/ddfs/tag/x", { method: "POST", body: "[]" }],
        ["/ddfs/tag/x", { method: "DELETE" }],
        ["/ddfs/new_blob/x", {}],
        ["/ddfs/ctrl/gc_start", {}],
        ["/disco/ctrl/blacklist", { method: "POST", body: '"127.0.0.1"' }],
        ["/proxy/127.0.0.1/PUT/ddfs/x$1-2-3", { method: "PUT", body: "x" }],
      ];
      for (const [path, init] of changes) {
        const { status } = await ask(path, { ...init, headers });
        expect([path, status === 403]).toEqual([path, isForeign]);
      }
      expect(passed.length > 0).toBe(!isForeign);
      expect((await ask("/ddfs/tags", { headers })).status).toBe(200);
    });
  }

  it("keeps blobs from running as pages of its origin", async () => {
    const { cluster, ask } = proxied();
    const ddfs = new DDFS(cluster.master, { settings: {}, fetch: cluster.fetch });
    const { blobs: [[url = ""] = []] } = await ddfs.push("data:a", [[
      new Blob(["<script>alert(1)</script>"]),
      "page_html",
    ]]);
    const { hostname, pathname } = new URL(url.replace("disco:", "http:"));

    const answer = await ask(`/proxy/${hostname}/GET${pathname}`);

    expect([answer.status, await answer.text()]).toEqual([200, "<script>alert(1)</script>"]);
    expect([answer.headers.get("content-security-policy"), answer.headers.get("x-content-type-options")])
      .toEqual(["sandbox", "nosniff"]);
  });

  it("takes off what belongs to one connection, and says that a compressed answer has another length", async () => {
    const { fetch } = scripted(
      new Response("x", {
        headers: {
          "content-type": "text/plain",
          "connection": "close",
          "ddfs-connections": "kept",
          "set-cookie": "a=b",
          "content-encoding": "gzip",
          "content-length": "5",
        },
      }),
    );
    const answer = await proxy({ master: "disco://m", fetch }).fetch(new Request(`${ORIGIN}/ddfs/tags`));
    expect([...answer.headers.keys()]).toEqual(["content-security-policy", "content-type", "x-content-type-options"]);
  });

  it("answers 502 when the cluster does not, and tells why to onError alone", async () => {
    const errors: unknown[] = [];
    const { ask } = proxied({
      fetch: () => Promise.reject(new TypeError("connection to 10.1.1.1 refused")),
      onError: (error) => errors.push(error),
    });

    const answer = await ask("/ddfs/tags");

    expect([answer.status, await answer.text(), String(errors)])
      .toEqual([502, "The cluster does not answer.\n", "TypeError: connection to 10.1.1.1 refused"]);
  });

  it("refuses wrong options by name", () => {
    for (
      const [options, message] of [[{ hosts: [] }, /hosts/], [{ allowedHosts: "n1" }, /allowedHosts/], [
        { onError: 1 },
        /onError/,
      ]] as const
    ) {
      expect(() => proxy({ master: "disco://m", ...options } as ProxyOptions)).toThrow(message);
    }
  });
});
