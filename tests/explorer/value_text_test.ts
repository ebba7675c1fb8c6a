import { describe, it } from "@std/testing/bdd";
import { hexLines, lineOf, pretty, shown, textOfPart } from "../../lib/explorer/parts/value_text.ts";
import { Tuple, type Value } from "../../lib/records/mod.ts";
import { bytesOf } from "../helpers/bytes.ts";
import { expect } from "../helpers/expect.ts";

describe("shown()", () => {
  it("writes text as it is, whether it was stored as text or as bytes", () => {
    expect(shown("é <b>\n", 100)).toEqual({ kind: "text", text: "é <b>\n", isCut: false });
    expect(shown(bytesOf("é <b>\n"), 100)).toEqual({ kind: "text", text: "é <b>\n", isCut: false });
  });

  it("writes bytes that are no text with escapes", () => {
    expect(shown(Uint8Array.of(0, 255, 65, 34, 92), 100)).toEqual({
      kind: "bytes",
      text: String.raw`b"\x00\xffA\x22\x5c"`,
      isCut: false,
    });
    expect(shown(bytesOf("a\0b"), 100).kind).toBe("bytes");
  });

  it("writes other values as Python does", () => {
    for (
      const [value, text] of [
        [null, "None"],
        [true, "True"],
        [2n ** 70n, "1180591620717411303424"],
        [Tuple.of("k", 1), '("k", 1)'],
        [Tuple.of(1), "(1,)"],
        [Tuple.of(), "()"],
        [[1, [2.5, false]], "[1, [2.5, False]]"],
        [new Map<Value, Value>([["a", null], [1, bytesOf("x")]]), '{"a": None, 1: b"x"}'],
      ] as const
    ) {
      expect(shown(value as Value, 100)).toEqual({ kind: "value", text, isCut: false });
    }
  });

  it("ends where a value has itself in it", () => {
    const list: Value[] = [1];
    list.push(list);
    expect(shown(list, 100).text).toBe("[1, …]");
  });

  it("cuts what is long, and writes no more of a large value than that", () => {
    expect(shown("x".repeat(1000), 10)).toEqual({ kind: "text", text: "x".repeat(10), isCut: true });
    const large: Value[] = Array.from({ length: 1_000_000 }, (_, i) => i);
    expect(shown(large, 10)).toEqual({ kind: "value", text: "[0, 1, 2, ", isCut: true });
    expect(shown(new Uint8Array(1000), 10)).toMatchObject({ kind: "bytes", isCut: true });
  });
});

describe("pretty()", () => {
  it("writes JSON and values with parts on several lines, and nothing else", () => {
    expect(pretty(bytesOf('{"a":[1,2]}\n'), 1000)).toBe('{\n  "a": [\n    1,\n    2\n  ]\n}');
    expect(pretty(Tuple.of("k", [1]), 1000)).toBe('(\n  "k",\n  [\n    1\n  ]\n)');
    for (const value of ["plain", "{no json", 1, null, Uint8Array.of(255)]) {
      expect(pretty(value, 1000)).toBe(undefined);
    }
  });
});

describe("lineOf()", () => {
  it("ends each record with one line end", () => {
    expect(["a\n", "a", bytesOf("b\n"), Tuple.of(1, 2)].map((value) => lineOf(value))).toEqual([
      "a\n",
      "a\n",
      "b\n",
      "(1, 2)\n",
    ]);
  });
});

describe("textOfPart()", () => {
  it("reads a part of a text, though a character is cut off at either end", () => {
    const bytes = bytesOf("aéb€c");
    expect(textOfPart(bytes.subarray(2, 6), true)).toBe("b");
    expect(textOfPart(bytes, false)).toBe("aéb€c");
  });

  it("refuses what is no text", () => {
    expect(textOfPart(Uint8Array.of(65, 255, 65), true)).toBe(undefined);
    expect(textOfPart(Uint8Array.of(65, 0, 65), false)).toBe(undefined);
    expect(textOfPart(bytesOf("é").subarray(0, 1), false)).toBe(undefined);
  });
});

describe("hexLines()", () => {
  it("says where the bytes are, and shows those that are letters", () => {
    expect(hexLines(Uint8Array.from({ length: 18 }, (_, i) => 60 + i), 256)).toEqual([
      "00000100  3c 3d 3e 3f 40 41 42 43 44 45 46 47 48 49 4a 4b  <=>?@ABCDEFGHIJK",
      "00000110  4c 4d                                            LM",
    ]);
  });
});
