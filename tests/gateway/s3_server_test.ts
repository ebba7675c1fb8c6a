import { describe, it } from "@std/testing/bdd";
import { s3Server, type S3ServerOptions } from "../../lib/gateway/s3_server.ts";
import { DDFS } from "../../mod.ts";
import { expect } from "../helpers/expect.ts";
import { bucket, KEYS, KEYS_IN_ORDER, NOW, signed, textsOf } from "./s3_bucket.ts";
import { headersOf, objectOf } from "./site.ts";

describe("s3Server(): lists", () => {
  it("has one bucket, that is in the first region", async () => {
    const { ask } = await bucket();

    expect(textsOf(await (await ask("/")).text(), "Name")).toEqual(["ddfs"]);
    expect(await (await ask("/ddfs?location=")).text()).toContain("<LocationConstraint");
    expect((await ask("/ddfs", { method: "HEAD" })).status).toBe(200);
    for (const method of ["GET", "HEAD"]) expect((await ask("/other", { method })).status).toBe(404);
  });

  it("has the keys of all tags, in the order of their bytes, with sizes, ETags and times", async () => {
    const { ask, ddfs } = await bucket();

    const xml = await (await ask("/ddfs?list-type=2&prefix=data")).text();

    expect(textsOf(xml, "Key")).toEqual(KEYS_IN_ORDER);
    expect(textsOf(xml, "Size")).toEqual(["1", "10", "1", "9", "5", "3", "1", "4"]);
    expect(textsOf(xml, "ETag")[0]).toBe(`&quot;${await objectOf(ddfs, "data-x")}&quot;`);
    expect(textsOf(xml, "LastModified")[0]).toMatch(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\d\dZ$/);
    expect([textsOf(xml, "IsTruncated"), textsOf(xml, "KeyCount")]).toEqual([["false"], ["8"]]);
  });

  const lists: [query: string, keys: string[], prefixes: string[]][] = [
    ["prefix=data/", KEYS_IN_ORDER.filter((key) => key.startsWith("data/")), []],
    ["prefix=data", KEYS_IN_ORDER, []],
    ["prefix=data/logs", KEYS_IN_ORDER.filter((key) => key.startsWith("data/logs")), []],
    ["prefix=data/logs/mon", ["data/logs/mon"], []],
    ["prefix=data/z:", ["data/z:1"], []],
    ["delimiter=/", [], ["data-x/", "data/", "database/", "links/", "locked/"]],
    ["prefix=data&delimiter=/", [], ["data-x/", "data/", "database/"]],
    ["prefix=data/&delimiter=/", ["data/digits_txt", "data/logs", "data/z:1"], ["data/logs/"]],
    ["prefix=data/logs&delimiter=/", ["data/logs"], ["data/logs/"]],
    ["prefix=data/logs/&delimiter=/", ["data/logs/mon", "data/logs/tue"], ["data/logs/old/"]],
    ["prefix=data/&delimiter=o", ["data/digits_txt", "data/z:1"], ["data/lo"]],
    ["prefix=data&start-after=data/logs/mon", KEYS_IN_ORDER.slice(4), []],
    ["prefix=none/", [], []],
    ["prefix=data//", [], []],
    ["prefix=a:b/", [], []],
    ["prefix=%3Cscript%3E", [], []],
    ["prefix=%E2%82%AC/", [], []],
    ["max-keys=0", [], []],
  ];
  for (const [query, keys, prefixes] of lists) {
    it(`with ${query} has what S3 has`, async () => {
      const { ask } = await bucket();

      const xml = await (await ask(`/ddfs?list-type=2&${query}`)).text();

      expect([textsOf(xml, "Key"), textsOf(xml, "Prefix").slice(1)]).toEqual([keys, prefixes]);
      expect(textsOf(xml, "IsTruncated")).toEqual(["false"]);
    });
  }

  for (const most of [1, 2, 3, 7, 8]) {
    for (
      const [delimiter, expected] of [["", KEYS_IN_ORDER], ["/", [
        "data-x/",
        "data/",
        "database/",
        "links/",
        "locked/",
      ]]] as const
    ) {
      it(`in pages of ${most}, ${delimiter ? "folders" : "keys"} come once each, by both kinds of list`, async () => {
        const { ask } = await bucket();
        for (
          const [kind, next, name] of [["list-type=2", "NextContinuationToken", "continuation-token"], [
            "",
            "NextMarker",
            "marker",
          ]] as const
        ) {
          const found: string[] = [];
          for (let token: string | undefined = ""; token !== undefined;) {
            const after: string = token && `&${name}=${encodeURIComponent(token)}`;
            const part = `delimiter=${delimiter}&prefix=${delimiter ? "" : "data"}`;
            const xml = await (await ask(`/ddfs?${kind}&max-keys=${most}&${part}${after}`)).text();
            found.push(...textsOf(xml, "Key"), ...textsOf(xml, "Prefix").slice(1));
            [token] = textsOf(xml, next);
            expect([textsOf(xml, "IsTruncated"), found.length <= expected.length]).toEqual([[
              String(token !== undefined),
            ], true]);
          }
          expect(found).toEqual([...expected]);
        }
      });
    }
  }

  it("has blobs whose stamps are no times, and those of a tag that is called -", async () => {
    const { ask, ddfs, cluster } = await bucket();
    for (const object of ["odd$ffffffffffff", "odd$ffffffff-0-0", `odd$${"f".repeat(100)}`]) {
      const url = new URL(`/ddfs/${object}`, cluster.master);
      const stored = await cluster.fetch(new Request(url, { method: "PUT", body: "odd" }));
      await ddfs.tag("data:odd", [[await stored.json()]]);
    }
    await ddfs.push("tag://-", [[new Blob(["dash"]), "dash"]]);

    const xml = await (await ask("/ddfs?list-type=2&prefix=data/odd/")).text();
    const dash = await (await ask("/ddfs?list-type=2&prefix=-/")).text();

    expect([textsOf(xml, "Key"), textsOf(xml, "LastModified")])
      .toEqual([["data/odd/odd"], ["1970-01-01T00:00:00.000Z"]]);
    expect(textsOf(dash, "Key")).toEqual(["-/dash"]);
    expect(await (await ask("/ddfs/-/dash")).text()).toBe("dash");
  });

  it("leaves out addresses that are none: whoever may write a tag would make an error of each list", async () => {
    const { ask, ddfs, cluster } = await bucket();
    await ddfs.push("bad:urls", [[new Blob(["good"]), "good"]]);
    const [[good = ""] = []] = await ddfs.urls("bad:urls");
    const bad = ["disco://[::1", "http://h:99999", "disco://1.2.3.999"].map((at) =>
      `${at}/ddfs/vol0/blob/aa/bad$1-1-1`
    );
    const body = JSON.stringify([...bad.map((url) => [url]), [
      `http://[/ddfs/vol0/blob/${good.split("/blob/")[1]}`,
      good,
    ]]);
    await cluster.fetch(new URL("/ddfs/tag/bad:urls", cluster.master), { method: "PUT", body });

    const answer = await ask("/ddfs?list-type=2&prefix=bad/");

    expect([answer.status, textsOf(await answer.text(), "Key")]).toEqual([200, ["bad/urls/good"]]);
    expect((await ask("/ddfs/bad/urls/bad")).status).toBe(404);
    expect(await (await ask("/ddfs/bad/urls/good")).text()).toBe("good");
  });

  it("shows a prefix as text, and encodes keys where that is asked for", async () => {
    const { ask } = await bucket();

    const xml = await (await ask("/ddfs?list-type=2&prefix=%3Cscript%3E%26%01")).text();
    const encoded = await (await ask("/ddfs?list-type=2&prefix=data/z&encoding-type=url")).text();

    expect(xml).toContain("<Prefix>&lt;script&gt;&amp;\uFFFD</Prefix>");
    expect(textsOf(encoded, "Key")).toEqual(["data/z%3A1"]);
  });

  for (
    const query of [
      "acl=",
      "versions=",
      "uploads=",
      "max-keys=-1&list-type=2",
      "max-keys=x",
      "list-type=2&continuation-token=%25",
    ]
  ) {
    it(`refuses ${query}`, async () => {
      const { ask } = await bucket();
      expect([400, 501]).toContain((await ask(`/ddfs?${query}`)).status);
    });
  }

  it("is an error where the cluster does not answer: nothing is left out for that", async () => {
    const errors: unknown[] = [];
    const { cluster } = await bucket();
    const fetch = (request: Request) =>
      request.method === "HEAD" ? Promise.resolve(new Response("", { status: 400 })) : cluster.fetch(request);
    const ddfs = new DDFS(cluster.master, { settings: {}, fetch });
    const s3 = s3Server({ ddfs, keys: KEYS, now: () => NOW, onError: (error) => errors.push(error) });

    const answer = await s3.fetch(await signed("/ddfs?list-type=2&prefix=data/"));

    expect([answer.status, textsOf(await answer.text(), "Code"), errors.length]).toEqual([
      503,
      ["ServiceUnavailable"],
      1,
    ]);
  });
});

describe("s3Server(): objects", () => {
  it("are the newest blobs of their names, with size, ETag, type and time", async () => {
    const { ask, ddfs } = await bucket();

    const answer = await ask("/ddfs/data/logs/mon");

    expect([answer.status, await answer.text()]).toEqual([200, "mon again"]);
    expect(headersOf(answer, "content-length", "etag", "accept-ranges", "x-content-type-options", "cache-control"))
      .toEqual({
        "content-length": "9",
        "etag": `"${await objectOf(ddfs, "data:logs")}"`,
        "accept-ranges": "bytes",
        "x-content-type-options": "nosniff",
        "cache-control": null,
      });
    expect(answer.headers.get("last-modified")).toMatch(/GMT$/);
    const head = await ask("/ddfs/data/digits_txt", { method: "HEAD" });
    expect([head.status, head.headers.get("content-length"), head.headers.get("content-type"), await head.text()])
      .toEqual([200, "10", "text/plain; charset=utf-8", ""]);
  });

  it("are given in parts, and not to those who have them", async () => {
    const { ask, ddfs } = await bucket();
    const etag = `"${(await ddfs.urls("data")).flat().find((url) => url.includes("digits"))?.split("/").pop()}"`;
    const asked: [headers: Record<string, string>, status: number, content: string][] = [
      [{ range: "bytes=2-4" }, 206, "234"],
      [{ range: "bytes=-2" }, 206, "89"],
      [{ "if-none-match": etag }, 304, ""],
      [{ "if-match": etag }, 200, "0123456789"],
    ];
    for (const [headers, status, content] of asked) {
      const answer = await ask("/ddfs/data/digits_txt", { headers });
      expect([answer.status, await answer.text()]).toEqual([status, content]);
    }
    const beyond = await ask("/ddfs/data/digits_txt", { headers: { range: "bytes=10-" } });
    expect([beyond.status, beyond.headers.get("content-range"), textsOf(await beyond.text(), "Code")])
      .toEqual([416, "bytes */10", ["InvalidRange"]]);
    expect((await ask("/ddfs/data/digits_txt", { headers: { "if-match": '"x"' } })).status).toBe(412);
  });

  it("of a tag that a token locks are AccessDenied", async () => {
    const { ask } = await bucket();

    for (const name of ["l", "none"]) {
      const answer = await ask(`/ddfs/locked/${name}`);
      expect([answer.status, textsOf(await answer.text(), "Code")]).toEqual([403, ["AccessDenied"]]);
      expect((await ask(`/ddfs/locked/${name}`, { method: "HEAD" })).status).toBe(403);
    }
  });

  it("that are not there, or no blobs of the cluster are NoSuchKey", async () => {
    const { ask } = await bucket();
    for (
      const key of [
        "data/none",
        "none/x",
        "links/digits_txt",
        "links/passwd",
        "links/x",
        "data",
        "data/",
        "data:logs/mon",
        "%3Cscript%3E/x",
        "data/..%2Fx",
      ]
    ) {
      const answer = await ask(`/ddfs/${key}`);
      expect([key, answer.status, textsOf(await answer.text(), "Code")]).toEqual([key, 404, ["NoSuchKey"]]);
      expect((await ask(`/ddfs/${key}`, { method: "HEAD" })).status).toBe(404);
    }
  });

  it("have the headers that a signed request asks for, and what keeps them from running", async () => {
    const { ask } = await bucket();
    const query =
      "response-content-disposition=attachment%3B%20filename%3D%22a.txt%22&response-content-type=text%2Fhtml";

    for (const signQuery of [false, true]) {
      const answer = await ask(`/ddfs/data/digits_txt?${query}`, { signQuery });

      expect(await answer.text()).toBe("0123456789");
      expect(headersOf(answer, "content-disposition", "content-type", "content-security-policy")).toEqual({
        "content-disposition": 'attachment; filename="a.txt"',
        "content-type": "text/html",
        "content-security-policy": "sandbox",
      });
    }
    const wrong = await ask("/ddfs/data/digits_txt?response-content-type=a%0Ab");
    expect([wrong.status, textsOf(await wrong.text(), "Code")]).toEqual([400, ["InvalidArgument"]]);
    expect((await ask("/ddfs/data/digits_txt?response-x=y")).status).toBe(501);
  });

  it("cannot be changed, whatever the content is signed with", async () => {
    const { ask, ddfs } = await bucket();
    const contents = ["UNSIGNED-PAYLOAD", "a".repeat(64), "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"];
    for (const method of ["PUT", "POST", "DELETE"]) {
      for (const content of contents) {
        const answer = await ask("/ddfs/data/digits_txt", { method, headers: { "x-amz-content-sha256": content } });
        expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
      }
    }
    expect((await ask("/ddfs/data/digits_txt", { headers: { "x-amz-content-sha256": "a".repeat(64) } })).status).toBe(
      400,
    );
    expect((await ddfs.urls("data")).length).toBe(3);
  });
});

describe("s3Server(): options", () => {
  it("are refused by name, without their secrets", () => {
    const ddfs = new DDFS("disco://localhost", { settings: {} });
    const wrong: [options: object, message: RegExp][] = [
      [{ keys: KEYS }, /ddfs/],
      [{ ddfs, keys: {} }, /keys/],
      [{ ddfs }, /keys/],
      [{ ddfs, keys: { a: "" } }, /keys/],
      [{ ddfs, keys: "hush" }, /^(?!.*hush).*keys/],
      [{ ddfs, keys: KEYS, bucket: "x" }, /bucket/],
    ];
    for (const [options, message] of wrong) expect(() => s3Server(options as S3ServerOptions)).toThrow(message);
  });
});
