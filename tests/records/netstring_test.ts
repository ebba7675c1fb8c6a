import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { records, Tuple } from "../../lib/records/mod.ts";
import { AS_VALUES, batches } from "../../lib/records/batches.ts";
import { ByteReader } from "../../lib/base/byte_reader.ts";
import { all, bytesOf, fromLatin1, inParts, latin1 } from "../helpers/bytes.ts";
import { fakePool } from "../helpers/fake_pool.ts";
import { corruptionOf } from "../helpers/thrown.ts";

describe("the old netstring format", () => {
  const pairs = fromLatin1("3 key 5 value\n0  0 \n1 a 4 c\nd\xff\n");
  const expected = [["key", "value"], ["", ""], ["a", "c\nd\xff"]];
  const pairsOf = async (source: AsyncIterable<Uint8Array>) => {
    return (await all(records(source))).map((pair) => (pair as Uint8Array[]).map(latin1));
  };

  it("yields tuples of key and value, however it is split", async () => {
    for (let size = 1; size <= pairs.length; size++) expect(await pairsOf(inParts(pairs, size))).toEqual(expected);
    expect((await all(records(pairs)))[0]).toBeInstanceOf(Tuple);
  });

  it("says where the pairs are", async () => {
    expect(
      (await all(batches(new ByteReader(inParts(pairs, 16), { start: 100 }), {}, fakePool(1), AS_VALUES))).map((
        { range },
      ) => range),
    ).toEqual([
      [100, 114],
      [114, 131],
    ]);
  });

  it("is refused where it is cut short, with the range of what is left", async () => {
    for (let cut = 1; cut < pairs.length; cut++) {
      const ends = [14, 20];
      if (ends.includes(cut)) continue;
      const error = await corruptionOf(pairs.subarray(0, cut));

      expect(error.range).toEqual([ends.findLast((end) => end < cut) ?? 0, cut]);
    }
  });

  it("is refused where a length is none, is wrong, or more than is accepted", async () => {
    const broken: [string, string][] = [
      ["x 1 a\n", "is no chunk"],
      [" 1 a\n", "is no chunk"],
      ["-1 a 1 b\n", "is no chunk"],
      ["1 a x b\n", "no length"],
      ["9999999999999999 a", "no length"],
      ["999999999 a", "claims 999999999 bytes"],
      ["2 a 1 b\n", "not that of its data"],
      ["1 a 1 bc\n", "not that of its data"],
    ];
    for (const [text, problem] of broken) expect((await corruptionOf(bytesOf(text))).message).toContain(problem);
  });
});
