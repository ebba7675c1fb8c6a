import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { FAULTS, REACHES } from "./faults.ts";
import { type Cell, expected, injectedCell, socketCell } from "./matrix.ts";
import { OPERATIONS } from "./operations.ts";

/** More than three tries of everything that an operation consists of, and their time-outs and pauses. */
const MOST_REQUESTS = 60;
const MOST_MILLISECONDS = 8000;

for (const [driver, run] of Object.entries({ "an injected fetch": injectedCell, "real sockets": socketCell })) {
  describe(`with faults over ${driver}`, () => {
    for (const operation of OPERATIONS) {
      it(`${operation.name} ends in the right result or the right error, whatever happens`, async () => {
        const cells: Promise<Cell>[] = [];
        for (const fault of FAULTS) for (const reach of REACHES) cells.push(run(operation, fault, reach));

        const found = (await Promise.all(cells)).map(({ fault, reach, outcome }) => `${fault} ${reach}: ${outcome}`);
        const wanted = FAULTS.flatMap((fault) =>
          REACHES.map((reach) => `${fault} ${reach}: ${expected(operation, fault, reach)}`)
        );
        expect(found).toEqual(wanted);
        for (const { requests, milliseconds } of await Promise.all(cells)) {
          expect(requests).toBeLessThan(MOST_REQUESTS);
          expect(milliseconds).toBeLessThan(MOST_MILLISECONDS);
        }
      });
    }
  });
}
