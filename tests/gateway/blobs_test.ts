import { describe, it } from "@std/testing/bdd";
import { gateway } from "../../lib/gateway/mod.ts";
import { expect } from "../helpers/expect.ts";
import { digits, headersOf, objectOf, site } from "./site.ts";

describe("gateway(): a blob", () => {
  it("is answered with the size, the ETag, the type, and headers that keep it from running as a page", async () => {
    const { ask, object } = await digits();

    const answer = await ask("/blob/open:site/digits_txt");

    expect([answer.status, await answer.text()]).toEqual([200, "0123456789"]);
    expect(Object.fromEntries(answer.headers)).toEqual({
      "accept-ranges": "bytes",
      "cache-control": "no-cache",
      "content-length": "10",
      "content-security-policy": "sandbox",
      "content-type": "text/plain; charset=utf-8",
      "etag": `"${object}"`,
      "last-modified": expect.stringMatching(/^\w{3}, \d\d Jan 2026 00:00:\d\d GMT$/),
      "x-content-type-options": "nosniff",
    });
  });

  it("is kept for good when it is asked for by its whole name", async () => {
    const { ask, object } = await digits();
    for (const path of [`/blob/open:site/${object}`, `/blob/open:site/${encodeURIComponent(object)}`]) {
      const answer = await ask(path);

      expect([answer.status, await answer.text()]).toEqual([200, "0123456789"]);
      expect(answer.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    }
  });

  const ranges: [range: string, status: number, contentRange: string | null, body: string][] = [
    ["bytes=2-4", 206, "bytes 2-4/10", "234"],
    ["bytes=0-", 206, "bytes 0-9/10", "0123456789"],
    ["bytes=7-", 206, "bytes 7-9/10", "789"],
    ["bytes=-3", 206, "bytes 7-9/10", "789"],
    ["bytes=-99", 206, "bytes 0-9/10", "0123456789"],
    ["bytes=8-99", 206, "bytes 8-9/10", "89"],
    ["bytes=0-0", 206, "bytes 0-0/10", "0"],
    ["Bytes=1-1", 206, "bytes 1-1/10", "1"],
    ["bytes=10-", 416, "bytes */10", "The blob has no such part.\n"],
    ["bytes=10-20", 416, "bytes */10", "The blob has no such part.\n"],
    ["bytes=-0", 416, "bytes */10", "The blob has no such part.\n"],
    ["bytes=4-2", 200, null, "0123456789"],
    ["bytes=0-1,4-5", 200, null, "0123456789"],
    ["bytes=", 200, null, "0123456789"],
    ["bytes=-", 200, null, "0123456789"],
    ["bytes=a-b", 200, null, "0123456789"],
    ["lines=1-2", 200, null, "0123456789"],
  ];
  for (const [range, status, contentRange, body] of ranges) {
    it(`with Range: ${range} is ${status}`, async () => {
      const { ask } = await digits();

      const answer = await ask("/blob/open:site/digits_txt", { headers: { range } });

      expect([answer.status, answer.headers.get("content-range"), await answer.text()])
        .toEqual([status, contentRange, body]);
      if (status !== 416) expect(answer.headers.get("content-length")).toBe(String(body.length));
    });
  }

  it("that is empty has a size, and no part", async () => {
    const { ask, ddfs } = site();
    await ddfs.push("open:site", [[new Blob([]), "nothing"]]);

    const [whole, part] = [
      await ask("/blob/open:site/nothing"),
      await ask("/blob/open:site/nothing", { headers: { range: "bytes=0-" } }),
    ];

    expect([whole.status, whole.headers.get("content-length"), await whole.text()]).toEqual([200, "0", ""]);
    expect([part.status, part.headers.get("content-range")]).toEqual([416, "bytes */0"]);
  });

  it("is read from the cluster only as far as a range wants it", async () => {
    const { ask, requests } = await digits();

    await (await ask("/blob/open:site/digits_txt", { headers: { range: "bytes=2-4" } })).text();

    const reads = requests.filter((request) => request.includes("/vol0/blob/"));
    expect(reads.map((request) => request.replace(/ http\S+/, ""))).toEqual(["HEAD", "GET bytes=2-4"]);
  });

  it("is read from another replica when one fails, ranges as well", async () => {
    const parts = await digits();
    const { cluster, object } = parts;
    const broken = new Set<string>();
    const { fetch } = gateway({
      master: cluster.master,
      tags: ["open:"],
      fetch: (request) => {
        const { hostname, pathname } = new URL(request.url);
        const isBlob = pathname.endsWith(object);
        if (isBlob && broken.size === 0) broken.add(hostname);
        return isBlob && broken.has(hostname) ? Promise.reject(new TypeError("broken")) : cluster.fetch(request);
      },
    });
    for (const [headers, body] of [[{}, "0123456789"], [{ range: "bytes=5-6" }, "56"]] as const) {
      const answer = await fetch(new Request("https://example.org/blob/open:site/digits_txt", { headers }));
      expect(await answer.text()).toBe(body);
    }
    expect(broken.size).toBe(1);
  });

  const conditions: [headers: Record<string, string>, status: number][] = [
    [{ "if-none-match": '"OBJECT"' }, 304],
    [{ "if-none-match": 'W/"OBJECT"' }, 304],
    [{ "if-none-match": '"other", "OBJECT"' }, 304],
    [{ "if-none-match": "*" }, 304],
    [{ "if-none-match": '"other"' }, 200],
    [{ "if-none-match": "OBJECT" }, 200],
    [{ "if-none-match": '"OBJECT"', "range": "bytes=2-4" }, 304],
    [{ "if-match": '"OBJECT"' }, 200],
    [{ "if-match": 'W/"OBJECT"' }, 412],
    [{ "if-match": '"other"' }, 412],
    [{ "if-modified-since": "DATE" }, 304],
    [{ "if-modified-since": "Thu, 01 Jan 2099 00:00:00 GMT" }, 200],
    [{ "if-modified-since": "DATE", "if-none-match": '"other"' }, 200],
    [{ "if-unmodified-since": "DATE" }, 200],
    [{ "if-unmodified-since": "Thu, 01 Jan 1970 00:00:00 GMT" }, 412],
    [{ "if-unmodified-since": "Thu, 01 Jan 1970 00:00:00 GMT", "if-match": "*" }, 200],
    [{ "if-range": '"OBJECT"', "range": "bytes=2-4" }, 206],
    [{ "if-range": '"other"', "range": "bytes=2-4" }, 200],
    [{ "if-range": 'W/"OBJECT"', "range": "bytes=2-4" }, 200],
  ];
  for (const [headers, status] of conditions) {
    it(`with ${JSON.stringify(headers)} is ${status}`, async () => {
      const { ask, object } = await digits();
      const date = (await ask("/blob/open:site/digits_txt", { method: "HEAD" })).headers.get("last-modified") ?? "";
      const named = Object.entries(headers).map(([name, value]) =>
        [name, value.replace("OBJECT", object).replace("DATE", date)] as [string, string]
      );
      for (const method of status === 206 ? ["GET"] : ["GET", "HEAD"]) {
        for (const name of ["digits_txt", object]) {
          const answer = await ask(`/blob/open:site/${name}`, { method, headers: named });
          await answer.body?.cancel();

          expect([method, answer.status]).toEqual([method, status]);
          if (status === 304) {
            expect(headersOf(answer, "etag", "content-length")).toEqual({
              "etag": `"${object}"`,
              "content-length": null,
            });
          }
        }
      }
    });
  }

  it("is the newest of its name, also among the tags that its tag links to, wherever it stands there", async () => {
    const { ask, ddfs } = site();
    await ddfs.push("open:b", [[new Blob(["old"]), "page"]]);
    await ddfs.push("open:a", [[new Blob(["older"]), "page"]]);
    await ddfs.tag("open:a", [["tag://open:b"]]);
    await ddfs.push("open:b", [[new Blob(["new"]), "page"]]);
    const first = await objectOf(ddfs, "open:a").catch(() => "");

    expect(first).not.toBe("");
    expect(await (await ask("/blob/open:a/page")).text()).toBe("new");
  });

  it("is found beside a link to a tag that a token locks; where it is not found, it may be in that one", async () => {
    const { ask, ddfs } = site();
    await ddfs.push("open:locked", [[new Blob(["hidden\n"]), "hidden"]]);
    await ddfs.setattr("open:locked", "ddfs:read-token", "sesame");
    await ddfs.chunk("open:numbers", [[new Blob(["1\n"]), "numbers"]]);
    const object = await objectOf(ddfs, "open:numbers");
    // The tag that is locked is before the other one, or behind it.
    await ddfs.tag("open:a", [["tag://open:locked"], ["tag://open:numbers"]]);
    await ddfs.tag("open:b", [["tag://open:numbers"], ["tag://open:locked"]]);
    const status = async (path: string) => (await ask(path, { method: "HEAD" })).status;

    for (const tag of ["open:a", "open:b"]) {
      expect([await status(`/blob/${tag}/numbers-0`), await status(`/blob/${tag}/${object}`)]).toEqual([200, 200]);
      expect([await status(`/blob/${tag}/hidden`), await status(`/blob/${tag}/none$1-1-1`)]).toEqual([401, 401]);
    }
    expect(await status("/blob/open:numbers/hidden")).toBe(404);
  });

  const types: [name: string, type: string][] = [
    ["index_html", "text/html; charset=utf-8"],
    ["a:b:INDEX-HTML", "text/html; charset=utf-8"],
    ["logo:png", "image/png"],
    ["log_tar_gz", "application/gzip"],
    ["html", "application/octet-stream"],
    ["part-0", "application/octet-stream"],
    ["x_constructor", "application/octet-stream"],
    ["drawing_svg", "image/svg+xml"],
    ["data_json", "application/json"],
  ];
  it("has the type that its name ends with", async () => {
    const { ask, ddfs } = site();
    await ddfs.push("open:site", types.map(([name]) => [new Blob(["x"]), name] as [Blob, string]));
    for (const [name, type] of types) {
      const answer = await ask(`/blob/open:site/${name}`, { method: "HEAD" });
      expect([name, answer.headers.get("content-type")]).toEqual([name, type]);
    }
  });
});

describe("gateway(): a reader that gives up", () => {
  it("ends what is read for it", async () => {
    const { cluster, object } = await digits();
    const ended: string[] = [];
    const { fetch } = gateway({
      master: cluster.master,
      tags: ["open:"],
      fetch: async (request) => {
        const answer = await cluster.fetch(request);
        if (!request.url.endsWith(object)) return answer;
        const body = new ReadableStream({
          start: (controller) => controller.enqueue(new Uint8Array(1)),
          cancel: (reason) => void ended.push(String(reason)),
        });
        return new Response(body, answer);
      },
    });
    for (const path of ["/blob/open:site/digits_txt", `/blob/open:site/${object}`]) {
      await (await fetch(new Request(`https://example.org${path}`))).body?.cancel("enough");
    }

    expect(ended.length).toBe(2);
  });
});
