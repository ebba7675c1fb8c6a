import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { sharedWasmEngine } from "../../lib/codec/current.ts";
import { AS_BYTES, type ByteColumns } from "../../lib/records/columns.ts";
import { Search } from "../../lib/records/search.ts";
import { setSearch, stepsOf } from "../../lib/records/set_search.ts";
import { bytesOf } from "../helpers/bytes.ts";
import { expect } from "../helpers/expect.ts";

const ATOMS = String
  .raw`a|b|k|s|S|K|z|-|_|1|12|é|ß|ſ|😀|\u212a|\x41|\u0062|\x7f|\.|\/|\n|\r|\t|\d|\D|\w|\W|\s|\S|.|[ab]|[^a]|[^\w]|[^\W]|[\s1]|[a-k]|[K-_]|[ -~]|[^a-z]|[a\-z]|[-a]|[a-]|[é-😀]|[a-é]|[\]b]|[\d-]|[\w-a]|[\b]|[]|[^]|\b|\B|^|$|(?=a)|(?!b)|(?<=k)|(?<!s)|(?=ab|1)|(a)\1|(?<x>k)|\1|\k<x>|\0|\12|\cA|\p{L}|\P{Lu}|\u{61}|a{|{|}|]|x{,2}|(?:)|()|(|a)|(ab)|(?:a|b)|(?:ab|1s)|(?:a(?:b|k)|zz)|(?i:a)|(?:\d\d){2}|a{9}|[ab]{10,}|\ud83d|[\ud83d]|\-|\é`
  .split("|");
// Some atoms have a bar in them.
ATOMS.push("(|a)", "(a|)", "(?:a|b)", "(?:ab|1s)", "(?:a(?:b|k)|zz)", "(?=ab|1)", "(a+|b*)+");
const QUANTIFIERS = ["", "", "", "", "", "?", "*", "+", "{2}", "{0,2}", "{0,}", "{1,}", "{2,3}", "*?", "+?", "{2,}?"];
const WHOLES: ((inner: string, more: string) => string)[] = [
  (inner) => inner,
  (inner) => inner,
  (inner) => `(${inner})`,
  (inner) => `(?:${inner})?`,
  (inner) => `(?:${inner}){2}`,
  (inner) => `(?:${inner})+`,
  (inner) => `(?<=${inner})`,
  (inner, more) => `${inner}|${more}`,
  (inner, more) => `(?:${inner}|${more})`,
  (inner) => `^${inner}`,
  (inner) => `${inner}$`,
  (inner) => `${inner}|`,
];
const FLAGS = ["", "", "", "i", "i", "m", "s", "u", "u", "iu", "iu", "is", "g", "y", "iy", "v", "iv", "gm"];

const piece = fc.tuple(
  fc.constantFrom(...ATOMS),
  fc.constantFrom(...QUANTIFIERS),
).map(([atom, quantifier]) => atom + quantifier);
const part = fc.tuple(piece, piece, fc.constantFrom(...WHOLES)).map(([inner, more, whole]) => whole(inner, more));
/** Expressions that compile. */
const patterns = fc.tuple(fc.array(part, { minLength: 1, maxLength: 4 }), fc.constantFrom(...FLAGS))
  .map(([parts, flags]) => compiled(parts.join(""), flags)).filter((pattern) => pattern !== undefined);

const character = fc.constantFrom(
  ..."aabbkksSKzzAZ-_@`[112 \t.{}]",
  "\x7f",
  "\x01",
  "é",
  "ß",
  "ſ",
  "\u212a",
  "😀",
  "\u00a0",
)
  .map((text) => [...bytesOf(text)]);
const broken = fc.constantFrom([0xff], [0xc3], [0xe2, 0x84], [0xf0, 0x9f], [0x80], [0xed, 0xa0, 0x80], [0xc1, 0x8b]);
const line = fc.array(fc.oneof({ weight: 30, arbitrary: character }, { weight: 1, arbitrary: broken }), {
  maxLength: 14,
}).map((all) => all.flat());
const ends = fc.constantFrom([10], [10], [10], [13, 10], [], [13], [10, 10], [10, 97, 10]);
/** Records of lines and others. */
const records = fc.array(fc.tuple(line, ends).map(([bytes, end]) => Uint8Array.from([...bytes, ...end])), {
  maxLength: 30,
});

function compiled(source: string, flags: string): RegExp | undefined {
  try {
    return new RegExp(source, flags);
  } catch {
    return undefined;
  }
}

/** The same in columns. */
function bytesIn(records: readonly Uint8Array<ArrayBuffer>[]): ByteColumns {
  const columns = AS_BYTES.ofValues([...records]);
  // There are other columns where there is no record.
  return columns.kind === "bytes" ? columns : { kind: "bytes", bytes: new Uint8Array(0), offsets: new Int32Array(1) };
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The records that an expression fits, tested one by one. */
function fitting(pattern: RegExp, records: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer>[] {
  return records.filter((record) => {
    const one = new RegExp(pattern.source, pattern.flags.replace("g", ""));
    return one.test(decoder.decode(record).replace(/\r?\n$/, ""));
  });
}

describe("setSearch()", () => {
  it("finds what the expression fits where each record is tested by itself", () => {
    let used = 0;
    fc.assert(
      fc.property(patterns, records, (pattern, records) => {
        const columns = bytesIn(records);
        const tests = (some: Uint32Array<ArrayBuffer>) =>
          some.filter((i) => fitting(pattern, records.slice(i, i + 1)).length > 0);
        const expected = fitting(pattern, records).map(String);
        const found = setSearch(pattern)?.(columns, Infinity, tests);
        if (found !== undefined) {
          used++;
          expect(Array.from(found, (i) => String(records[i]))).toEqual(expected);
        }
        const search = new Search(pattern, {}, sharedWasmEngine());
        for (const _ of "12") expect(search.in(bytesIn(records)).map(String)).toEqual(expected);
      }),
      { numRuns: 2000, seed: 20261201 },
    );
    expect(used).toBeGreaterThan(100);
  });

  it("finds what has no rest of a line, wherever it is in a block and in a record", () => {
    const patterns = [/\d{6,}|\s\s/, /zebra/i, /[qx]z[jk]/, /[^a]b/, /k\w/iu, /\d{3}$/];
    for (const text of ["123456", "  ", "ZeBra", "qzk", "xzj", "xb", "\u212az", "é\u00a0\u00a0", "123"]) {
      for (const before of ["", "a", "é"]) {
        const lines = Array.from({ length: 130 }, (_, size) => [
          `${before.repeat(size)}${text}\n`,
          `${before}${".".repeat(size)}${text.slice(0, -1)}\r\n`,
          `${text.slice(-1)}\n`,
        ]).flat().map((line) => bytesOf(line));
        for (const pattern of patterns) {
          const search = new Search(pattern, {}, sharedWasmEngine());
          expect(search.in(bytesIn(lines)).map(String)).toEqual(fitting(pattern, lines).map(String));
        }
      }
    }
  });

  it("leaves the expression alone once too many records have to be tested", () => {
    const lines = Array.from({ length: 100 }, () => bytesOf("ab\n"));
    const sets = setSearch(/^[ax][by]/);
    const columns = bytesIn(lines);
    const tests = (some: Uint32Array<ArrayBuffer>) => some;

    expect(sets?.(columns, 99, tests)).toBeUndefined();
    expect(sets?.(columns, 100, tests)).toBeUndefined();
  });
});

describe("stepsOf()", () => {
  const rows = (pattern: RegExp) => {
    const steps = stepsOf(pattern, bytesOf("a usual text of 1 line, and more"));
    return steps &&
      {
        rows: steps.steps.filter((kinds, i) => i % 2 === 0 && kinds === 0).length,
        least: steps.least,
        most: steps.most,
      };
  };

  const cases: [RegExp, ReturnType<typeof rows>][] = [
    [/zebra/i, { rows: 1, least: 5, most: 5 }],
    [/\d{6,}|\s\s/, { rows: 2, least: 2, most: 6 }],
    [/^[qx]z/, { rows: 1, least: 2, most: 0 }],
    [/q+z+/, { rows: 1, least: 2, most: 2 }],
    [/q+z+j/, { rows: 1, least: 2, most: 0 }],
    [/(?:q|xz)j?/, { rows: 2, least: 1, most: 0 }],
    [/zebra/iy, { rows: 1, least: 5, most: 0 }],
    [/(?:zebra|)/i, undefined],
    [/z*/, undefined],
    [/\p{L}z/u, undefined],
    [/z/v, undefined],
    [/./, { rows: 1, least: 1, most: 1 }],
    [/.z?/u, undefined],
    [/[^]*/, undefined],
  ];
  for (const [pattern, expected] of cases) {
    it(`knows ${expected === undefined ? "no rows" : JSON.stringify(expected)} of ${pattern}`, () => {
      expect(rows(pattern)).toEqual(expected);
    });
  }
});
