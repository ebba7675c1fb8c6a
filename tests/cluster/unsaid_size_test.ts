import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { breaking, fakeCluster, type Node, TEXT, texts, well } from "../helpers/replica_nodes.ts";
import { only } from "../helpers/fakes.ts";

describe("a blob", () => {
  for (const count of [3, 6]) {
    it(`is not ended by a replica that says no size, and has ${count} bytes`, async () => {
      const short: Node = () => new Response(TEXT.slice(0, count));
      const { ddfs } = fakeCluster({ a: breaking(4), b: short, c: well }, { hedgeAfter: 0 });

      expect(await texts(ddfs)).toEqual([TEXT]);
    });
  }

  it("knows the size from its first answer when it is read again", async () => {
    let asked = 0;
    const { ddfs } = fakeCluster({ a: (start) => asked++ === 1 ? new Response(TEXT.slice(0, 3)) : well(start) });

    const blob = await only(ddfs.pull("data:log"));

    expect([await blob.text(), await blob.text()]).toEqual([TEXT, TEXT]);
  });
});
