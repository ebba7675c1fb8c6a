import { describe, it } from "@std/testing/bdd";
import { gateway } from "../../lib/gateway/mod.ts";
import { expect } from "../helpers/expect.ts";
import { digits, headersOf, site } from "./site.ts";

describe("gateway(): HEAD, OPTIONS and other methods", () => {
  it("answers HEAD as GET, without the content, and without reading it", async () => {
    const { ask, object, requests } = await digits();
    for (const path of ["/blob/open:site/digits_txt", `/blob/open:site/${object}`, "/tag/open:site"]) {
      const [head, get] = [await ask(path, { method: "HEAD" }), await ask(path)];
      await get.body?.cancel();

      expect([head.status, Object.fromEntries(head.headers)]).toEqual([200, Object.fromEntries(get.headers)]);
      expect(await head.text()).toBe("");
    }
    requests.length = 0;
    await ask("/blob/open:site/digits_txt", { method: "HEAD" });
    expect(requests.filter((request) => /^GET \S+\/blob\//.test(request))).toEqual([]);
  });

  for (const method of ["POST", "PUT", "DELETE", "PATCH", "PURGE"]) {
    it(`refuses ${method}, and asks nobody`, async () => {
      const { ask, requests } = await digits();

      for (const path of ["/blob/open:site/digits_txt", "/tag/open:site", "/records/open:site", "/"]) {
        const answer = await ask(path, { method });
        expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS"]);
      }
      expect(requests).toEqual([]);
    });
  }

  it("answers the preflight of an origin that is allowed, and no other", async () => {
    const preflight = (origin: string) => ({
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "GET", "access-control-request-headers": "range" },
    });
    const { ask } = site({ cors: ["https://a.example", "https://b.example"] });

    const [good, bad] = [
      await ask("/blob/open:site/x", preflight("https://b.example")),
      await ask("/blob/open:site/x", preflight("https://c.example")),
    ];

    expect([good.status, bad.status]).toEqual([204, 204]);
    expect(Object.fromEntries(good.headers)).toEqual({
      "access-control-allow-headers": "Authorization, If-Match, If-None-Match, If-Range, Range",
      "access-control-allow-methods": "GET, HEAD",
      "access-control-allow-origin": "https://b.example",
      "access-control-expose-headers": "Accept-Ranges, Content-Length, Content-Range, ETag",
      "access-control-max-age": "86400",
      "allow": "GET, HEAD, OPTIONS",
      "vary": "Origin",
    });
    expect(Object.fromEntries(bad.headers)).toEqual({ "allow": "GET, HEAD, OPTIONS", "vary": "Origin" });
  });

  it("lets pages of all origins read where it is told to, also that something is missing", async () => {
    const { ask } = await digits({ cors: true });
    for (const path of ["/blob/open:site/digits_txt", "/blob/open:site/none"]) {
      expect((await ask(path)).headers.get("access-control-allow-origin")).toBe("*");
    }
    expect((await (await digits()).ask("/tag/open:site")).headers.get("access-control-allow-origin")).toBe(null);
  });
});

describe("gateway(): what is not passed on", () => {
  it("is what is missing, not open, or no path of a gateway", async () => {
    const { ask, ddfs, object, requests } = await digits();
    await ddfs.push("closed:site", [[new Blob(["secret"]), "digits_txt"]]);
    requests.length = 0;
    const asked = ["/tag/open:none", "/blob/open:none/x", "/blob/open:site/none", `/blob/open:site/${object}0`];
    const unasked = [
      "/tag/closed:site",
      "/blob/closed:site/digits_txt",
      `/blob/closed:site/${object}`,
      "/records/closed:site",
      "/tag/ope",
      "/",
      "/tag",
      "/tag/",
      "/tag/open:site/",
      "/tag/open:site/x",
      "/blob/open:site",
      "/blob/open:site/",
      "/blob/open:site/digits_txt/x",
      "/records",
      "/tag/open:%3Cscript%3E",
      "/tag/open:%E0%A4%A",
      "/blob/open:site/..%2F..%2Fclosed:site%2Fdigits_txt",
      "/ddfs/tag/open:site",
      "/tag/open:site%00",
      "/tag/open:a%0Ab",
      "/tag/tag:%2F%2Fopen:site",
      "//tag/open:site",
    ];
    for (const path of unasked) {
      const answer = await ask(path);
      expect([path, answer.status, await answer.text()]).toEqual([path, 404, "There is no such tag or blob here.\n"]);
      expect(headersOf(answer, "cache-control", "content-security-policy", "x-content-type-options")).toEqual({
        "cache-control": "no-store",
        "content-security-policy": "sandbox",
        "x-content-type-options": "nosniff",
      });
    }
    expect(requests).toEqual([]);
    for (const path of asked) expect([path, (await ask(path)).status]).toEqual([path, 404]);
  });

  it("is what tags that are not open hold, though open ones link to them", async () => {
    const { ask, ddfs, requests } = site();
    await ddfs.push("closed:site", [[new Blob(["secret\n"]), "page"]]);
    await ddfs.tag("open:links", [["tag://closed:site"], ["closed:site"], ["tag://elsewhere/open:x"], [
      "tag://open:missing",
    ]]);

    expect((await ask("/blob/open:links/page")).status).toBe(404);
    expect(await (await ask("/records/open:links")).text()).toBe("");
    expect(requests.filter((request) => /closed|elsewhere/.test(request))).toEqual([]);
  });

  it("is what other hosts have, and files", async () => {
    const { ask, ddfs, requests, errors } = site();
    const path = "/ddfs/vol0/blob/00/page$1-2-3";
    await ddfs.tag("open:foreign", [
      [`disco://10.0.0.1${path}`],
      ["http://10.0.0.1/secret"],
      ["file:///etc/passwd"],
      ["raw://secret"],
      ["http://10.0.0.1/ddfs/vol0/blob/00/x$1?y"],
    ]);

    const answer = await ask("/blob/open:foreign/page");

    expect([answer.status, await answer.text()]).toEqual([502, "The cluster cannot be read.\n"]);
    for (const name of ["secret", "passwd", "x", "x$1"]) {
      expect((await ask(`/blob/open:foreign/${name}`)).status).toBe(404);
    }
    expect((await ask("/records/open:foreign")).status).toBe(502);
    expect(requests.filter((request) => request.includes("10.0.0.1"))).toEqual([]);
    expect(Object(errors[0]).code).toBe("forbidden");
  });

  it("is the cause of an error: the answer says no address, onError is told", async () => {
    const errors: unknown[] = [];
    const { fetch } = gateway({
      master: "disco://inner",
      tags: [""],
      fetch: () => Promise.resolve(new Response("inner secret", { status: 400 })),
      onError: (error) => errors.push(error),
    });

    const answer = await fetch(new Request("https://example.org/tag/x"));

    expect([answer.status, await answer.text()]).toEqual([502, "The cluster cannot be read.\n"]);
    expect(String(errors[0])).toMatch(/inner/);
  });
});

describe("gateway(): authorize", () => {
  it("gives the token that opens a tag, which makes the answer private", async () => {
    const { ask, ddfs } = site({ authorize: ({ headers }) => headers.get("x-token") ?? undefined });
    await ddfs.push("open:site", [[new Blob(["secret\n"]), "page"]], { token: "sesame" });
    const object = await ddfs.urls("open:site", { token: "sesame" }).then(([[url = ""] = []]) => url.split("/").pop());
    const paths = ["/tag/open:site", "/blob/open:site/page", `/blob/open:site/${object}`, "/records/open:site"];

    for (const path of paths.slice(0, 3)) {
      const answer = await ask(path, { headers: { "x-token": "sesame" } });
      await answer.body?.cancel();
      expect([path, answer.status, /^private, /.test(answer.headers.get("cache-control") ?? "")]).toEqual([
        path,
        200,
        true,
      ]);
    }
    for (const path of paths) {
      for (const headers of [{ "x-token": "wrong" }, {}]) {
        const answer = await ask(path, { headers });
        expect([path, answer.status, answer.headers.has("www-authenticate")]).toEqual([path, 401, true]);
      }
    }
  });

  it("leaves no records out without a word: a locked tag behind the one that is asked for ends them", async () => {
    const { ask, ddfs, errors } = site();
    await ddfs.chunk("open:numbers", [[new Blob(["1\n"]), "numbers"]]);
    await ddfs.chunk("open:locked", [[new Blob(["2\n"]), "numbers"]]);
    await ddfs.setattr("open:locked", "ddfs:read-token", "sesame");
    await ddfs.tag("open:before", [["tag://open:locked"], ["tag://open:numbers"]]);
    await ddfs.tag("open:behind", [["tag://open:numbers"], ["tag://open:locked"]]);

    expect((await ask("/records/open:before")).status).toBe(401);
    expect(await (await ask("/records/open:behind")).text().then(() => "whole", ({ code }) => code)).toBe(
      "unauthorized",
    );
    expect(errors).toEqual([1, 2].map(() => expect.objectContaining({ code: "unauthorized" })));
  });

  for (const no of [false, true, 0, {}, { status: 401 }]) {
    it(`lets nobody in by ${JSON.stringify(no)}, which is no answer, and tells onError`, async () => {
      const { ask, requests, errors } = await digits({ authorize: () => no as unknown as undefined });
      requests.length = 0;

      for (const path of ["/tag/open:site", "/blob/open:site/digits_txt", "/records/open:site"]) {
        const answer = await ask(path);
        expect([answer.status, await answer.text()]).toEqual([500, "The gateway failed.\n"]);
      }
      expect(requests).toEqual([]);
      expect(String(errors[0])).toContain("answer of authorize");
    });
  }

  it("refuses before anything is asked, and may take its time", async () => {
    const { ask, requests } = await digits({
      authorize: () => Promise.resolve(new Response("members only", { status: 403 })),
      cors: true,
    });
    requests.length = 0;

    const answer = await ask("/blob/open:site/digits_txt");

    expect([answer.status, await answer.text(), answer.headers.get("access-control-allow-origin")])
      .toEqual([403, "members only", "*"]);
    expect(requests).toEqual([]);
  });

  it("may refuse HEAD with a clone of an answer, whose content is never read", async () => {
    const members = new Response("members only", { status: 403 });
    const { ask } = site({ authorize: () => members.clone() });

    const answer = await ask("/tag/open:site", { method: "HEAD" });

    expect([answer.status, await answer.text()]).toEqual([403, ""]);
  });

  it("that fails is an answer of the gateway", async () => {
    const { ask, errors } = site({
      authorize: () => {
        throw new Error("no database");
      },
    });
    const answer = await ask("/tag/open:site");
    expect([answer.status, await answer.text(), String(errors)]).toEqual([
      500,
      "The gateway failed.\n",
      "Error: no database",
    ]);
  });
});

describe("gateway(): cache", () => {
  function memory() {
    const kept = new Map<string, Response>();
    return {
      kept,
      match: ({ url }: Request) => Promise.resolve(kept.get(url)?.clone()),
      put: async ({ url }: Request, response: Response) => {
        kept.set(url, new Response(await response.arrayBuffer(), response));
      },
    };
  }

  it("keeps a blob that was asked for by its whole name, and gives it without the cluster", async () => {
    const cache = memory();
    const { ddfs, object, cluster, requests } = await digits();
    const work: Promise<unknown>[] = [];
    const handler = gateway({
      ...{ master: cluster.master, tags: ["open:"], cache },
      fetch: (request) => {
        requests.push(request.url);
        return cluster.fetch(request);
      },
    });
    const ask = (path: string, init?: RequestInit) =>
      handler.fetch(new Request(`https://example.org${path}`, init), {}, {
        waitUntil: (waiting: Promise<unknown>) => work.push(waiting),
      });
    const path = `/blob/open:site/${object}`;
    await ddfs.exists("open:site");

    for (const request of [`${path}?unlike`, "/blob/open:site/digits_txt"]) {
      expect(await (await ask(request)).text()).toBe("0123456789");
    }
    await Promise.all(work);
    expect([...cache.kept.keys()]).toEqual([`https://example.org${path}`]);
    requests.length = 0;

    expect(await (await ask(path)).text()).toBe("0123456789");
    const known = await ask(path, { headers: { "if-none-match": `"${object}"` } });
    expect([known.status, known.headers.get("content-length"), await known.text()]).toEqual([304, null, ""]);
    expect(requests).toEqual([]);
    const part = await ask(path, { headers: { range: "bytes=2-4" } });
    expect([part.status, await part.text()]).toEqual([206, "234"]);
  });

  it("keeps nothing that a token opened, and gives nothing to who is refused", async () => {
    const cache = memory();
    const { ask, object } = await digits({
      cache,
      authorize: ({ headers }) =>
        headers.get("x-token") ?? (headers.has("x-open") ? undefined : new Response("", { status: 403 })),
    });
    const path = `/blob/open:site/${object}`;
    await (await ask(path, { headers: { "x-token": "t" } })).text();
    expect(cache.kept.size).toBe(0);

    await (await ask(path, { headers: { "x-open": "" } })).text();
    await new Promise((resolve) => setTimeout(resolve));
    expect([cache.kept.size, (await ask(path)).status]).toEqual([1, 403]);
  });

  it("that fails is as good as none", async () => {
    const { ask, object } = await digits({
      cache: { match: () => Promise.reject(new Error("no")), put: () => Promise.reject(new Error("no")) },
    });
    expect(await (await ask(`/blob/open:site/${object}`)).text()).toBe("0123456789");
  });
});

describe("gateway(): options", () => {
  it("that are not valid are refused by name", () => {
    const wrong: [options: object, message: RegExp][] = [
      [{}, /tags/],
      [{ tags: "open:" }, /tags/],
      [{ tags: ["a/b"] }, /tags/],
      [{ tags: [""], authorise: () => {} }, /authorise/],
      [{ tags: [""], authorize: "token" }, /authorize/],
      [{ tags: [""], cors: "example.org" }, /cors/],
      [{ tags: [""], master: "ftp://host" }, /master/],
      [{ tags: [""], allowedHosts: ["a b"] }, /allowedHosts/],
    ];
    for (const [options, message] of wrong) {
      expect(() => gateway({ master: "disco://localhost", ...options } as Parameters<typeof gateway>[0])).toThrow(
        message,
      );
    }
  });
});
