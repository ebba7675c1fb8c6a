import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { costOf, DEATHS, OPERATIONS, PLACES } from "../helpers/dead_node.ts";

describe("a node that is dead", () => {
  for (const place of PLACES) {
    for (const death of DEATHS) {
      for (const [name, operation] of Object.entries(OPERATIONS)) {
        it(`(${death}, ${place}) costs ${name}() over 100 blobs less than two seconds, and few requests`, async () => {
          const { milliseconds, asked } = await costOf(operation, place, death);

          expect(milliseconds).toBeLessThan(2000);
          expect(asked.length).toBeGreaterThan(0);
          if (death === "black-holed") expect(asked.length).toBeLessThan(12);
        });
      }
    }
  }

  it("costs no more where no second replica may be asked in a hurry", async () => {
    for (const [name, operation] of Object.entries(OPERATIONS)) {
      if (name !== "pull" && name !== "records") continue;
      const { milliseconds } = await costOf(operation, "other hosts", "black-holed", { hedgeAfter: 0 });

      expect(milliseconds).toBeLessThan(2000);
    }
  });
});
