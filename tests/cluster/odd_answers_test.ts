import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { body, breaking, fakeCluster, type Node, TEXT, texts, well } from "../helpers/replica_nodes.ts";
import { failure } from "../helpers/fakes.ts";

describe("pull() of a blob with an odd replica", () => {
  it("passes over an address that is none, where another one is there", async () => {
    const { ddfs, events } = fakeCluster({ "a b": well, c: well });

    expect(await texts(ddfs)).toEqual([TEXT]);
    expect(events).toMatchObject([{ type: "failover", cause: { code: "invalid-url" } }]);
  });

  it("leaves one that breaks off again and again for one that failed before", async () => {
    let failures = 1;
    const b: Node = (start, request) => (failures-- > 0 ? breaking(1) : well)(start, request);
    const { ddfs, requests } = fakeCluster({ a: breaking(1), b });

    expect(await texts(ddfs)).toEqual([TEXT]);

    expect(requests.map(({ host }) => host)).toEqual(["a", "b", "a", "b"]);
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
