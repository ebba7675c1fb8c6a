import { describe, it } from "@std/testing/bdd";
import { Random } from "../../../../scripts/stress/chaos/random.ts";
import { type Faults, runSchedule } from "./collection_model.ts";
import { expect } from "../../../helpers/expect.ts";

/** Gives the seeds of those of some schedules in which a blob is lost. */
function losses(faults: Faults, from: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => from + i)
    .filter((seed) => runSchedule(new Random(seed), faults).length > 0);
}

/** Wrong protocols, and the schedules that show it. */
const WRONG: readonly [what: string, faults: Faults, from: number][] = [
  ["taggers mark nothing", { unmarked: true }, 0],
  ["the marks are two flags, and the tagger's one lives by its clock", { flags: true }, 1250],
  ["a slow tagger does not look at its marks again", { unhurried: true }, 0],
  ["a mark counts as seen when the collection began", { seenAtBeginning: true }, 760],
  ["a mark has to be old now, and not when the collection began", { oldByNow: true }, 0],
  ["a collector deletes however long ago it decided", { lateDeletes: true }, 290],
  ["a collection goes on for ever", { endless: true }, 600],
  ["a collector has a shorter orphanAge than taggers rely on", { ownAge: true }, 100],
];

describe("the protocol of collections in a bucket", () => {
  it("loses no blob in random schedules of taggers, collectors, crashes, delays and clocks", () => {
    expect(losses({}, 1_000_000, 2500)).toEqual([]);
  });

  for (const [what, faults, from] of WRONG) {
    it(`would lose blobs if ${what}`, () => expect(losses(faults, from, 100)).not.toEqual([]));
  }
});
