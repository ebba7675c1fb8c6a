import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { OrderedMap } from "../../../lib/embedded/stores/ordered_map.ts";
import { expect } from "../../helpers/expect.ts";

/** What should come out: a look at all keys. */
function looked(keys: Iterable<string>, prefix: string): string[] {
  return [...keys].filter((key) => key.startsWith(prefix)).sort();
}

describe("a map with its keys in order", () => {
  it("finds those with a prefix, whatever came and went, a little or much at a time", () => {
    const key = fc.string({ maxLength: 3, unit: fc.constantFrom("a", "b", ":", "z") });
    const step = fc.record({ key, isSet: fc.boolean(), often: fc.constantFrom(1, 1, 1, 1500), prefix: key });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const map = new OrderedMap<number>();
        const model = new Map<string, number>();
        for (const { key, isSet, often, prefix } of steps) {
          for (let i = 0; i < often; i++) {
            const one = often === 1 ? key : `${key}${i}`;
            for (const each of [map, model]) isSet ? each.set(one, i) : each.delete(one);
          }
          expect(map.keysWith(prefix)).toEqual(looked(model.keys(), prefix));
        }
        expect([...map.keys()]).toEqual([...model.keys()]);
      }),
      { numRuns: 50 },
    );
  });

  it("looks at the keys that it finds, and at few others", () => {
    const map = new OrderedMap<number>();
    for (let i = 0; i < 50_000; i++) map.set(`data:${i}`, i);
    map.keysWith("");
    const { startsWith } = String.prototype;
    let looks = 0;
    try {
      String.prototype.startsWith = function (this: string, ...args) {
        looks++;
        return startsWith.apply(this, args);
      };
      expect(map.keysWith("data:4999").length).toBe(11);
    } finally {
      String.prototype.startsWith = startsWith;
    }
    expect(looks).toBeLessThan(100);
  });

  it("has nothing after it was cleared, and begins anew", () => {
    const map = new OrderedMap<number>().set("b", 1).set("a", 2);
    expect(map.keysWith("")).toEqual(["a", "b"]);

    map.clear();

    expect(map.keysWith("")).toEqual([]);
    expect(map.set("c", 1).keysWith("")).toEqual(["c"]);
  });
});
