import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { body, breaking, fakeCluster, type Node, TEXT, texts, well } from "../helpers/replica_nodes.ts";
import type { PulledBlob } from "../../lib/cluster/pulled_blob.ts";
import { failure } from "../helpers/fakes.ts";

describe("open()", () => {
  it("keeps no request where only a part is read, which has one of its own", async () => {
    const asked: Request[] = [];
    const a: Node = (start, request) => {
      asked.push(request);
      return start === 0 ? breaking(4, "hang")(start, request) : well(start);
    };
    for (const part of [(blob: PulledBlob) => blob.slice(4), (blob: PulledBlob) => blob]) {
      const { ddfs, clock } = fakeCluster({ a });

      const blob = await ddfs.open("disco://a/ddfs/vol0/blob/00/log$1-2-3");
      expect(await part(blob).text({ range: { start: 4 } })).toBe(TEXT.slice(part(blob) === blob ? 4 : 8));

      expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, false]);
      expect(clock.pending).toBe(0);
      asked.length = 0;
    }
  });
});

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
