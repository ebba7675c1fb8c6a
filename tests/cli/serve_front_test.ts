import { describe, it } from "@std/testing/bdd";
import { Metrics } from "../../lib/cli/commands/metrics.ts";
import { Front } from "../../lib/cli/commands/serve_front.ts";
import { expect } from "../helpers/expect.ts";

/** What answers for a store, by its requests. */
function frontOf(fetch: (request: Request) => Response, metrics = new Metrics()): Front {
  return new Front({
    fetch: (request) => Promise.resolve(fetch(request)),
    known: undefined,
    name: "ddfs.example",
    page: () => Promise.resolve(undefined),
    metrics,
    log: "off",
    began: Date.now(),
  });
}

describe("the health of ddfs serve", () => {
  it("is bad from a failure of the store until that answers again, and asks a store that is well for nothing", async () => {
    let isDown = false;
    const asked: string[] = [];
    const front = frontOf((request) => {
      asked.push(request.url);
      return new Response(null, { status: isDown ? 503 : 404 });
    });
    const health = async () => {
      const answer = await front.answer(new Request("http://localhost:8989/health"));
      // What it asks for in the background is answered by then.
      await new Promise((resolve) => setTimeout(resolve));
      return [answer.status, (await answer.json()).status];
    };

    expect(await health()).toEqual([200, "ok"]);
    expect(asked).toEqual([]);
    isDown = true;
    front.failed();
    expect(await health()).toEqual([503, "failing"]);
    expect(await health()).toEqual([503, "failing"]);
    isDown = false;
    expect(await health()).toEqual([503, "failing"]);
    expect(await health()).toEqual([200, "ok"]);
    expect(asked).toEqual(Array(3).fill("http://ddfs.example:8989/ddfs/tag/ddfs:health"));
  });
});

describe("the counts of ddfs serve", () => {
  it("have as sent what was read of blobs, and neither sizes that HEAD asked for nor words of refusals", async () => {
    const metrics = new Metrics();
    const front = frontOf(({ method, url }) => {
      const status = url.endsWith("gone") ? 404 : method === "GET" ? 206 : 200;
      return new Response(null, { status, headers: { "content-length": "7" } });
    }, metrics);
    const asked: [method: string, path: string][] = [["GET", "vol0/blob/aa/log"], ["HEAD", "vol0/blob/aa/log"], [
      "GET",
      "vol0/blob/aa/gone",
    ], [
      "PUT",
      "x",
    ]];

    for (const [method, path] of asked) {
      await front.answer(new Request(`http://localhost:8989/ddfs/${path}`, { method }));
    }

    expect(metrics.text({})).toContain("\nddfs_blob_bytes_sent_total 7\n");
  });
});
