import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import type { DecodedHunk, Engine, StoredHunk } from "../../lib/codec/engine.ts";
import { bytesOf, fromLatin1, hexOf, joined, latin1 } from "../helpers/bytes.ts";
import { ENGINES } from "../helpers/codec_engines.ts";
import { sample, seeded } from "../helpers/codec_samples.ts";
import { thrownBy } from "../helpers/thrown.ts";

const HEADER = 14;

/** The byte strings of a hunk, as text of Latin-1. */
function stringsOf({ bytes, offsets }: DecodedHunk): string[] {
  return Array.from(
    { length: offsets.length - 1 },
    (_, i) => latin1(bytes.subarray(offsets[i], offsets[i + 1])),
  );
}

function headerOf(engine: Engine, pickled: Uint8Array, compressed: boolean): StoredHunk {
  return { compressed, crc32: engine.crc32(pickled), maxSize: 1 << 26 };
}

/** What an engine finds in pickles, given as text of Latin-1. */
function decoded(engine: Engine, pickles: string): DecodedHunk {
  const pickled = fromLatin1(pickles);
  return engine.decodeHunk(pickled, headerOf(engine, pickled, false));
}

const CALL = "c_codecs\nencode\n";
const LATIN1 = "X\x06\0\0\0latin1";
/** A py3 pickle, with what stores its five values in the memo. */
function py3(utf8: string, [a, b, c, d, e] = ["q\0", "q\x01", "q\x02", "q\x03", "q\x04"]): string {
  return `${CALL}${a}(X${String.fromCharCode(utf8.length)}\0\0\0${utf8}${b}${LATIN1}${c}t${d}R${e}.`;
}

/** Pickles that are a byte string, and which. */
const BYTE_STRINGS: readonly (readonly [pickle: string, value: string])[] = [
  ["U\0.", ""],
  ["U\x01\xff.", "\xff"],
  ["U\x03abcq\x01.", "abc"],
  ["U\x03abcq\xc8.", "abc"],
  ["U\x03abcr\x01\x02\0\0.", "abc"],
  ["U\x03abcp17\n.", "abc"],
  ["U\x03abc.", "abc"],
  [`U\xff${"y".repeat(255)}q\x01.`, "y".repeat(255)],
  ["T\x02\0\0\0hiq\x01.", "hi"],
  ["T\0\0\0\0.", ""],
  [`T\x2c\x01\0\0${"z".repeat(300)}q\x01.`, "z".repeat(300)],
  [py3("abc"), "abc"],
  [py3(""), ""],
  [py3("a\xc3\xa9\xc2\x80\xc3\xbf-plain text after it"), "a\xe9\x80\xff-plain text after it"],
  [py3("abc", ["", "", "", "", ""]), "abc"],
  [py3("abc", ["r\0\0\0\0", "p1\n", "q\x02", "p33\n", "r\x04\0\0\0"]), "abc"],
  ["c__builtin__\nbytes\nq\0)Rq\x01.", ""],
  ["c__builtin__\nbytes\n)R.", ""],
];

/** Pickles that are something else, or nothing. */
const OTHERS: readonly string[] = [
  "K\x05.",
  "X\x03\0\0\0abcq\0.",
  "(U\x01aU\x01bt.",
  "U",
  "U\x05abc.",
  "U\x03abc",
  "U\x03abcq\x01",
  "U\x03abcp\n.",
  "U\x03abcpx\n.",
  "U\x03abcq\x01q\x02.",
  "U\x03abcK",
  "T\x05\0\0\0abc.",
  "T\xff\xff\xff\xffabc.",
  "T\xff\xff\xff\x7fabc.",
  "T\x01\0",
  "c_codecs\nescape\nq\0(X\x01\0\0\0aq\x01X\x06\0\0\0latin1q\x02tq\x03Rq\x04.",
  py3("abc").replace("latin1", "latin2"),
  py3("abc").replace("t", "u"),
  py3("abc").slice(0, -1),
  py3("a\xc4\x80"),
  py3("a\xc3"),
  py3("\xe9abc"),
  py3("\xc3\x41"),
  CALL,
  `${CALL}q\0(X\xff\xff\xff\xffabc`,
  `${CALL}q\0(X\x10`,
  "c__builtin__\nbytes\nq\0]R.",
  "c__builtin__\nbytes\n",
  "c__builtin__\nset\nq\0)Rq\x01.",
  "cos\nsystem\n(U\x02lstR.",
];

for (const engine of ENGINES) {
  describe(`encodeHunk() of the ${engine.name} engine`, () => {
    it("writes a header of 14 bytes and the compressed data", () => {
      const pickled = bytesOf("U\x03abcq\x01.".repeat(50));
      const hunk = engine.encodeHunk(pickled, true);
      const view = new DataView(hunk.buffer);

      expect([view.getUint8(0), view.getUint8(1)]).toEqual([0x81, 1]);
      expect(view.getUint32(2, true)).toBe(engine.crc32(pickled));
      expect(view.getBigUint64(6, true)).toBe(BigInt(hunk.length - HEADER));
      expect(hexOf(engine.inflate(hunk.subarray(HEADER)))).toBe(hexOf(pickled));
    });

    it("writes data as it is when it is not to be compressed", () => {
      expect(hexOf(engine.encodeHunk(bytesOf("U\0."), false))).toBe("81008638e049030000000000000055002e");
    });

    it("writes the empty hunks that end a chunk", () => {
      expect(hexOf(engine.encodeHunk(new Uint8Array(0), true))).toBe("8101000000000800000000000000785e030000000001");
      expect(hexOf(engine.encodeHunk(new Uint8Array(0), false))).toBe("8100000000000000000000000000");
    });

    it("takes the pickles of pickleLines() as they are", () => {
      const text = bytesOf("one line\nand another\n".repeat(40_000));
      const options = { dialect: "py2", limit: 1 << 30, maxRecordSize: 1 << 20, last: true } as const;
      const copy = engine.pickleLines(text, 0, options).pickled.slice();

      expect(hexOf(engine.encodeHunk(engine.pickleLines(text, 0, options).pickled, true)))
        .toBe(hexOf(engine.encodeHunk(copy, true)));
      expect(hexOf(engine.encodeHunk(engine.pickleLines(text, 0, options).pickled.subarray(100, 90_000), true)))
        .toBe(hexOf(engine.encodeHunk(copy.subarray(100, 90_000), true)));
    });
  });

  describe(`decodeHunk() of the ${engine.name} engine`, () => {
    for (const [pickle, value] of BYTE_STRINGS) {
      it(`finds the byte string in ${JSON.stringify(pickle.slice(0, 70))}`, () => {
        const hunk = decoded(engine, pickle + pickle);

        expect(stringsOf(hunk)).toEqual([value, value]);
        expect(hunk.rest.length).toBe(0);
      });
    }

    for (const pickle of OTHERS) {
      it(`leaves ${JSON.stringify(pickle.slice(0, 70))} and all after it to the unpickler`, () => {
        const hunk = decoded(engine, `U\x01a.${pickle}`);

        expect(stringsOf(hunk)).toEqual(["a"]);
        expect(latin1(hunk.rest)).toBe(pickle);
      });
    }

    it("leaves the second pickle to the unpickler when it is of another kind", () => {
      const hunk = decoded(engine, "U\x01a.K\x01.U\x01b.");

      expect(stringsOf(hunk)).toEqual(["a"]);
      expect(latin1(hunk.rest)).toBe("K\x01.U\x01b.");
    });

    it("reads back what encodeHunk() made of lines", () => {
      const random = seeded(8);
      for (let i = 0; i < 60; i++) {
        const text = sample(random, 60_000);
        for (const dialect of ["py2", "py3"] as const) {
          const options = { dialect, limit: 1 << 30, maxRecordSize: 1 << 20, last: true };
          const pickled = engine.pickleLines(text, 0, options).pickled.slice();
          for (const compressed of [true, false]) {
            const stored = engine.encodeHunk(pickled, compressed).slice(HEADER);
            const hunk = engine.decodeHunk(stored, headerOf(engine, pickled, compressed));

            expect(hunk.rest.length).toBe(0);
            expect(hexOf(joined(stringsOf(hunk).map(fromLatin1)))).toBe(hexOf(text));
          }
        }
      }
    });

    it("finds strings of all lengths after strings of all lengths, and changes none by what it writes after them", () => {
      const random = seeded(9);
      const lengths = [
        0,
        1,
        2,
        3,
        9,
        15,
        16,
        17,
        31,
        32,
        33,
        47,
        48,
        49,
        95,
        96,
        97,
        143,
        144,
        145,
        239,
        240,
        254,
        255,
        256,
        999,
      ];
      const length = () => lengths[random(lengths.length)] as number;
      for (let i = 0; i < 400; i++) {
        const texts = Array.from({ length: 1 + (i % 40) * 3 }, () => sample(random, 1000).subarray(0, length()));
        const pickled = joined(texts.flatMap((text) => [
          fromLatin1(text.length < 256 ? "U" : "T"),
          new Uint8Array(new Uint32Array([text.length]).buffer).subarray(0, text.length < 256 ? 1 : 4),
          ...[text, fromLatin1(text.length < 2 ? "." : "q\x01.")],
        ]));

        const hunk = engine.decodeHunk(pickled, headerOf(engine, pickled, false));

        expect(hunk.rest.length).toBe(0);
        expect(stringsOf(hunk)).toEqual(texts.map(latin1));
      }
    });

    it("refuses a wrong CRC-32, and names both", () => {
      const pickled = bytesOf("U\x01a.");
      const hunk = { ...headerOf(engine, pickled, false), crc32: 1 };

      const error = thrownBy(() => engine.decodeHunk(pickled, hunk));

      expect(error.code).toBe("corrupt-hunk");
      expect(error.message).toContain("0x00000001");
      expect(error.message).toContain(`0x${engine.crc32(pickled).toString(16).padStart(8, "0")}`);
    });

    it("refuses more bytes than are accepted, stored or compressed", () => {
      const pickled = new Uint8Array(2000);
      for (const compressed of [true, false]) {
        const stored = compressed ? engine.deflate(pickled) : pickled;
        const hunk = headerOf(engine, pickled, compressed);

        expect(engine.decodeHunk(stored, { ...hunk, maxSize: 2000 }).rest.length).toBe(2000);
        expect(thrownBy(() => engine.decodeHunk(stored, { ...hunk, maxSize: 1999 })).code).toBe("corrupt-hunk");
      }
    });

    it("gives the strings one right after the other, and the rest behind them", () => {
      const { bytes, offsets, rest } = decoded(engine, `${py3("\xc3\xa9b")}U\0.U\x03abcq\x01.K\x01.`);

      expect([latin1(bytes), [...offsets], latin1(rest)]).toEqual(["\xe9babc", [0, 2, 2, 5], "K\x01."]);
      expect(bytes.byteOffset).toBe(0);
    });

    it("gives one offset where there is no string", () => {
      for (const pickles of ["", "K\x01."]) expect([...decoded(engine, pickles).offsets]).toEqual([0]);
    });

    it("gives memory of its own, and leaves what was stored as it is", () => {
      const pickle = py3("\xc3\xa9\xc3\xa9");
      const pickled = fromLatin1(pickle);
      const hunk = engine.decodeHunk(pickled, headerOf(engine, pickled, false));
      decoded(engine, "U\x0bsomething else.".repeat(20));

      expect(stringsOf(hunk)).toEqual(["\xe9\xe9"]);
      expect(latin1(pickled)).toBe(pickle);
      expect(hunk.bytes.buffer).not.toBe(pickled.buffer);
    });
  });
}
