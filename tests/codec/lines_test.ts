import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import type { Dialect, Engine, PickleLinesOptions } from "../../lib/codec/engine.ts";
import { bytesOf, fromHex, hexOf, joined, latin1 } from "../helpers/bytes.ts";
import { ENGINES } from "../helpers/codec_engines.ts";
import { sample, seeded } from "../helpers/codec_samples.ts";

const OPTIONS: PickleLinesOptions = { dialect: "py2", limit: 1 << 30, maxRecordSize: 1 << 20, last: true };
const DIALECTS: readonly Dialect[] = ["py2", "py3"];

/** The pickle of a line, by FORMAT's own words. */
function pickleOf(line: Uint8Array, dialect: Dialect): Uint8Array {
  if (dialect === "py3") {
    const utf8 = bytesOf(latin1(line));
    return joined([
      bytesOf("c_codecs\nencode\nq\x00(X"),
      wordOf(utf8.length),
      utf8,
      bytesOf("q\x01X\x06\x00\x00\x00latin1q\x02tq\x03Rq\x04."),
    ]);
  }
  const head = line.length < 256 ? Uint8Array.of(0x55, line.length) : joined([bytesOf("T"), wordOf(line.length)]);
  return joined([head, line, bytesOf(line.length > 1 ? "q\x01." : ".")]);
}

function wordOf(value: number): Uint8Array {
  return Uint8Array.of(value, value >> 8, value >> 16, value >> 24);
}

/** The lines of a text, their newlines kept. */
function linesOf(text: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let at = 0; at < text.length;) {
    const newline = text.indexOf(10, at);
    const end = newline < 0 ? text.length : newline + 1;
    lines.push(text.subarray(at, end));
    at = end;
  }
  return lines;
}

/** What an engine makes of a text that comes in two parts. */
function inTwoParts(engine: Engine, text: Uint8Array, at: number, options: PickleLinesOptions): string {
  const first = engine.pickleLines(text.subarray(0, at), 0, { ...options, last: false });
  const made = hexOf(first.pickled);
  return made + hexOf(engine.pickleLines(text, first.consumed, options).pickled);
}

for (const engine of ENGINES) {
  describe(`pickleLines() of the ${engine.name} engine`, () => {
    for (const dialect of DIALECTS) {
      const options: PickleLinesOptions = { ...OPTIONS, dialect };

      it(`writes lines of every length as Python does (${dialect})`, () => {
        const lengths = [...Array.from({ length: 300 }, (_, i) => i), 4095, 65_535, 65_536, 70_000];
        for (const bytes of ["x", "\xe9", "a\x80"]) {
          const text = joined(lengths.map((length) => {
            const line = Uint8Array.from({ length: length + 1 }, (_, i) => bytes.charCodeAt(i % bytes.length));
            line[length] = 10;
            return line;
          }));
          const { pickled, consumed, records } = engine.pickleLines(text, 0, options);

          expect(hexOf(pickled)).toBe(hexOf(joined(linesOf(text).map((line) => pickleOf(line, dialect)))));
          expect([consumed, records]).toEqual([text.length, lengths.length]);
        }
      });

      it(`writes the lines of any bytes (${dialect})`, () => {
        const random = seeded(6);
        for (let i = 0; i < 200; i++) {
          const text = sample(random, 20_000);
          const lines = linesOf(text);
          const { pickled, consumed, records, tooLarge } = engine.pickleLines(text, 0, options);

          expect(hexOf(pickled)).toBe(hexOf(joined(lines.map((line) => pickleOf(line, dialect)))));
          expect([consumed, records, tooLarge]).toEqual([text.length, lines.length, 0]);
        }
      });

      it(`makes the same of a text that is parted anywhere (${dialect})`, () => {
        const text = bytesOf(`\n\none\nétwo\n${"long ".repeat(60)}\n\nthe end`);
        const whole = hexOf(engine.pickleLines(text, 0, options).pickled);

        for (let at = 0; at <= text.length; at++) expect(inTwoParts(engine, text, at, options)).toBe(whole);
      });

      it(`stops after the record that exceeds the limit (${dialect})`, () => {
        const text = bytesOf("line one\nline two\nline three\nline four\n");
        const sizes = linesOf(text).map((line) => pickleOf(line, dialect).length);
        const [one = 0, two = 0] = sizes;
        const recordsFor = (limit: number) => engine.pickleLines(text, 0, { ...options, limit }).records;

        expect([0, one - 1, one, one + two - 1, one + two].map(recordsFor)).toEqual([1, 1, 2, 2, 3]);
        expect(engine.pickleLines(text, 0, { ...options, limit: one }).consumed).toBe(18);
        expect(engine.pickleLines(text, 9, { ...options, limit: 0 }).consumed).toBe(9);
      });

      it(`stops before a record that is too large, and says how large (${dialect})`, () => {
        const text = bytesOf(`short\n${"é".repeat(300)}\nshort\n`);
        const large = pickleOf(linesOf(text)[1] ?? new Uint8Array(0), dialect).length;
        const upTo = (maxRecordSize: number) => engine.pickleLines(text, 0, { ...options, maxRecordSize });

        expect(upTo(large)).toMatchObject({ records: 3, tooLarge: 0 });
        expect(upTo(large - 1)).toMatchObject({ records: 1, consumed: 6, tooLarge: large });
        expect(upTo(1)).toMatchObject({ records: 0, consumed: 0 });
      });
    }

    it("leaves what follows the last newline, unless the text ends there", () => {
      const text = bytesOf("one\ntwo");

      expect(engine.pickleLines(text, 0, { ...OPTIONS, last: false })).toMatchObject({ records: 1, consumed: 4 });
      expect(engine.pickleLines(text, 0, OPTIONS)).toMatchObject({ records: 2, consumed: 7 });
      expect(engine.pickleLines(text, 4, { ...OPTIONS, last: false })).toMatchObject({ records: 0, consumed: 0 });
      expect(engine.pickleLines(text, 7, OPTIONS)).toMatchObject({ records: 0, consumed: 0 });
      expect(engine.pickleLines(new Uint8Array(0), 0, OPTIONS)).toMatchObject({ records: 0, consumed: 0 });
    });

    it("takes a line over 1 MiB, with and without its newline", () => {
      const line = new Uint8Array(3 << 20).fill(97);
      const options = { ...OPTIONS, maxRecordSize: 1 << 22, limit: 1 << 20 };

      expect(engine.pickleLines(line, 0, { ...options, last: false })).toMatchObject({ records: 0, consumed: 0 });
      const { pickled, records, consumed } = engine.pickleLines(line, 0, options);
      expect([records, consumed, pickled.length]).toEqual([1, line.length, line.length + 8]);
      expect(hexOf(pickled.subarray(0, 6))).toBe("540000300061");
      expect(engine.pickleLines(line, 0, OPTIONS).tooLarge).toBe((3 << 20) + 8);
    });

    it("takes nothing but newlines", () => {
      const { pickled, records } = engine.pickleLines(new Uint8Array(100_000).fill(10), 0, OPTIONS);

      expect(records).toBe(100_000);
      expect(pickled.every((byte, i) => byte === [0x55, 1, 10, 0x2e][i % 4])).toBe(true);
    });

    it("keeps carriage returns, and splits at nothing else", () => {
      const text = fromHex("610d0a620c0b0d85c2850a");

      expect(engine.pickleLines(text, 0, OPTIONS).records).toBe(2);
    });
  });
}
