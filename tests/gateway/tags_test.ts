import { describe, it } from "@std/testing/bdd";
import { Tuple } from "../../mod.ts";
import { expect } from "../helpers/expect.ts";
import { all } from "../helpers/fakes.ts";
import { digits, headersOf, type Site, site } from "./site.ts";

describe("gateway(): a tag", () => {
  it("is JSON as the master has it, with an ETag, asked about each time", async () => {
    const { ask, ddfs } = await digits();
    await ddfs.setattr("open:site", "owner", "<b>me</b>");
    const { id, urls, lastModified } = await ddfs.get("open:site");

    const answer = await ask("/tag/open:site");

    expect(headersOf(answer, "etag", "cache-control", "content-type", "x-content-type-options")).toEqual({
      "etag": `"${id}"`,
      "cache-control": "no-cache",
      "content-type": "application/json",
      "x-content-type-options": "nosniff",
    });
    expect(await answer.json())
      .toEqual({ "version": 1, id, "last-modified": lastModified, urls, "user-data": { owner: "<b>me</b>" } });
    const again = await ask("/tag/open:site", { headers: { "if-none-match": `"${id}"` } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    await ddfs.setattr("open:site", "owner", "you");
    expect((await ask("/tag/open:site", { headers: { "if-none-match": `"${id}"` } })).status).toBe(200);
  });

  it("is shown without the tokens that its links have", async () => {
    const { ask, cluster } = site();
    const sets = [["tag://secret@host/a@b"], ["tag://user:se/cret@host:8989/c"], ["tag://d@e"]];
    await cluster.fetch(`${cluster.master}/ddfs/tag/open:links`.replace("disco:", "http:"), {
      method: "PUT",
      body: JSON.stringify(sets),
    });

    const { urls } = await (await ask("/tag/open:links")).json();

    expect(urls).toEqual([["tag://host/a@b"], ["tag://host:8989/c"], ["tag://d@e"]]);
  });
});

describe("gateway(): records", () => {
  const LINES = ["<script>alert(1)</script>\n", "two 2\n", "three\n"];

  async function lines(): Promise<Site> {
    const parts = site();
    await parts.ddfs.chunk("open:log", [[new Blob(LINES), "log"]]);
    return parts;
  }

  const accepts: [accept: string | undefined, type: string][] = [
    [undefined, "application/x-ndjson"],
    ["*/*", "application/x-ndjson"],
    ["application/json, text/plain, */*", "application/x-ndjson"],
    ["text/html,application/xhtml+xml,*/*;q=0.8", "application/x-ndjson"],
    ["text/plain;q=0.5, application/x-ndjson", "application/x-ndjson"],
    ["text/plain;q=0", "application/x-ndjson"],
    ["text/plain", "text/plain; charset=utf-8"],
    ["text/*", "text/plain; charset=utf-8"],
    ["text/plain, */*;q=0.1", "text/plain; charset=utf-8"],
    ["application/x-ndjson;q=0.5, text/plain;q=0.9", "text/plain; charset=utf-8"],
  ];
  for (const [accept, type] of accepts) {
    it(`are ${type} for Accept: ${accept}`, async () => {
      const { ask } = await lines();

      const answer = await ask("/records/open:log", accept === undefined ? {} : { headers: { accept } });

      expect(
        headersOf(answer, "content-type", "cache-control", "vary", "content-security-policy", "x-content-type-options"),
      ).toEqual({
        "content-type": type,
        "cache-control": "no-cache",
        "vary": "Accept",
        "content-security-policy": "sandbox",
        "x-content-type-options": "nosniff",
      });
      const isText = type.startsWith("text");
      expect(await answer.text()).toBe(LINES.map((line) => isText ? line : `${JSON.stringify(line)}\n`).join(""));
    });
  }

  it("says that a blob holds none: that is no fault of the cluster, and none that passes", async () => {
    const { ask, ddfs } = site();
    await ddfs.push("open:page", [[new Blob(["<h1>no chunk</h1>".repeat(10)]), "page_html"]]);

    for (const method of ["GET", "HEAD"]) {
      const answer = await ask("/records/open:page", { method });
      expect([method, answer.status]).toEqual([method, 422]);
      const text = "A blob of this tag holds no records, or damaged ones. Ask for it as /blob/TAG/NAME.\n";
      expect(await answer.text()).toBe(method === "HEAD" ? "" : text);
    }
  });

  it("are those that contain a text", async () => {
    const { ask } = await lines();
    const text = { headers: { accept: "text/plain" } };

    expect(await (await ask("/records/open:log?filter=2", text)).text()).toBe("two 2\n");
    expect(await (await ask("/records/open:log?filter=%3Cscript", text)).text()).toBe(LINES[0]);
    expect(await (await ask("/records/open:log?filter=none", text)).text()).toBe("");
  });

  it("that are no text are in base64, values are JSON, and a value without end is said to be one", async () => {
    const endless: unknown[] = [];
    endless.push(endless);
    const values = [
      Uint8Array.of(0xff, 0xfe),
      new TextEncoder().encode("bytes"),
      "text",
      Tuple.of("key", 2n ** 70n),
      Infinity,
      null,
      new Map<string, unknown>([["a", [1.5, Uint8Array.of(0x80)]]]),
      new Map([[1, true]]),
    ];
    // deno-lint-ignore no-explicit-any -- a list that holds itself has no finite type.
    const pickles = [...values, endless as any];
    const { ask, ddfs } = site();
    await ddfs.chunk("open:values", [[new Blob(["x"]), "x"]], {
      reader: async function* () {
        yield* pickles;
      },
    });

    const [json, text] = [
      await ask("/records/open:values"),
      await ask("/records/open:values", { headers: { accept: "text/plain" } }),
    ];

    const big = `["key",${2n ** 70n}]`;
    const last = '{"error":"the record is too deep to be written as JSON"}';
    expect((await json.text()).trimEnd().split("\n")).toEqual([
      '{"base64":"//4="}',
      '"bytes"',
      '"text"',
      big,
      '"Infinity"',
      "null",
      '{"a":[1.5,{"base64":"gA=="}]}',
      "[[1,true]]",
      last,
    ]);
    expect((await text.text()).trimEnd().split("\n")).toEqual([
      "//4=",
      "bytes",
      "text",
      big,
      '"Infinity"',
      "null",
      '{"a":[1.5,{"base64":"gA=="}]}',
      "[[1,true]]",
      last,
    ]);
  });

  /** Records that take little room in a chunk and much as text, as each has one text many times. */
  async function repeated(count: number): Promise<Site> {
    const parts = site();
    const text = "x".repeat(1000);
    await parts.ddfs.chunk("open:repeated", [[new Blob(["x"]), "x"]], {
      reader: async function* () {
        for (let i = 0; i < count; i++) yield new Array<string>(1000).fill(text);
      },
    });
    return parts;
  }

  it("are sent as they are written, however large a hunk is as text", async () => {
    const { ask, ddfs } = await repeated(100);

    const sizes: number[] = [];
    for await (const part of (await ask("/records/open:repeated")).body ?? []) sizes.push(part.length);

    const [record] = await all(ddfs.records("tag://open:repeated"));
    expect(sizes).toEqual(new Array(100).fill(`${JSON.stringify(record)}\n`.length));
  });

  it("leave others a turn while none of them contains what is looked for", async () => {
    const { ask } = await repeated(500);
    let turns = 0;
    const timer = setInterval(() => turns++);

    const answer = await ask("/records/open:repeated?filter=none");

    expect(await answer.text()).toBe("");
    clearInterval(timer);
    expect(turns).toBeGreaterThan(2);
  });

  it("have an answer to HEAD, and none where the tag is missing", async () => {
    const { ask } = await lines();

    const head = await ask("/records/open:log", { method: "HEAD" });

    expect([head.status, await head.text()]).toEqual([200, ""]);
    expect((await ask("/records/open:none")).status).toBe(404);
  });

  it("of a tag without blobs are none", async () => {
    const { ask, ddfs } = site();
    await ddfs.put("open:empty", []);
    const answer = await ask("/records/open:empty");
    expect([answer.status, await answer.text()]).toEqual([200, ""]);
  });
});
