import { describe, it } from "@std/testing/bdd";
import { expect } from "../../helpers/expect.ts";
import { dumps, Float, loads, type Picklable, Tuple, type Value } from "../../../lib/records/mod.ts";
import { bytesOf, latin1 } from "../../helpers/bytes.ts";
import { thrownBy } from "../../helpers/thrown.ts";

const py2 = (value: Picklable) => latin1(dumps(value));
const py3 = (value: Picklable) => latin1(dumps(value, { dialect: "py3" }));

describe("dumps()", () => {
  it("writes whole numbers as integers, as short as they can be", () => {
    expect([0, 255, 256, 65535, 65536, -1].map(py2)).toEqual([
      "K\x00.",
      "K\xff.",
      "M\x00\x01.",
      "M\xff\xff.",
      "J\x00\x00\x01\x00.",
      "J\xff\xff\xff\xff.",
    ]);
  });

  it("writes integers past 32 bits as each Python does", () => {
    expect([2 ** 31, -(2 ** 31) - 1, 2n ** 63n - 1n, 2n ** 63n].map(py2)).toEqual([
      "I2147483648\n.",
      "I-2147483649\n.",
      "I9223372036854775807\n.",
      "L9223372036854775808L\n.",
    ]);
    expect([2 ** 31, 2n ** 63n].map(py3)).toEqual(["L2147483648L\n.", "L9223372036854775808L\n."]);
  });

  it("writes a small bigint as the number it is", () => {
    expect([py2(255n), py2(-(2n ** 31n))]).toEqual(["K\xff.", "J\x00\x00\x00\x80."]);
  });

  it("writes numbers that are no integers as floats", () => {
    expect([1.5, -0, Infinity, 2 ** 53].map(py2)).toEqual([
      "G?\xf8\x00\x00\x00\x00\x00\x00.",
      "G\x80\x00\x00\x00\x00\x00\x00\x00.",
      "G\x7f\xf0\x00\x00\x00\x00\x00\x00.",
      "GC@\x00\x00\x00\x00\x00\x00.",
    ]);
  });

  it("writes a whole number as a float when it is told to", () => {
    expect(py2([new Float(1), 1])).toBe("]q\x01(G?\xf0\x00\x00\x00\x00\x00\x00K\x01e.");
  });

  it("gives no place in the memo to py2 strings of one character", () => {
    expect(["", "é", "\u{1f600}", "ab"].map((text) => py2(text).includes("q"))).toEqual([false, false, false, true]);
    expect([[], [1], [1, 2]].map((bytes) => py2(Uint8Array.from(bytes)).includes("q"))).toEqual([false, false, true]);
  });

  it("writes lone surrogates as Python does", () => {
    expect(py3("a\ud800")).toBe("X\x04\x00\x00\x00a\xed\xa0\x80q\x00.");
  });

  it("writes a long string with a length of four bytes from 256 bytes on", () => {
    expect(py2(new Uint8Array(255)).slice(0, 2)).toBe("U\xff");
    expect(py2(new Uint8Array(256)).slice(0, 5)).toBe("T\x00\x01\x00\x00");
  });

  it("writes an object that occurs again as what is in the memo", () => {
    const list = [1];

    expect(py2(Tuple.of(list, list))).toBe("(]q\x01K\x01ah\x01tq\x02.");
  });

  it("writes equal text once", () => {
    expect(py2(["same", "same"])).toBe("]q\x01(X\x04\x00\x00\x00sameq\x02h\x02e.");
  });

  it("gives an empty list in a tuple a place in the py2 memo only when it occurs again", () => {
    const list: Value[] = [];

    expect(py2(Tuple.of([], []))).toBe("(]]tq\x01.");
    expect(py2(Tuple.of(list, list))).toBe("(]q\x01h\x01tq\x02.");
  });

  it("writes py3 bytes of 0 and 1 byte once, as Python has them only once", () => {
    const one = Uint8Array.of(97);

    expect(py3(Tuple.of(new Uint8Array(), new Uint8Array()))).toBe("(c__builtin__\nbytes\nq\x00)Rq\x01h\x01tq\x02.");
    expect(py3([one, Uint8Array.of(97)])).toBe(
      "]q\x00(c_codecs\nencode\nq\x01(X\x01\x00\x00\x00aq\x02X\x06\x00\x00\x00latin1q\x03tq\x04Rq\x05h\x05e.",
    );
  });

  it("writes the place in the memo with four bytes from 256 on", () => {
    const pickle = py3(Array.from({ length: 256 }, (_, i) => `text ${i}`));

    expect(pickle).toContain("text 254q\xff");
    expect(pickle).toContain("text 255r\x00\x01\x00\x00");
  });

  it("writes lists in batches of a thousand, and one item left over as each Python does", () => {
    const list = (length: number) => new Array(length).fill(null);

    expect(py2(list(1000))).toBe(`]q\x01(${"N".repeat(1000)}e.`);
    expect(py2(list(1001))).toBe(`]q\x01(${"N".repeat(1000)}eNa.`);
    expect(py3(list(1001))).toBe(`]q\x00(${"N".repeat(1000)}e(Ne.`);
    expect([py2(list(1)), py3(list(1))]).toEqual(["]q\x01Na.", "]q\x00Na."]);
  });

  it("writes dicts in batches of a thousand, the empty one after a full one too", () => {
    const dict = (length: number) => new Map(Array.from({ length }, (_, i) => [i % 256 + (i >> 8) / 8 + 0.0625, null]));

    expect(py2(dict(1)).slice(-3)).toBe("Ns.");
    expect(py2(dict(2)).slice(-3)).toBe("Nu.");
    for (const dump of [py2, py3]) {
      expect(dump(dict(1000)).slice(-5)).toBe("Nu(u.");
      expect(dump(dict(1001))).toMatch(/Nu\(G.{8}Nu\.$/s);
    }
  });

  it("writes values that hold themselves", () => {
    const list: Value[] = [];
    list.push(list);
    const tuple: Tuple = Tuple.of([]);
    (tuple[0] as Value[]).push(tuple);

    expect(py2(list)).toBe("]q\x01h\x01a.");
    expect(py2(tuple)).toBe("(]q\x01(h\x01tq\x02a1h\x02.");
  });

  it("writes values of any depth", () => {
    let deep: Value = [];
    for (let i = 0; i < 100_000; i++) deep = [deep];

    const again = dumps(loads(dumps(deep)));

    expect(again).toEqual(dumps(deep));
  });

  it("keeps nothing of an earlier pickle", () => {
    const text = dumps("text");
    dumps("other");

    expect(latin1(text)).toBe("X\x04\x00\x00\x00textq\x01.");
  });

  it("refuses what Python has no counterpart of, and says what to use", () => {
    const values: [unknown, string][] = [
      [undefined, "undefined"],
      [{ a: 1 }, "new Map(Object.entries(value))"],
      [Symbol("s"), "symbol"],
      [new Date(0), "Date"],
      [() => 1, "function"],
      [[1, undefined], "undefined"],
    ];
    for (const [value, named] of values) {
      const error = thrownBy(() => dumps(value as Picklable));

      expect(error.code).toBe("invalid-argument");
      expect(error.message).toContain(named);
    }
  });

  it("refuses keys that Python cannot have in a dict", () => {
    for (const key of [[], new Map()]) {
      expect(thrownBy(() => dumps(new Map([[key as Value, 1]]))).message).toContain("use a Tuple");
    }
    expect(py2(new Map([[Tuple.of(1), bytesOf("x")]]))).toBe("}q\x01(K\x01tU\x01xs.");
  });
});
