import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { bytesOf, fromHex, latin1 } from "../helpers/bytes.ts";
import { ENGINES } from "../helpers/codec_engines.ts";
import { sample, seeded } from "../helpers/codec_samples.ts";
import { Bits, canonicalCodes, lengthsOf, zlibStream } from "../helpers/codec_streams.ts";
import { thrownBy } from "../helpers/thrown.ts";

const END = 256;
/** Codes of one bit each for `a` and the end of the block. */
const A_AND_END = lengthsOf(257, { 97: 1, [END]: 1 });

for (const engine of ENGINES) {
  const inflated = (stream: Uint8Array) => latin1(engine.inflate(stream));
  const refusal = (stream: Uint8Array, size?: number) => thrownBy(() => engine.inflate(stream, size));

  describe(`inflate() of the ${engine.name} engine`, () => {
    it("reads what zlib wrote", () => {
      expect(inflated(fromHex("789ccb48cdc9c95728cf2fca4901001a0b045d"))).toBe("hello world");
      expect(inflated(fromHex("785e030000000001"))).toBe("");
    });

    it("reads stored blocks, one of them empty", () => {
      const stream = new Bits().block(0, 0).bytes(2, 0, 253, 255, 97, 98)
        .block(0, 0).bytes(0, 0, 255, 255)
        .block(0).bytes(1, 0, 254, 255, 99).stream("abc");

      expect(inflated(stream)).toBe("abc");
    });

    it("reads a block of the fixed codes, with a match that overlaps itself", () => {
      // `a`, length 10 at distance 1, the end
      const stream = new Bits().block(1).code(0x30 + 97, 8).code(264 - END, 7).code(0, 5).code(0, 7).stream(
        "a".repeat(11),
      );

      expect(inflated(stream)).toBe("a".repeat(11));
    });

    it("reads a block whose only distance code has one bit", () => {
      const literals = lengthsOf(258, { 97: 2, [END]: 2, 257: 1 });
      const stream = new Bits().block(2).lengths(literals, [1])
        .code(2, 2).code(0, 1).code(0, 1).code(3, 2).stream("aaaa");

      expect(inflated(stream)).toBe("aaaa");
    });

    it("reads a block that has no distance code, and needs none", () => {
      expect(inflated(new Bits().block(2).lengths(A_AND_END, [0]).code(0, 1).code(1, 1).stream("a"))).toBe("a");
    });

    it("copies matches of every length at every short distance", () => {
      for (let distance = 1; distance <= 40; distance++) {
        const period = Array.from({ length: distance }, (_, i) => String.fromCharCode(65 + i)).join("");
        for (const length of [3, 4, 15, 16, 17, 31, 32, 33, 64, 257, 258]) {
          const text = period.repeat(1 + Math.ceil(length / distance)).slice(0, distance + length) + "!";
          expect(inflated(engine.deflate(bytesOf(text)))).toBe(text);
        }
      }
    });

    it("makes room for more output between two codes of the longest kind", () => {
      // Codes of 1 bit (`a`) to 15 bits (`b`, the end). Room for four times the stream and 4096 bytes ends among the latter.
      const steps = Object.fromEntries(Array.from({ length: 13 }, (_, i) => [99 + i, 2 + i]));
      const stream = new Bits().block(2).lengths(lengthsOf(257, { 97: 1, ...steps, 98: 15, [END]: 15 }), [0]);
      const text = "a".repeat(16_200) + "b".repeat(500);
      for (const byte of text) stream.code(byte === "a" ? 0 : 0x7ffe, byte === "a" ? 1 : 15);

      expect(inflated(stream.code(0x7fff, 15).stream(text))).toBe(text);
    });

    it("reads other codes wherever they come among those of eight bits, and refuses every cut", () => {
      const { stream, text } = amongEightBits();

      expect(inflated(stream)).toBe(text);
      for (let size = stream.length - 40; size < stream.length; size++) {
        expect(refusal(stream.subarray(0, size)).code).toBe("corrupt-hunk");
      }
    });

    it("refuses every cut of a stream", () => {
      const stream = engine.deflate(bytesOf("how now brown cow, how now brown cow, how now?".repeat(3)));

      for (let size = 0; size < stream.length; size++) {
        expect(refusal(stream.subarray(0, size)).code).toBe("corrupt-hunk");
      }
    });

    it("refuses a stream of which any bit is wrong, unless none depends on it", () => {
      const text = "how now brown cow, how now brown cow, how now?";
      const stream = engine.deflate(bytesOf(text));

      for (let bit = 0; bit < 8 * stream.length; bit++) {
        const wrong = stream.slice();
        wrong[bit >> 3] = (wrong[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        try {
          expect(inflated(wrong)).toBe(text);
        } catch (error) {
          expect(error).toMatchObject({ code: "corrupt-hunk" });
        }
      }
    });

    it("refuses bytes after the stream", () => {
      const stream = engine.deflate(bytesOf("abc"));

      expect(refusal(Uint8Array.of(...stream, 0)).code).toBe("corrupt-hunk");
    });

    it("refuses what does not begin as a zlib stream, and a preset dictionary", () => {
      for (const header of ["789d", "7818", "885e", "795e", "78bb", "1f8b"]) {
        expect(refusal(Uint8Array.of(...fromHex(header), 3, 0, 0, 0, 0, 1)).message).toContain("zlib stream");
      }
      expect(refusal(new Uint8Array(0)).code).toBe("corrupt-hunk");
    });

    it("accepts exactly as many bytes as it may, and says how many when there are more", () => {
      const stream = engine.deflate(new Uint8Array(100_000));

      expect(engine.inflate(stream, 100_000).length).toBe(100_000);
      expect(refusal(stream, 99_999).message).toContain("99999 bytes");
      expect(refusal(stream, 0).code).toBe("corrupt-hunk");
      expect(engine.inflate(engine.deflate(new Uint8Array(0)), 0).length).toBe(0);
    });

    it("refuses a stored block of more than it may yield", () => {
      const stream = new Bits().block(0).bytes(3, 0, 252, 255, 97, 98, 99).stream("abc");

      expect(inflated(stream)).toBe("abc");
      expect(refusal(stream, 2).message).toContain("2 bytes");
    });

    it("stops at its bound in a stream that would yield a thousand times as much", () => {
      const bomb = engine.deflate(new Uint8Array(16 << 20));

      expect(bomb.length).toBeLessThan(100_000);
      expect(refusal(bomb, 1 << 14).code).toBe("corrupt-hunk");
    });

    it("gives bytes in memory of their own", () => {
      const stream = engine.deflate(bytesOf("first"));
      const first = engine.inflate(stream);
      engine.inflate(engine.deflate(bytesOf("other")));

      expect(latin1(first)).toBe("first");
      expect(first.buffer.byteLength).toBe(5);
    });

    it("reads random streams without a crash", () => {
      const random = seeded(7);
      for (let i = 0; i < 2000; i++) {
        const stream = zlibStream(sample(random, 60), "");
        try {
          engine.inflate(stream, 1 << 20);
        } catch (error) {
          expect(error).toMatchObject({ code: "corrupt-hunk" });
        }
      }
    });
  });
}

/** 241 literals that have codes of eight bits, and after 0 to 9 of them each other code: literals, matches, and at last the end. */
function amongEightBits(): { stream: Uint8Array; text: string } {
  const shorter = { 241: 5, 242: 6, 243: 7 };
  const longer = { 244: 9, 245: 10, 246: 11, 247: 12, 248: 13, 249: 14, [END]: 15, 257: 15 };
  const eight = Object.fromEntries(Array.from({ length: 241 }, (_, literal) => [literal, 8]));
  const lengths = lengthsOf(258, { ...shorter, ...eight, ...longer });
  const codes = canonicalCodes(lengths);
  const stream = new Bits().block(2).lengths(lengths, [1]);
  const put = (symbol: number) => stream.code(codes[symbol] ?? 0, lengths[symbol] ?? 0);
  let text = "";
  const putLiteral = (literal: number) => {
    put(literal);
    text += String.fromCharCode(literal);
  };
  let next = 0;
  for (const other of [...Object.keys(shorter), ...Object.keys(longer)].map(Number).filter((other) => other !== END)) {
    for (let gap = 0; gap < 10; gap++) {
      for (let i = 0; i < gap; i++) putLiteral((next += 7) % 241);
      if (other < END) {
        putLiteral(other);
      } else {
        // Three bytes, the last one again.
        put(other).code(0, 1);
        text += text.slice(-1).repeat(3);
      }
    }
  }
  for (let i = 0; i < 50; i++) putLiteral((next += 11) % 241);
  return { stream: put(END).stream(text), text };
}

describe("inflate(), as zlib", () => {
  const fixed = () => new Bits().block(1);
  const own = (literals: readonly number[], distances: readonly number[]) =>
    new Bits().block(2).lengths(literals, distances);
  const withMatch = lengthsOf(258, { 97: 2, [END]: 2, 257: 1 });
  const lengths = "code lengths that make no code";
  const code = "an unknown code";
  const hostile: readonly (readonly [what: string, stream: Uint8Array, message: string])[] = [
    ["a block of type 3", new Bits().block(3).stream(), "block of unknown type"],
    ["two lengths of a stored block that disagree", new Bits().block(0).bytes(1, 0, 1, 255, 97).stream("a"), "stored"],
    ["a stored block longer than the stream", new Bits().block(0).bytes(9, 0, 246, 255, 97).stream("a"), "cut short"],
    ["a distance before the beginning", fixed().code(145, 8).code(1, 7).code(1, 5).code(0, 7).stream("aaaa"), "before"],
    ["the length symbol 286", fixed().code(198, 8).code(0, 7).stream(), code],
    ["the distance symbol 30", fixed().code(145, 8).code(1, 7).code(30, 5).code(0, 7).stream("a"), code],
    ["287 literal and length codes", own(lengthsOf(287, { 97: 1, [END]: 1 }), [0]).stream(), lengths],
    ["31 distance codes", own(A_AND_END, lengthsOf(31, {})).stream(), lengths],
    ["too many literal codes", own(lengthsOf(257, { 1: 1, 2: 1, [END]: 1 }), [0]).code(0, 1).stream("\x01"), lengths],
    ["too few literal codes", own(lengthsOf(257, { 97: 1, [END]: 2 }), [0]).code(0, 1).code(2, 2).stream("a"), lengths],
    ["too many distance codes", own(A_AND_END, [1, 1, 1]).code(0, 1).code(1, 1).stream("a"), lengths],
    ["too few distance codes", own(A_AND_END, [2, 2]).code(0, 1).code(1, 1).stream("a"), lengths],
    ["a distance where no code is one", own(withMatch, [0]).code(2, 2).code(0, 1).code(0, 1).stream("aaaa"), code],
    ["the code beside the only distance", own(withMatch, [1]).code(2, 2).code(0, 1).code(1, 1).stream("aaaa"), code],
    ["no code for the end of the block", own(lengthsOf(257, { 97: 1, 98: 1 }), [0]).code(0, 1).stream("a"), lengths],
    ["a repeat of no length", precoded([16, 0, 2]), lengths],
    ["repeats past the last length", precoded([18, 127, 7], [18, 127, 7], [18, 127, 7]), lengths],
    ["too many codes for lengths", new Bits().block(2).add(0, 14).add(1, 3).add(1, 3).add(1, 3).stream(), lengths],
    ["no codes for lengths", new Bits().block(2).add(15 << 10, 14).add(0, 57).add(0, 400).stream(), lengths],
    ["no end", fixed().code(145, 8).stream("a"), "cut short"],
    ["a wrong Adler-32", fixed().code(145, 8).code(0, 7).stream("b"), "Adler-32"],
  ];

  for (const [what, stream, message] of hostile) {
    for (const engine of ENGINES) {
      it(`refuses ${what} (${engine.name})`, () => {
        const error = thrownBy(() => engine.inflate(stream));

        expect(error.code).toBe("corrupt-hunk");
        expect(error.message).toContain(message);
      });
    }
  }
});

/** A block whose code lengths are told by symbols of the precode: 16, 17, 18 and 0, of two bits each, and their extra bits. */
function precoded(...items: readonly (readonly [symbol: number, extra: number, extraBits: number])[]): Uint8Array {
  const bits = new Bits().block(2).add(0, 14).add(2, 3).add(2, 3).add(2, 3).add(2, 3);
  const codes: Record<number, number> = { 0: 0, 16: 1, 17: 2, 18: 3 };
  for (const [symbol, extra, extraBits] of items) bits.code(codes[symbol] ?? 0, 2).add(extra, extraBits);
  return bits.add(0, 32).add(0, 32).stream();
}
