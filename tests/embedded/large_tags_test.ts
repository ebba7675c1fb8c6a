import { describe, it } from "@std/testing/bdd";
import { embedded } from "@ddfs/client/embedded";
import type { TagChange } from "../../lib/embedded/stores/tag_store.ts";
import {
  filesIn,
  handTimer,
  inFolder,
  MASTER,
  opened,
  place,
  said,
  settled,
  STORES,
  toTag,
  until,
} from "../helpers/embedded_stores.ts";
import { expect } from "../helpers/expect.ts";
import { sparing } from "./sparing_files.ts";
import { onDisk, storeSetup } from "../helpers/store_setup.ts";

/** Sets of more than 512 KiB of JSON: they are not held in memory. */
const MANY = Array.from({ length: 14_000 }, (_, i) => [`disco://h/ddfs/vol0/blob/${i % 90 + 10}/blob-${i}$703-1-${i}`]);
const ONE = [["disco://h/ddfs/vol0/blob/00/one$703-2-1"]];
const TWO = [["disco://h/ddfs/vol0/blob/00/two$703-2-2", "disco://i/ddfs/vol0/blob/00/two$703-2-2"]];

describe("a large tag", () => {
  for (const [kind, use] of STORES) {
    it(`is changed and read as every tag is (${kind})`, () =>
      use(async (ddfs) => {
        const urls = async () => JSON.parse((await said(toTag(ddfs, "GET", "data/ddfs:urls")))[1]);
        await toTag(ddfs, "PUT", "data", MANY);
        await toTag(ddfs, "POST", "data", ONE);
        await toTag(ddfs, "POST", "data?update=1", [...ONE, ...MANY.slice(-2), ...TWO]);
        await toTag(ddfs, "POST", "data", []);
        expect(await urls()).toEqual([...TWO, ...ONE, ...MANY]);

        const [first, again] = await Promise.all([1, 2].map(() => toTag(ddfs, "POST", "data?request=key", ONE)));
        expect(await first?.text()).toBe(await again?.text());
        expect((await urls()).slice(0, 3)).toEqual([...ONE, ...TWO, ...ONE]);
        await toTag(ddfs, "POST", "data?request=other&again=1", [...ONE, ["new"]]);
        expect((await urls()).slice(0, 3)).toEqual([["new"], ...ONE, ...TWO]);

        await toTag(ddfs, "PUT", "data/7", "seven");
        await toTag(ddfs, "PUT", "data/\u00e9", "\u00e9");
        const answer = await toTag(ddfs, "GET", "data");
        const text = await answer.text();
        const tag = JSON.parse(text);
        expect(text.length).toBe(Number(answer.headers.get("Content-Length")));
        expect(Object.keys(tag)).toEqual(["version", "id", "last-modified", "urls", "user-data"]);
        expect(tag).toMatchObject({ version: 1, "user-data": { "7": "seven", "\u00e9": "\u00e9" } });
        expect(answer.headers.get("ETag")).toBe(`"${tag.id}"`);

        await toTag(ddfs, "DELETE", "data/ddfs:urls");
        expect(await urls()).toEqual([]);
        await toTag(ddfs, "POST", "data", ONE);
        expect(await urls()).toEqual(ONE);
        expect(await said(toTag(ddfs, "GET", "data/7"))).toEqual([200, '"seven"']);
      }));

    it(`keeps its conditions, tokens and ranges (${kind})`, () =>
      use(async (ddfs) => {
        const path = `${MASTER}/ddfs/tag/data`;
        const old = (await toTag(ddfs, "PUT", "data", MANY)).headers.get("ETag") ?? "";
        const post = (headers: HeadersInit, body = JSON.stringify(ONE)) =>
          ddfs.fetch(path, { method: "POST", headers, body }).then(({ status }) => status);
        expect([await post({ "If-Match": old }), await post({ "If-Match": old })]).toEqual([200, 412]);
        expect(await post({ "If-None-Match": "*" })).toBe(412);
        const now = (await toTag(ddfs, "GET", "data/ddfs:urls")).headers.get("ETag") ?? "";
        const get = (headers: HeadersInit) => ddfs.fetch(path, { headers });
        expect((await get({ "If-None-Match": now })).status).toBe(304);
        expect((await get({ "If-None-Match": "*" })).status).toBe(304);
        const whole = await (await get({})).text();
        const range = await get({ Range: "bytes=600000-600009" });
        expect([range.status, await range.text()]).toEqual([206, whole.slice(600_000, 600_010)]);

        await toTag(ddfs, "PUT", "data/ddfs:write-token", "W");
        await toTag(ddfs, "PUT", "data/ddfs:read-token", "R", "W");
        for (
          const [method, token, status] of [["GET", "x", 401], ["GET", "R", 200], ["POST", "R", 401], [
            "POST",
            "W",
            200,
          ]]
        ) {
          const body = method === "POST" ? ONE : undefined;
          const answer = await toTag(ddfs, `${method}`, "data", body, `${token}`);
          expect([method, token, answer.status]).toEqual([method, token, status]);
          await answer.body?.cancel();
        }
      }));
  }

  it("gets delayed appends together, in one version", () =>
    inFolder(async (root) => {
      const { after, fire, waiting } = handTimer();
      await opened(root, async (ddfs) => {
        await toTag(ddfs, "PUT", "data", MANY);
        const appends = [ONE, TWO].map((sets) => toTag(ddfs, "POST", "data?delayed=1", sets));
        while (waiting().length === 0 || !waiting().includes(1000)) await settled();
        await new Promise((resolve) => setTimeout(resolve, 50));
        fire();
        const [one, two] = await Promise.all(appends.map(async (answer) => (await answer).headers.get("ETag")));
        expect(one).toBe(two);
        expect(JSON.parse((await said(toTag(ddfs, "GET", "data/ddfs:urls")))[1])).toEqual([...TWO, ...ONE, ...MANY]);
      }, { after });
    }));

  it("is never read as a whole to be appended to, to get an attribute, or to be answered with", () =>
    inFolder(async (root) => {
      const { files, open, spare } = sparing();
      const store = await onDisk(root, storeSetup(), { fs: files, after: () => () => {} });
      await store.tags.change("data", () => ({ urls: JSON.stringify(MANY), user: new Map([["name", "value"]]) }));
      spare();

      const change = (change: TagChange) => store.tags.change("data", () => change, { sets: false });
      await Promise.all([ONE, TWO].map((sets) => change({ added: JSON.stringify(sets) })));
      await change({ readToken: "R" });
      await store.close();
      // Nor by a process that has not written it.
      const other = await onDisk(root, storeSetup(), { fs: files, after: () => () => {} });
      const appended = { added: JSON.stringify(ONE) };
      await other.tags.change("data", () => appended, { sets: false });
      const tag = await other.tags.read("data", { apart: true });

      expect(tag?.content).toMatchObject({ readToken: "R", writeToken: null, user: new Map([["name", "value"]]) });
      expect(open.size).toBe(1);
      const pieces = await Array.fromAsync(tag?.apart?.pieces() ?? []);
      const text = await new Blob(pieces).text();
      expect(JSON.parse(text)).toEqual([...ONE, ...TWO, ...ONE, ...MANY]);
      expect([text.length, open.size]).toEqual([tag?.apart?.size, 0]);
      await other.close();
    }));

  it("is answered with as it was when it was asked for, though it is changed before that is read", () =>
    inFolder((root) =>
      opened(root, async (ddfs) => {
        await toTag(ddfs, "PUT", "data", MANY);
        const [before, unread] = await Promise.all([1, 2].map(() => toTag(ddfs, "GET", "data/ddfs:urls")));
        await toTag(ddfs, "POST", "data", ONE);
        await toTag(ddfs, "DELETE", "data");
        expect(await ddfs.gc()).toMatchObject({ tags: { kept: { objects: 1 } } });

        expect(await before?.json()).toEqual(MANY);
        await unread?.body?.cancel();
      })
    ));

  it("is left alone, with its file closed, by who no longer wants the answer", () =>
    inFolder(async (root) => {
      const { files, open, whenOpen } = sparing();
      const ddfs = embedded({ store: (setup) => onDisk(root, setup, { fs: files, after: () => () => {} }) });
      await toTag(ddfs, "PUT", "data", [...MANY, ...MANY]);
      const get = (signal: AbortSignal) => ddfs.fetch(`${MASTER}/ddfs/tag/data`, { signal });

      const early = new AbortController();
      whenOpen(() => early.abort());
      await expect(get(early.signal)).rejects.toMatchObject({ name: "AbortError" });
      const late = new AbortController();
      const reader = (await get(late.signal)).body?.getReader();
      await reader?.read();
      late.abort();
      await expect(reader?.read()).rejects.toMatchObject({ name: "AbortError" });

      await until(() => open.size === 0);
      await ddfs.close();
    }));

  const TEXTS: [what: string, text: string][] = [
    ["with spaces", JSON.stringify({ ...stored(), urls: MANY }, undefined, 1)],
    ["with its fields in another order", JSON.stringify({ urls: MANY, ...stored(), version: 1 })],
    [
      "with escapes",
      JSON.stringify({ ...stored(), urls: MANY, "user-data": {} }).replace("blob-13999$", "\\u0062lob-13999$"),
    ],
    [
      "with spaces between its sets",
      JSON.stringify({ ...stored(), urls: MANY, "user-data": {} }).replaceAll('"],[', '"], ['),
    ],
    [
      "with more attributes than sets",
      JSON.stringify({ ...stored(), urls: MANY, "user-data": { long: "x".repeat(1_200_000) } }),
    ],
  ];
  for (const [what, text] of TEXTS) {
    it(`that something else has written ${what} is read and changed, and is as ours then`, () =>
      inFolder(async (root) => {
        await place(root, "tag", "data$703-1-1", text);
        await opened(root, async (ddfs) => {
          for (let time = 0; time < 2; time++) {
            expect((await said(toTag(ddfs, "GET", "data/ddfs:urls")))[1]).toBe(JSON.stringify(MANY));
          }
          await toTag(ddfs, "POST", "data", ONE);
          await toTag(ddfs, "PUT", "data/name", "value");
          expect((await said(toTag(ddfs, "GET", "data/ddfs:urls")))[1]).toBe(JSON.stringify([...ONE, ...MANY]));
        });
        const [file = ""] = (await filesIn(root)).filter((file) => file.includes("/tag/"));
        const start = '{"version":1,"id":"data$';
        const found = await Deno.readTextFile(`${root}/${file}`);
        expect(found.slice(0, start.length)).toBe(start);
        expect(found).toContain(
          `,"read-token":null,"write-token":null,"urls":${JSON.stringify([...ONE, ...MANY])},"user-data":{`,
        );
        expect(JSON.parse(found)["user-data"]).toMatchObject({ name: "value" });
      }));
  }

  it("whose file is damaged in the middle is named, refuses what would keep that, and can be deleted", () =>
    inFolder(async (root) => {
      const sound = JSON.stringify({ ...stored(), urls: MANY, "user-data": {} });
      await place(root, "tag", "data$703-1-1", `${sound.slice(0, 300_000)}\n${sound.slice(300_000)}`);
      await opened(root, async (ddfs) => {
        for (const [method, path, body] of [["GET", "data"], ["POST", "data", ONE], ["PUT", "data/name", "value"]]) {
          const [status, text] = await said(toTag(ddfs, `${method}`, `${path}`, body));
          expect([status, text]).toEqual([500, expect.stringContaining("corrupted_json")]);
        }
        expect((await toTag(ddfs, "DELETE", "data")).status).toBe(200);
      });
    }));

  it("is copied from another node where the file on one is gone, or ends too early", () =>
    inFolder(async (root) => {
      const nodes = ["a", "b", "c"];
      await opened(root, async (ddfs) => {
        const tag = () => said(ddfs.fetch("http://a:8989/ddfs/tag/data/ddfs:urls"));
        const change = async (method: string, sets: unknown) => {
          const answer = await ddfs.fetch("http://a:8989/ddfs/tag/data", { method, body: JSON.stringify(sets) });
          expect([answer.status, (await answer.json()).length]).toEqual([200, 3]);
        };
        await change("PUT", MANY);
        const files = async () => (await filesIn(root)).filter((file) => file.includes("data$"));
        const [first = ""] = await files();
        await Deno.remove(`${root}/${first}`);
        await change("POST", ONE);
        const [next = "", ...others] = await files();
        expect(others.length).toBe(2);
        await Deno.chmod(`${root}/${next}`, 0o600);
        await Deno.truncate(`${root}/${next}`, 400_000);
        await change("POST", TWO);

        expect(JSON.parse((await tag())[1])).toEqual([...TWO, ...ONE, ...MANY]);
        const [one, ...rest] = await Promise.all((await files()).map((file) => Deno.readTextFile(`${root}/${file}`)));
        expect(rest).toEqual([one, one]);
      }, { nodes, replicas: 3 });
    }));

  it("goes on from another node where one cannot be read in the middle, and stays as it was where none can", () =>
    inFolder(async (root) => {
      const { files, fail } = sparing();
      const nodes = ["a", "b"];
      const store = await onDisk(root, storeSetup({ nodes, tagReplicas: 2 }), { fs: files, after: () => () => {} });
      const sets = [["disco://h/ddfs/vol0/blob/00/long$703-1-1"], ["x".repeat(1_500_000)], ...MANY];
      await store.tags.change("data", () => ({ urls: JSON.stringify(sets) }));
      const append = () => store.tags.change("data", () => ({ added: JSON.stringify(ONE) }), { sets: false });

      fail((path, at) => path.includes("/a/vol0/") && at > 1_000_000 && at < 2_000_000);
      expect((await append()).nodes.length).toBe(2);
      fail((_path, at) => at > 1_000_000 && at < 2_000_000);
      await expect(append()).rejects.toMatchObject({ message: expect.stringContaining("replication_failed (EIO)") });
      fail(() => false);

      expect(JSON.parse((await store.tags.read("data"))?.content.urls ?? "")).toEqual([...ONE, ...sets]);
      const texts = await Promise.all((await filesIn(root)).map((file) => Deno.readTextFile(`${root}/${file}`)));
      expect(texts.length).toBe(2);
      expect(texts[0]).toBe(texts[1]);
      await store.close();
    }));
});

/** What a stored tag has beside its sets. */
function stored() {
  return {
    version: 1,
    id: "data$703-1-1",
    "last-modified": "2026/11/22 07:46:35",
    "read-token": null,
    "write-token": null,
  };
}
