import { describe, it } from "@std/testing/bdd";
import { embedded } from "@ddfs/client/embedded";
import { expect } from "../../../helpers/expect.ts";
import { FakeBucket } from "../../../helpers/objects/fake_bucket.ts";
import { CommError } from "../../../../lib/errors.ts";

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

  it("is opened although answers are lost meanwhile, and has nothing but its settings then", async () => {
    const bucket = new FakeBucket();
    const lost = [true, false, true, false, false, true];

    await ready(bucket.engine({ lostAnswer: 0.5, random: () => lost.pop() ? 0 : 1 }));

    expect(bucket.keys()).toEqual(["settings"]);
  });

  it("is tried out once, also where a key takes one write a second; from then on the opening is one request", async () => {
    const bucket = new FakeBucket();
    let time = bucket.now();
    bucket.now = () => time;
    const after = (milliseconds: number, run: () => void) => {
      const end = time + milliseconds;
      const timer = setTimeout(() => {
        time = Math.max(time, end);
        run();
      });
      return () => clearTimeout(timer);
    };
    const opened = async () => {
      const [began, requests] = [time, bucket.requests.length];
      const objects = bucket.engine({ pace: 1000 });
      await embedded({ objects, nodes: ["localhost"], after, random: () => 0.5 }).ready();
      return [time - began, bucket.requests.slice(requests)];
    };

    const [first] = await opened();
    expect(first).toBe(1000);
    expect(await opened()).toEqual([0, ["GET settings"]]);
  });

  it("is tried out anew where it was moved to another store, and keeps its settings", async () => {
    const bucket = new FakeBucket();
    await ready(bucket.engine());
    const { unmarkedFor } = JSON.parse(bucket.textOf("settings") ?? "");

    await expect(ready({ ...bucket.engine({ unconditional: true }), name: "elsewhere" })).rejects.toThrow(
      "elsewhere cannot hold a DDFS",
    );
    await embedded({ objects: { ...bucket.engine(), name: "another" }, nodes: ["localhost"], orphanAge: 1e9 }).ready();

    expect(JSON.parse(bucket.textOf("settings") ?? "")).toEqual({
      version: 1,
      unmarkedFor,
      tried: ["a fake bucket", "another"],
    });
  });

  it("is settled by one of those who open it at the same time", async () => {
    const bucket = new FakeBucket();
    const all = Array.from({ length: 5 }, () => {
      const objects = bucket.engine({ lostAnswer: 0.2, busy: 0.1, vague: 0.3 });
      return embedded({ objects, nodes: ["localhost"], after: (_, run) => (setTimeout(run, 20), () => {}) }).ready();
    });

    await Promise.allSettled(all);

    await ready(bucket.engine());
    expect(JSON.parse(bucket.textOf("settings") ?? "").tried).toEqual(["a fake bucket"]);
  });

  it("is refused when its settings are none", async () => {
    for (const text of ["", "{}", '{"version":2,"unmarkedFor":0}']) {
      const bucket = new FakeBucket();
      bucket.place("settings", text);

      await expect(ready(bucket.engine())).rejects.toMatchObject({ code: "unsupported" });
      expect(bucket.keys()).toEqual(["settings"]);
    }
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
