import { describe, it } from "@std/testing/bdd";
import { HashSet } from "../../../../lib/embedded/objects/collection/hash_set.ts";
import { expect } from "../../../helpers/expect.ts";

describe("HashSet", () => {
  it("has what was added, and nothing else of a million texts that differ in one digit", () => {
    const set = new HashSet();
    for (let i = 0; i < 500_000; i++) set.add(`log$703-${i.toString(16)}-1`);
    for (let i = 0; i < 500_000; i++) set.add(`log$703-${i.toString(16)}-1`);

    let [found, mistaken] = [0, 0];
    for (let i = 0; i < 500_000; i++) {
      if (set.has(`log$703-${i.toString(16)}-1`)) found++;
      if (set.has(`log$704-${i.toString(16)}-1`)) mistaken++;
    }

    expect([set.size, found, mistaken]).toEqual([500_000, 500_000, 0]);
  });
});
