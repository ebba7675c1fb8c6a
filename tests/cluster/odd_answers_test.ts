import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { body, fakeCluster, TEXT, texts, well } from "../helpers/replica_nodes.ts";
import { failure } from "../helpers/fakes.ts";

describe("pull() of a blob with an odd replica", () => {
  it("passes over an address that is none, where another one is there", async () => {
    const { ddfs, events } = fakeCluster({ "a b": well, c: well });

    expect(await texts(ddfs)).toEqual([TEXT]);
    expect(events).toMatchObject([{ type: "failover", cause: { code: "invalid-url" } }]);
  });

  it("says what came in place of a blob", async () => {
    const answers = [new Response(null, { status: 204 }), new Response("456", { status: 206 }), body("4567", 4)];
    const said = async (answer: Response) =>
      (await failure(fakeCluster({ a: () => answer }).read())).message.replace(/.*: /, "");

    expect(await Promise.all(answers.map(said))).toEqual([
      "asked for byte 0, got bytes of an unknown place (204)",
      "asked for byte 0, got bytes of an unknown place (206)",
      "asked for byte 0, got byte 4",
    ]);
  });
});
