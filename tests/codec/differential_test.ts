import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { ENGINES } from "../helpers/codec_engines.ts";
import { seeded } from "../helpers/codec_samples.ts";
import { difference } from "../helpers/codec_zlib.ts";

for (const engine of ENGINES) {
  describe(`the ${engine.name} engine`, () => {
    for (const [cases, largest] of [[2500, 4000], [400, 140_000], [4, 2_500_000]] as const) {
      it(`agrees with native zlib and fflate in ${cases} cases of up to ${largest} bytes`, () => {
        for (let seed = 1; seed <= cases; seed++) {
          expect([seed, difference(engine, seeded(seed * largest), largest)]).toEqual([seed, undefined]);
        }
      });
    }
  });
}
