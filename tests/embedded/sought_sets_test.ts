import { describe, it } from "@std/testing/bdd";
import { foundIn, type Sought } from "../../lib/embedded/sought_sets.ts";
import { Resent, Update } from "../../lib/embedded/update.ts";
import { expect } from "../helpers/expect.ts";

/** Sets as bytes that come in pieces of a size. */
function inPieces(sets: readonly (readonly string[])[], size: number) {
  const bytes = new TextEncoder().encode(
    JSON.stringify(sets).replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`),
  );
  return {
    size: bytes.length,
    async *pieces() {
      for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
    },
    close: () => Promise.resolve(),
  };
}

const blob = (
  name: string,
) => [`disco://node/ddfs/vol0/blob/00/${name}$703-1-1`, `disco://other/ddfs/vol0/blob/00/${name}$703-1-1`];
/** Among them names that begin like others, an empty set, and what is no place between two sets. */
const SETS = [
  blob("first"),
  ["tag://linked"],
  [],
  ['odd"],["a/00/inner$1'],
  ['ends with "],['],
  blob("first-and-more"),
  ["tag://linked:deeper"],
  blob("\u00e9t\u00e9"),
  ["no name"],
  blob("last"),
];
/** Names that are there, and such that are not. */
const NAMES = ["first", "linked", "\u00e9t\u00e9", "last", "first-and", "linked:", "deeper", "none"];
const asSets = (names: readonly string[]) =>
  names.map((name) => name.startsWith("linked") ? [`tag://${name}`] : blob(name));
const added = (sought: Sought, there: ReadonlySet<string>): string[][] => JSON.parse(sought.newBeside(there));

describe("sets that are looked for in a large tag", () => {
  for (const many of [0, 100]) {
    it(`are found by their names, in pieces of any size (${NAMES.length + many})`, async () => {
      const others = Array.from({ length: many }, (_, i) => `other${i}`);
      const wanted = asSets([...NAMES, ...others]);
      for (const size of [1, 2, 7, 64, 1 << 20]) {
        const update = await Update.of("data", [JSON.stringify(wanted)]);
        const there = await foundIn(inPieces(SETS, size), update);
        expect([...there].sort()).toEqual(["first", "last", "linked", "\u00e9t\u00e9"]);
        expect(added(update, there)).toEqual(asSets([...NAMES.slice(4), ...others]).reverse());
        // A change may be decided upon again.
        expect(added(update, there).length).toBe(4 + many);
      }
    });
  }

  it("are found just as they are where a request is sent again", async () => {
    const wanted = [SETS[3] ?? [], blob("last"), [blob("last")[0] ?? ""], [], ["new"]];
    for (const size of [1, 13, 1 << 20]) {
      const resent = await Resent.of("data", [JSON.stringify(wanted)]);
      expect(added(resent, await foundIn(inPieces(SETS, size), resent))).toEqual([[blob("last")[0]], ["new"]]);
    }
  });

  it("are all new in a tag without sets", async () => {
    const update = await Update.of("data", [JSON.stringify(asSets(NAMES))]);

    expect((await foundIn(inPieces([], 1), update)).size).toBe(0);
  });
});
