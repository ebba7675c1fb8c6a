import { describe, it } from "@std/testing/bdd";
import { expect } from "../../helpers/expect.ts";
import { readFile } from "node:fs/promises";
import { dumps, loads, Tuple, type Value } from "../../../lib/records/mod.ts";
import { bytesOf, fromHex, fromLatin1, hexOf } from "../../helpers/bytes.ts";
import { thrownBy } from "../../helpers/thrown.ts";

const read = (pickle: string) => loads(fromLatin1(pickle));
const refused = (pickle: string) => {
  const error = thrownBy(() => read(pickle));
  expect(error.code).toBe("invalid-pickle");
  return error.message;
};

describe("loads()", () => {
  for (const dialect of ["py2", "py3"] as const) {
    it(`reads what a ${dialect} wrote with protocols 0, 1 and 2, and dumps() writes the same bytes again`, async () => {
      const lines = await readFile(new URL(`../../testdata/pickles/${dialect}.txt`, import.meta.url), "utf8");
      for (const line of lines.trim().split("\n")) {
        const [protocol0 = "", protocol1 = "", protocol2 = ""] = line.split(" ");
        const again = [protocol0, protocol1, protocol2].map((hex) => hexOf(dumps(loads(fromHex(hex)), { dialect })));

        expect(again).toEqual([protocol1, protocol1, protocol1]);
      }
    });
  }

  it("reads integers as numbers where they are exact, and as bigint past that", () => {
    expect(["I9007199254740991\n.", "L-9007199254740992L\n.", "I5\n.", "L5L\n.", "L+7\n."].map(read)).toEqual([
      9007199254740991,
      -9007199254740992n,
      5,
      5,
      7,
    ]);
    expect(
      ["\x80\x02\x8a\x00.", "\x80\x02\x8a\x01\xff.", "\x80\x02\x8a\x02\xff\x00.", "\x8b\x01\x00\x00\x00\x05."].map(
        read,
      ),
    )
      .toEqual([0, -1, 255, 5]);
  });

  it("reads text floats, finite or not", () => {
    expect(["F1.5\n.", "F-1e+300\n.", "F.5\n.", "F3.\n.", "Finf\n.", "F-inf\n.", "Fnan\n."].map(read)).toEqual([
      1.5,
      -1e300,
      0.5,
      3,
      Infinity,
      -Infinity,
      NaN,
    ]);
  });

  it("reads string literals with every escape", () => {
    expect(read("S'a\\n\\r\\t\\\\\\'\\\"\\x41\\101\\0\\a\\b\\f\\v\\z'\n.")).toEqual(
      fromLatin1("a\n\r\t\\'\"AA\0\x07\b\f\v\\z"),
    );
    expect(read('S"it\'s"\n.')).toEqual(bytesOf("it's"));
  });

  it("reads text with raw-unicode-escapes; a backslash that is escaped begins none", () => {
    expect(read("Va\\u00e9\\U0001f600\xfc\n.")).toBe("aé\u{1f600}ü");
    expect(read("V\\\\u0041\\\n.")).toBe("\\\\u0041\\");
  });

  it("reads UTF-8 with lone surrogates, and keeps a byte order mark", () => {
    expect(read("X\x04\x00\x00\x00a\xed\xa0\x80.")).toBe("a\ud800");
    expect(read("X\x04\x00\x00\x00\xef\xbb\xbfa.")).toBe("\ufeffa");
    expect(read(`X\x20\x00\x00\x00${"\xc3\xbc".repeat(14)}\xed\xb0\x80a.`)).toBe("ü".repeat(14) + "\udc00a");
  });

  it("reads both forms of Python 3's bytes", () => {
    expect(read("c_codecs\nencode\n(X\x02\x00\x00\x00\xc3\xbfX\x06\x00\x00\x00latin1tR.")).toEqual(Uint8Array.of(255));
    expect(read("c__builtin__\nbytes\n)R.")).toEqual(new Uint8Array());
    expect(read("cbuiltins\nbytes\n)R.")).toEqual(new Uint8Array());
  });

  it("tells tuples from lists", () => {
    const value = read("((lp0\nI1\na(dtp1\n.") as Tuple;

    expect(value).toBeInstanceOf(Tuple);
    expect(value.length).toBe(2);
    expect(value[0]).toEqual([1]);
    expect(value[0]).not.toBeInstanceOf(Tuple);
    expect(value[1]).toEqual(new Map());
  });

  it("reads the stack's own opcodes: DUP, POP and POP_MARK", () => {
    expect(read("]q\x00K\x012\x30aK\x02a(K\x03\x31.")).toEqual([1, 2]);
    expect(read("K\x01(\x30.")).toBe(1);
  });

  it("gives shared and recursive values back as the same objects", () => {
    const pair = read("(]q\x01h\x01tq\x02.") as Tuple;
    const list = read("]q\x01h\x01a.") as Value[];

    expect(pair[0]).toBe(pair[1]);
    expect(list[0]).toBe(list);
  });

  it("remembers None like any other value", () => {
    expect(read("]q\x00(Nq\x01h\x01e.")).toEqual([null, null]);
  });

  it("gives values that share no memory with the pickle", () => {
    const pickle = fromLatin1("U\x02ab.");
    const value = loads(pickle);
    pickle.fill(0);

    expect(value).toEqual(bytesOf("ab"));
  });

  it("refuses every opcode that imports, calls or refers to something, by name", () => {
    const refusals: [string, string][] = [
      ["cos\nsystem\n(S'true'\ntR.", 'GLOBAL names "os system"'],
      ["c__builtin__\neval\n.", 'GLOBAL names "__builtin__ eval"'],
      ["(S'true'\nios\nsystem\n.", "INST"],
      ["(c__builtin__\nbytes\no.", "OBJ"],
      ["Pid\n.", "PERSID"],
      ["NQ.", "BINPERSID"],
      ["N}b.", "BUILD"],
      ["N)\x81.", "NEWOBJ"],
      ["\x82\x01.", "EXT1"],
      ["\x83\x01\x00.", "EXT2"],
      ["\x84\x01\x00\x00\x00.", "EXT4"],
      ["c__builtin__\nbytes\n(K\x05tR.", "REDUCE"],
      ["c__builtin__\nbytes\n]R.", "REDUCE"],
      ["c_codecs\nencode\n(X\x01\x00\x00\x00aX\x05\x00\x00\x00rot13tR.", "REDUCE"],
      ["N)R.", "REDUCE"],
    ];
    for (const [pickle, named] of refusals) expect(refused(pickle)).toContain(named);
  });

  it("refuses a function as a value, wherever it stands", () => {
    for (
      const pickle of ["c__builtin__\nbytes\n.", "]c__builtin__\nbytes\na.", "(c__builtin__\nbytes\nt.", "}NcX\ny\ns."]
    ) {
      refused(pickle);
    }
  });

  it("names the offset of what is wrong", () => {
    expect(refused("K\x01K\x02\xff.")).toContain("offset 4: opcode 0xff");
  });

  it("refuses newer protocols", () => {
    expect(refused("\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00N.")).toContain("protocol 4");
  });

  it("refuses lengths that the pickle does not have, before it takes memory", () => {
    for (const opcode of ["T", "X", "\x8b"]) refused(`${opcode}\xff\xff\xff\xff.`);
  });

  it("refuses integers that would take long to read", () => {
    expect(refused(`L${"9".repeat(1_000_000)}L\n.`)).toContain("longer than");
    expect(refused(`\x8b\x40\x42\x0f\x00${"\x01".repeat(1_000_000)}.`)).toContain("longer than");
  });

  it("refuses what does not fit together", () => {
    const broken = [
      "",
      ".",
      "K\x01",
      "K\x01K\x02.",
      "(.",
      "K\x01(a.",
      "t.",
      "K\x01a.",
      "NK\x01a.",
      ")K\x01a.",
      "]K\x01K\x02s.",
      "}(K\x01u.",
      "(K\x01d.",
      "h\x00.",
      "g-1\n.",
      "q\x00.",
      "I1x\n.",
      "L\n.",
      "F1,5\n.",
      "Snone\n.",
      "S'a\n.",
      "S'\\x4'\n.",
      "S'\\'\n.",
      "V\\u12\n.",
      "V\\U00110000\n.",
      "X\x01\x00\x00\x00\xff.",
      "X\x02\x00\x00\x00\xed\xa0.",
      "c_codecs\nencode\n(X\x03\x00\x00\x00\xe6\x97\xa5X\x06\x00\x00\x00latin1tR.",
    ];
    for (const pickle of broken) refused(pickle);
  });

  it("refuses bytes that follow the pickle", () => {
    expect(refused("N.N.")).toContain("ends at offset 2, 2 bytes follow");
  });
});
