import { describe, it } from "@std/testing/bdd";
import { embedded } from "@ddfs/client/embedded";
import { expect } from "../../helpers/expect.ts";
import { FakeBucket } from "../../helpers/objects/fake_bucket.ts";
import { CommError } from "../../../lib/errors.ts";

const ready = (objects: ReturnType<FakeBucket["engine"]>) => embedded({ objects, nodes: ["localhost"] }).ready();

describe("a bucket that is opened", () => {
  it("is refused by name when it ignores conditions, and nothing is left in it", async () => {
    const bucket = new FakeBucket();

    await expect(ready(bucket.engine({ unconditional: true }))).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(/^a fake bucket cannot hold a DDFS: it ignores If-None-Match/),
    });
    expect(bucket.keys()).toEqual([]);
  });

  it("is refused when it only ignores If-Match, or does not know its own ETags", async () => {
    const engine = new FakeBucket().engine();
    const wrong = (change: (etag: string) => { ifMatch?: string }) => ({
      ...engine,
      put: (...[key, body, options = {}]: Parameters<typeof engine.put>) => {
        const { ifMatch, ...rest } = options;
        return engine.put(key, body, ifMatch === undefined ? rest : { ...rest, ...change(ifMatch) });
      },
    });

    await expect(ready(wrong(() => ({})))).rejects.toThrow(/ignores If-Match/);
    await expect(ready(wrong((etag) => ({ ifMatch: `"${etag}"` })))).rejects.toThrow(/ETag/);
  });

  it("is opened although answers are lost meanwhile, and is empty then", async () => {
    const bucket = new FakeBucket();
    const lost = [true, false, true, false, false, true];

    await ready(bucket.engine({ lostAnswer: 0.5, random: () => lost.pop() ? 0 : 1 }));

    expect(bucket.keys()).toEqual([]);
  });

  it("says why it cannot be used, and who asks only the kind of that: the reason may name the store", async () => {
    const refusal = new CommError("there is no such bucket", { code: "not-found", url: "bucket:", status: 404 });
    const engine = { ...new FakeBucket().engine(), put: () => Promise.reject(refusal) };
    const ddfs = embedded({ objects: engine, nodes: ["localhost"] });

    await expect(ddfs.ready()).rejects.toBe(refusal);
    const answer = await ddfs.fetch("http://localhost:8989/ddfs/tags");
    expect([answer.status, await answer.text()]).toEqual([503, "The object store cannot be opened: not-found"]);
  });
});
