import { describe, it } from "@std/testing/bdd";
import { embedded } from "@ddfs/client/embedded";
import { MASTER, stored } from "../../helpers/embedded_stores.ts";
import { pathOf } from "../../../lib/embedded/stores/object_names.ts";
import { expect } from "../../helpers/expect.ts";
import { FakeBucket } from "../../helpers/objects/fake_bucket.ts";
import { thrownBy } from "../../helpers/thrown.ts";

describe("a DDFS in a bucket that redirects", () => {
  const ddfs = embedded({ objects: new FakeBucket().engine(), nodes: ["localhost"], redirect: true });
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
    for (const header of ["Origin", "Sec-Fetch-Mode"]) {
      const answer = await get({ headers: { [header]: "https://page.example", Range: "bytes=2-4" } });

      expect([answer.status, await answer.text()]).toEqual([206, "234"]);
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
