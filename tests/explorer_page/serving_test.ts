import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { embedded } from "../../lib/embedded/mod.ts";
import { explorer } from "../../lib/explorer_page/mod.ts";
import type { Explorer } from "../../lib/embedded/mod.ts";
import { FILES } from "../../lib/explorer_page/files.ts";
import { gateway } from "../../lib/gateway/mod.ts";
import { rejectionOf, thrownBy } from "../helpers/thrown.ts";

const ORIGIN = "http://localhost:8989";
const ask = async (path: string, init: RequestInit = {}, ui: boolean | Explorer = explorer) => {
  const ddfs = embedded({ ui });
  try {
    return await ddfs.fetch(ORIGIN + path, { redirect: "manual", ...init });
  } finally {
    await ddfs.close();
  }
};
const [script = ""] = Object.keys(FILES).filter((name) => name.startsWith("main-"));

describe("embedded({ ui: explorer })", () => {
  it("serves the page at /ui/ and for every view below it, and nothing of it without the option", async () => {
    for (const path of ["/ui/", "/ui/tags?prefix=data:", "/ui/tag/data:logs?view=blobs", "/ui/nodes"]) {
      const answer = await ask(path);

      expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
      expect(await answer.text()).toContain(`src="/ui/${script}"`);
      expect((await ask(path, {}, false)).status).toBe(404);
    }
  });

  it("sends who opens its address in a browser to the page, and nobody else", async () => {
    const answer = await ask("/", { headers: { accept: "text/html,*/*" } });

    expect([answer.status, answer.headers.get("location")]).toEqual([302, "/ui/"]);
    expect([(await ask("/ui")).status, (await ask("/")).status]).toEqual([308, 404]);
  });

  it("lets the page run its own scripts only, and be framed by nobody", async () => {
    for (const path of ["/ui/", `/ui/${script}`, "/ui/none.js", "/ui"]) {
      const { headers } = await ask(path);
      const policy = headers.get("content-security-policy") ?? "";

      expect(policy).toContain("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:/);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
    }
    expect(FILES["index.html"]?.text).not.toMatch(/<script(?![^>]* src=)|\son\w+=|style=/);
  });

  it("answers 304 to who has a file already, and HEAD without the file", async () => {
    for (const path of ["/ui/", `/ui/${script}`]) {
      const { headers } = await ask(path);
      const etag = headers.get("etag") ?? "";
      const head = await ask(path, { method: "HEAD" });

      expect(etag).toMatch(/^"[0-9a-f]{12}"$/);
      expect((await ask(path, { headers: { "if-none-match": `"x", ${etag}` } })).status).toBe(304);
      expect([head.status, head.headers.get("content-length"), await head.text()])
        .toEqual([200, headers.get("content-length"), ""]);
    }
  });

  it("keeps scripts for good, whose names say their content, and asks for the page each time", async () => {
    const cached = async (path: string) => (await ask(path)).headers.get("cache-control");

    expect(await cached("/ui/")).toBe("no-cache");
    expect(await cached(`/ui/${script}`)).toBe("public, max-age=31536000, immutable");
  });

  it("compresses for those who take gzip, under an ETag of its own", async () => {
    const plain = await ask(`/ui/${script}`);
    const answer = await ask(`/ui/${script}`, { headers: { "accept-encoding": "br, gzip" } });
    const text = await new Response(answer.body?.pipeThrough(new DecompressionStream("gzip"))).text();

    expect([answer.headers.get("content-encoding"), answer.headers.get("vary")]).toEqual(["gzip", "accept-encoding"]);
    expect(answer.headers.get("etag")).not.toBe(plain.headers.get("etag"));
    expect(text).toBe(await plain.text());
    expect((await ask("/ui/", { headers: { "accept-encoding": "gzip;q=0" } })).headers.get("content-encoding")).toBe(
      null,
    );
  });

  it("gives 404 for files that are not there, 405 for what would change something", async () => {
    expect([(await ask("/ui/none.js")).status, (await ask("/ui/", { method: "POST" })).status]).toEqual([404, 405]);
    expect((await ask("/ui/constructor")).headers.get("content-type")).toBe("text/html; charset=utf-8");
  });

  it("lets no page take a blob for a script", async () => {
    const ddfs = embedded({ ui: explorer });
    const [url] = await (await ddfs.fetch(`${ORIGIN}/ddfs/new_blob/page`)).json();
    const stored: string = await (await ddfs.fetch(url, { method: "PUT", body: "<script>alert(1)</script>" })).json();
    const { headers } = await ddfs.fetch(stored.replace("disco://localhost", ORIGIN));

    expect([headers.get("content-type"), headers.get("x-content-type-options")])
      .toEqual(["application/octet-stream", "nosniff"]);
    await ddfs.close();
  });

  it("is true, false or the explorer", () => {
    expect(thrownBy(() => embedded({ ui: "yes" as never }))).toMatchObject({
      code: "invalid-argument",
      message: expect.stringMatching(/^Invalid ui "yes": /),
    });
  });

  it("is loaded by itself with `true`; what is bundled for a Worker or a page says what to give", async () => {
    const isBundled = !("process" in globalThis);
    const handlers = [
      () => embedded({ ui: true }).fetch,
      () => gateway({ master: "disco://localhost", tags: [""], ui: true }).fetch,
    ];

    for (const made of handlers) {
      if (isBundled) {
        expect(thrownBy(made)).toMatchObject({
          code: "invalid-argument",
          message:
            'Invalid ui true: a bundle has no explorer unless it is given: import { explorer } from "@ddfs/client/ui", and ui: explorer',
        });
      } else {
        const answer = await made()(new Request(`${ORIGIN}/ui/`));
        expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
      }
    }
  });
});

describe("explorer()", () => {
  const page = async (options: Parameters<typeof explorer>[1]) =>
    await (await explorer(new Request(`${ORIGIN}/ui/`), options))?.text();

  it("tells the page that nothing can be changed, and where the protocol is", async () => {
    expect(await page({ readOnly: true, api: "/of/mine" })).toContain(
      '<html data-readonly data-api="/of/mine" lang="en">',
    );
    expect(await rejectionOf(page({ api: '"><script>' }))).toBeInstanceOf(TypeError);
  });

  it("leaves all other paths to others", async () => {
    for (const path of ["/uix", "/ddfs/tags", "/", "/x/ui/"]) {
      expect(await explorer(new Request(ORIGIN + path))).toBe(undefined);
    }
  });
});
