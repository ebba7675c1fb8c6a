import { describe, it } from "@std/testing/bdd";
import { embedded } from "@ddfs/client/embedded";
import { MASTER, stored } from "../../helpers/embedded_stores.ts";
import { pathOf } from "../../../lib/embedded/stores/object_names.ts";
import { expect } from "../../helpers/expect.ts";
import { FakeBucket } from "../../helpers/objects/fake_bucket.ts";
import { thrownBy } from "../../helpers/thrown.ts";

describe("a DDFS in a bucket that redirects", () => {
  const bucket = new FakeBucket();
  const ddfs = embedded({ objects: bucket.engine(), nodes: ["localhost"], redirect: true });
  const url = stored(ddfs, "log$703-1-1", "0123456789");
  const get = async (init?: RequestInit) => await ddfs.fetch(await url, init);

  it("sends those who get a blob to the bucket, for an hour", async () => {
    const answer = await get();

    expect([answer.status, answer.headers.get("Location"), answer.headers.get("Cache-Control")]).toEqual([
      302,
      expect.stringMatching(/^https:\/\/bucket\.example\/blob\/..\/log\$703-1-1\?seconds=3600$/),
      "no-store",
    ]);
  });

  it("gives pages the bytes itself", async () => {
    const pages = {
      Origin: "https://page.example",
      "Sec-Fetch-Site": "same-origin",
      // All that Chromium and Firefox say over plain HTTP, of a page of the same origin that wants no Referer.
      "User-Agent": "Mozilla/5.0 (X11; Linux x86_64)",
    };
    for (const [header, value] of Object.entries(pages)) {
      const answer = await get({ headers: { [header]: value, Range: "bytes=2-4" } });

      expect([header, answer.status, await answer.text()]).toEqual([header, 206, "234"]);
    }
  });

  it("sends Node, Deno, Bun and curl there, whatever their fetch says of itself", async () => {
    for (const agent of ["node", "Deno/2.9.6", "Bun/1.3.0", "curl/8.5.0"]) {
      const answer = await get({ headers: { "Sec-Fetch-Mode": "cors", "User-Agent": agent } });

      expect([agent, answer.status]).toEqual([agent, 302]);
    }
  });

  it("sends who wants one part that is there, and answers itself where the store would answer otherwise", async () => {
    const plain = embedded({ objects: bucket.engine(), nodes: ["localhost"] });
    const sent = ["bytes=0-0", "bytes=2-4", "bytes=2-", "bytes=9-100", "bytes=0-9"];
    const own = ["0-0,2-3", "10-", "10-12", "11-12", "abc", "3-1", "-0", "-3", "0-", " 2 - 4 ", ""].map((text) =>
      `bytes=${text}`
    );
    for (const Range of sent) expect([Range, (await get({ headers: { Range } })).status]).toEqual([Range, 302]);
    for (const Range of own) {
      const [here, there] = await Promise.all([
        get({ headers: { Range } }),
        plain.fetch(await url, { headers: { Range } }),
      ]);
      const boundary = (text: string) => text.replace(/^--\w+/gm, "--");

      expect([Range, here.status, here.headers.get("Content-Range"), boundary(await here.text())]).toEqual(
        [Range, there.status, there.headers.get("Content-Range"), boundary(await there.text())],
      );
    }
    for (const header of ["If-Match", "If-Range", "If-Modified-Since", "If-Unmodified-Since"]) {
      const answer = await get({ headers: { [header]: '"another"', Range: "bytes=2-4" } });
      await answer.body?.cancel();

      expect([header, answer.status]).toEqual([header, header === "If-Range" ? 200 : 206]);
    }
  });

  it("answers HEAD, conditions and missing blobs itself", async () => {
    expect((await get({ method: "HEAD" })).headers.get("Content-Length")).toBe("10");
    expect((await get({ headers: { "If-None-Match": '"log$703-1-1"' } })).status).toBe(304);
    expect((await ddfs.fetch(`${MASTER}/ddfs/${pathOf("blob", "log$703-1-2")}`)).status).toBe(404);
  });

  it("needs a store that makes URLs", () => {
    const { link: _, ...objects } = new FakeBucket().engine();

    const error = thrownBy(() => embedded({ objects, nodes: ["localhost"], redirect: true }));

    expect(error).toMatchObject({ code: "invalid-argument", message: expect.stringMatching(/redirect/) });
  });
});
