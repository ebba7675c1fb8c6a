import { describe, it } from "@std/testing/bdd";
import { Metrics } from "../../lib/cli/commands/metrics.ts";
import { Front } from "../../lib/cli/commands/serve_front.ts";
import { expect } from "../helpers/expect.ts";

describe("the health of ddfs serve", () => {
  it("is bad from a failure of the store until that answers again, and asks a store that is well for nothing", async () => {
    let isDown = false;
    const asked: string[] = [];
    const front = new Front({
      fetch: (request) => {
        asked.push(request.url);
        return Promise.resolve(new Response(null, { status: isDown ? 503 : 404 }));
      },
      known: undefined,
      name: "ddfs.example",
      page: () => Promise.resolve(undefined),
      metrics: new Metrics(),
      log: "off",
      began: Date.now(),
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
