import { describe, it } from "@std/testing/bdd";
import { Tuple, type Value } from "../../mod.ts";
import { filter, globExpression } from "../../lib/cli/common/paths.ts";
import { humanSize, jsonLine, table } from "../../lib/cli/common/output.ts";
import { printed, printedColumns } from "../../lib/cli/common/record_text.ts";
import { AS_BYTES } from "../../lib/records/columns.ts";
import { expect } from "../helpers/expect.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const shown = (...records: Value[]) => new TextDecoder().decode(printed(records).bytes);

describe("a record", () => {
  const cases: [record: Value, text: string][] = [
    [bytes("one\n"), "one\n"],
    [bytes("one"), "one\n"],
    [bytes("x \t\r\n"), "x \t\r\n"],
    [bytes(""), "\n"],
    ["ué", "ué\n"],
    [null, "None\n"],
    [true, "True\n"],
    [1.5, "1.5\n"],
    [Infinity, "inf\n"],
    [1e-7, "1e-07\n"],
    [10n ** 40n, `1${"0".repeat(40)}\n`],
    [Tuple.of(bytes("key"), 1, null), "key\t1\tNone\n"],
    [["a", ["b", Tuple.of(1)]], "a\t['b', (1,)]\n"],
    [new Map<Value, Value>([["k", 1], ["l", 2]]), "k\tl\n"],
  ];
  for (const [record, text] of cases) {
    it(`is printed as ${JSON.stringify(text)}`, () => expect(shown(record)).toBe(text));
  }

  it("is printed the same way where it comes in columns", () => {
    for (const records of [["a\n", "b\n"], ["a\n", "", "b\n"], ["a", "\n"], ["\n\n", "b"], []]) {
      const columns = AS_BYTES.ofValues(records.map((text) => bytes(text)));
      expect(printedColumns(columns)).toEqual(printed(records).bytes);
    }
    expect(printedColumns({ kind: "values", values: [1, bytes("a")] })).toEqual(bytes("1\na\n"));
  });

  it("begins where the one before it ends", () => {
    const { bytes: all, starts } = printed([bytes("one\n"), bytes("two"), "three"]);
    expect([new TextDecoder().decode(all), ...starts]).toEqual(["one\ntwo\nthree\n", 0, 4, 8]);
  });
});

describe("a value as JSON", () => {
  it("has bytes as text, or as base64 where they are none", () => {
    expect(jsonLine([bytes("é"), Uint8Array.of(255, 0)])).toBe('["é",{"base64":"/wA="}]');
  });

  it("has numbers of any size, and objects of dicts with texts as keys", () => {
    expect(jsonLine(10n ** 20n)).toBe("100000000000000000000");
    expect(jsonLine(new Map([["a", 1]]))).toBe('{"a":1}');
    expect(jsonLine(new Map([[1, "a"]]))).toBe('[[1,"a"]]');
  });

  it("leaves out what is not there", () => expect(jsonLine({ a: undefined, b: null })).toBe('{"b":null}'));
});

describe("a size", () => {
  const cases: [number, string][] = [[0, "0"], [1023, "1023"], [1024, "1.0K"], [1536, "1.5K"], [10240, "10K"], [
    1048575,
    "1.0M",
  ], [5 * 2 ** 40, "5.0T"]];
  for (const [size, text] of cases) it(`of ${size} bytes is ${text}`, () => expect(humanSize(size)).toBe(text));
});

describe("a table", () => {
  it("has numbers to the right and texts to the left", () => {
    expect(table([["NODE", "SIZE"], ["a", "1.5G"], ["long", "20G"]])).toEqual([
      "NODE  SIZE",
      "a     1.5G",
      "long   20G",
    ]);
  });
});

describe("a pattern", () => {
  const cases: [pattern: string, path: string, fits: boolean][] = [
    ["*.log", "a.log", true],
    ["*.log", "below/a.log", false],
    ["**/*.log", "below/that/a.log", true],
    ["**/*.log", "a.log", true],
    ["a?c", "abc", true],
    ["a?c", "a/c", false],
    ["[ab].txt", "b.txt", true],
    ["[!ab].txt", "b.txt", false],
    ["{one,two}.gz", "two.gz", true],
    ["a.b", "axb", false],
    ["a+(b)|c", "a+(b)|c", true],
  ];
  for (const [pattern, path, fits] of cases) {
    it(`${pattern} ${fits ? "fits" : "does not fit"} ${path}`, () =>
      expect(globExpression(pattern).test(path)).toBe(fits));
  }

  it("without a slash is about the name, and a plain text about the whole path", () => {
    const fits = filter({ include: ["*.log", "keep/"], exclude: ["old"] });
    expect(["a/b.log", "keep/x", "a/old.log", "a/x"].map(fits)).toEqual([true, true, false, false]);
  });
});
