import { describe, it } from "@std/testing/bdd";
import { expect } from "../../helpers/expect.ts";
import fc from "fast-check";
import { DiscoError } from "../../../lib/errors.ts";
import { type Dialect, dumps, loads, Tuple, type Value } from "../../../lib/records/mod.ts";
import { pythonRepr } from "../../helpers/python_repr.ts";

const scalar = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double().filter((number) => !Number.isInteger(number)),
  fc.bigInt().filter((number) => !Number.isSafeInteger(Number(number))),
  fc.string({ unit: "binary" }),
  fc.array(fc.nat(0xffff)).map((codes) => String.fromCharCode(...codes)),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => new Uint8Array(bytes)),
);
// Equal byte strings can be two keys of a Map, but not of a dict.
const key = scalar.filter((item) => !(item instanceof Uint8Array));
const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    fc.array(tie("value")),
    fc.array(tie("value")).map((items) => Tuple.from(items)),
    fc.array(fc.tuple(fc.oneof(key, fc.tuple(key).map((items) => Tuple.from<Value>(items))), tie("value"))).map((
      entries,
    ) => new Map(entries)),
  ),
}));
const dialect = fc.constantFrom<Dialect>("py2", "py3");

/** Reads bytes that may be anything: an error must be the typed one. */
function tryLoads(bytes: Uint8Array): void {
  try {
    loads(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(DiscoError);
    expect((error as DiscoError).code).toBe("invalid-pickle");
  }
}

describe("dumps() and loads()", () => {
  it("give back any value, in both dialects", () => {
    fc.assert(
      fc.property(value, dialect, (value, dialect) => {
        const again = loads(dumps(value, { dialect }));

        expect(again).toEqual(value);
        expect(pythonRepr(again, "py3")).toBe(pythonRepr(value, "py3"));
      }),
      { numRuns: 500 },
    );
  });

  it("settle after one round: what was read is written as it was", () => {
    fc.assert(
      fc.property(value, dialect, (value, dialect) => {
        const pickle = dumps(value, { dialect });

        expect(dumps(loads(pickle), { dialect })).toEqual(pickle);
      }),
      { numRuns: 300 },
    );
  });
});

describe("loads() of hostile bytes", () => {
  it("refuses every pickle that is cut short", () => {
    fc.assert(
      fc.property(value, dialect, fc.nat(), (value, dialect, cut) => {
        const pickle = dumps(value, { dialect });

        expect(() => loads(pickle.subarray(0, cut % pickle.length))).toThrow(DiscoError);
      }),
      { numRuns: 500 },
    );
  });

  it("reads or refuses a pickle with changed bytes", () => {
    fc.assert(
      fc.property(
        value,
        dialect,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
        (value, dialect, changes) => {
          const pickle = dumps(value, { dialect });
          for (const [at, byte] of changes) pickle[at % pickle.length] = byte;

          tryLoads(pickle);
        },
      ),
      { numRuns: 1500 },
    );
  });

  it("reads or refuses any sequence of opcodes", () => {
    const parts = [
      ..."().012FGIJKLMNRSTUVX]adeghjlpqrstu}c".split(""),
      "\x80\x02",
      "\x85",
      "\x86",
      "\x87",
      "\x88",
      "\x89",
      "\x8a\x01\x05",
    ];
    const args = ["", "\x00", "\x01", "\x02\x00\x00\x00", "01\n", "'x'\n", "_codecs\nencode\n", "1.5\n", "\n"];
    const opcode = fc.tuple(fc.constantFrom(...parts), fc.constantFrom(...args)).map((pair) => pair.join(""));
    fc.assert(
      fc.property(fc.array(opcode, { maxLength: 30 }), (opcodes) => {
        tryLoads(Uint8Array.from(opcodes.join("") + ".", (character) => character.charCodeAt(0)));
      }),
      { numRuns: 3000 },
    );
  });

  it("reads or refuses any bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), tryLoads), { numRuns: 2000 });
  });

  it("takes marks and depth without end", () => {
    tryLoads(new Uint8Array(1_000_000).fill(0x28));
    tryLoads(new Uint8Array(1_000_000).fill(0x5d));
    tryLoads(Uint8Array.from({ length: 1_000_000 }, (_, i) => i < 500_000 ? 0x5d : 0x61));
  });
});
