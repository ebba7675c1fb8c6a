import { describe, it } from "@std/testing/bdd";
import { PROPERTIES } from "./properties.ts";

const CASES = 4000;

describe("any input", () => {
  for (const { name, share, run } of PROPERTIES) {
    it(`of ${name} ends in a result or a typed error`, async () => {
      await run(CASES * share / 100, 42);
    });
  }
});
