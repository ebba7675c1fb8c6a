import { describe, it } from "@std/testing/bdd";
import { Random } from "../../../../scripts/stress/chaos/random.ts";
import { expect } from "../../../helpers/expect.ts";
import type { ObjectFaults } from "../../../helpers/objects/fake_bucket.ts";
import { runSchedule } from "./commit_model.ts";

const SMALL = { handlers: 3, writers: 6, appends: 8 };

/** The faults, by what they are; each at the same time as no other, and all at once. */
const FAULTS: readonly (readonly [what: string, faults: ObjectFaults])[] = [
  ["none", {}],
  ["lost answers", { lostAnswer: 0.2 }],
  ["PUTs that come late", { late: 0.2 }],
  ["a store that is asked too often", { busy: 0.1 }],
  ["500 for lost races", { vague: 0.5 }],
  ["requests that are never answered", { silence: 0.01 }],
  ["all of them", { lostAnswer: 0.1, late: 0.1, busy: 0.05, vague: 0.3, silence: 0.005 }],
];

describe("appends to a tag in a bucket, by many through several handlers", () => {
  for (const [what, faults] of FAULTS) {
    it(`are each there once when they are acknowledged, and else at most once: ${what}`, async () => {
      let acknowledged = 0;
      for (let seed = 1; seed <= 3; seed++) {
        const outcome = await runSchedule(new Random(seed), { ...SMALL, faults });

        expect({ seed, wrong: outcome.wrong }).toEqual({ seed, wrong: [] });
        acknowledged += outcome.acknowledged;
      }
      expect(acknowledged).toBeGreaterThan(100);
    });
  }

  it("are there once each where others take over from one who waits for an answer", async () => {
    const faults = { late: 0.5, busy: 0.1, vague: 0.5, silence: 0.02 };
    for (const seed of [8, 9]) {
      const { wrong } = await runSchedule(new Random(seed), { handlers: 1, writers: 8, appends: 7, faults });

      expect(wrong).toEqual([]);
    }
  });

  for (const keys of [1, 3]) {
    it(`are there once each where clients send them again, and a tag remembers ${keys} of their keys`, async () => {
      let acknowledged = 0;
      for (let seed = 1; seed <= 6; seed++) {
        const faults = seed % 2 === 0 ? {} : { lostAnswer: 0.1, late: 0.1, vague: 0.3, silence: 0.02 };
        const outcome = await runSchedule(new Random(seed), { ...SMALL, faults, keys, patience: 600 });

        expect({ seed, wrong: outcome.wrong }).toEqual({ seed, wrong: [] });
        acknowledged += outcome.acknowledged;
      }
      expect(acknowledged).toBeGreaterThan(200);
    });
  }

  it("are there once each where the tag is split into segments meanwhile", async () => {
    const faults = { lostAnswer: 0.1, late: 0.1, vague: 0.3 };

    const { wrong } = await runSchedule(new Random(1), { ...SMALL, faults, length: 5000 });

    expect(wrong).toEqual([]);
  });
});
