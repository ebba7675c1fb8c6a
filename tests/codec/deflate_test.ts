import { deflateSync } from "node:zlib";
import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { bytesOf, hexOf } from "../helpers/bytes.ts";
import { ENGINES, freshWasm } from "../helpers/codec_engines.ts";
import { sample, seeded } from "../helpers/codec_samples.ts";
import { accessLog } from "../../scripts/shared/sample_text.ts";

const LEVELS = [1, 2, 6] as const;

function samples(seed: number, count: number, largest: number): Uint8Array<ArrayBuffer>[] {
  const random = seeded(seed);
  return Array.from({ length: count }, () => sample(random, largest));
}

for (const engine of ENGINES) {
  describe(`deflate() of the ${engine.name} engine`, () => {
    it("makes of nothing the eight bytes that Python makes", () => {
      expect(hexOf(engine.deflate(new Uint8Array(0)))).toBe("785e030000000001");
    });

    it("makes streams that either engine reads back", () => {
      for (const bytes of samples(1, 300, 40_000)) {
        const stream = engine.deflate(bytes);
        for (const reader of ENGINES) expect(hexOf(reader.inflate(stream, bytes.length))).toBe(hexOf(bytes));
      }
    });

    it("takes at most a thousandth more than what cannot be compressed", () => {
      const random = seeded(2);
      for (const size of [1, 10, 100, 1000, 65_535, 65_536, 200_000]) {
        const noise = Uint8Array.from({ length: size }, () => random(256));

        expect(engine.deflate(noise).length).toBeLessThanOrEqual(size * 1.001 + 16);
      }
    });

    it("leaves its input as it is, and gives memory that no later call changes", () => {
      const input = bytesOf("to be or not to be, that is the question ".repeat(9));
      const before = hexOf(input);
      const stream = engine.deflate(input);
      const made = hexOf(stream);
      engine.deflate(new Uint8Array(5000));

      expect(hexOf(input)).toBe(before);
      expect(hexOf(stream)).toBe(made);
      expect(stream.buffer.byteLength).toBe(stream.length);
    });

    it("makes by default what level 1 makes, and less at the levels above it", () => {
      const [text = new Uint8Array(0)] = accessLog(600_000);
      const sizes = LEVELS.map((level) => engine.deflate(text, { level }).length);

      expect(hexOf(engine.deflate(text))).toBe(hexOf(engine.deflate(text, { level: 1 })));
      expect(hexOf(engine.deflate(text, {}))).toBe(hexOf(engine.deflate(text)));
      expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
    });

    it("makes streams of each level that either engine reads back", () => {
      for (const bytes of samples(8, 40, 200_000)) {
        for (const level of LEVELS) {
          const stream = engine.deflate(bytes, { level });
          for (const reader of ENGINES) {
            expect(reader.crc32(reader.inflate(stream, bytes.length))).toBe(engine.crc32(bytes));
          }
        }
      }
    });

    it("refuses a level that there is not", () => {
      const level = 3 as 2;
      expect(() => engine.deflate(new Uint8Array(1), { level }))
        .toThrow("Invalid level 3: it must be 1, 2 or 6");
    });

    it("reads no further than a view goes", () => {
      const all = bytesOf("abcdefgh".repeat(20));
      const copy = all.slice(8, 80);

      expect(hexOf(engine.deflate(all.subarray(8, 80)))).toBe(hexOf(engine.deflate(copy)));
    });
  });
}

describe("deflate() of the wasm engine", () => {
  it("makes the same bytes whatever was done before", () => {
    const used = freshWasm();
    for (const bytes of samples(3, 60, 400_000)) {
      expect(hexOf(used.deflate(bytes))).toBe(hexOf(freshWasm().deflate(bytes)));
    }
  });

  it("makes the same bytes of each level whatever was done before", () => {
    const used = freshWasm();
    for (const bytes of samples(9, 30, 400_000)) {
      for (const level of LEVELS) {
        expect(hexOf(used.deflate(bytes, { level }))).toBe(hexOf(freshWasm().deflate(bytes, { level })));
      }
    }
  });

  it("compresses random characters of three bytes within half a percent of zlib's level 2", () => {
    const random = seeded(10);
    const characters = Array.from({ length: 500 }, (_, i) => String.fromCodePoint(0x4e00 + 37 * i));
    const text = bytesOf(Array.from({ length: 200_000 }, () => characters[random(500)]).join(""));

    // Node's zlib is 0.4% smaller here than Deno's.
    expect(freshWasm().deflate(text).length).toBeLessThan(1.005 * deflateSync(text, { level: 2 }).length);
  });

  it("compresses a few words of two-byte characters better than zlib's level 2", () => {
    const random = seeded(11);
    const syllables = [..."бвгдзклмнпрст"].flatMap((consonant) => [..."аеио"].map((vowel) => consonant + vowel));
    const words = Array.from({ length: 300 }, () => {
      return Array.from({ length: 1 + random(4) }, () => syllables[random(syllables.length)]).join("");
    });
    const text = bytesOf(Array.from({ length: 100_000 }, () => words[random(300)]).join(" "));

    expect(freshWasm().deflate(text).length).toBeLessThan(0.97 * deflateSync(text, { level: 2 }).length);
  });

  it("compresses numbers, and many names that repeat among them, better than zlib's level 2", () => {
    const random = seeded(13);
    const numbers = Array.from({ length: 40_000 }, () => `${random(1000)}.${random(1000)}`).join(",");
    const name = () => Array.from({ length: 2 }, () => (2 ** 28 + random(2 ** 28)).toString(16)).join("");
    const names = Array.from({ length: 2000 }, name);
    const named = Array.from({ length: 40_000 }, () => `${names[random(2000)]} ${random(100_000)}`).join("\n");

    for (const text of [numbers, named].map(bytesOf)) {
      expect(freshWasm().deflate(text).length).toBeLessThan(0.99 * deflateSync(text, { level: 2 }).length);
    }
  });

  it("makes the same bytes of level 6 in every runtime", () => {
    const engine = freshWasm();
    const made = samples(4, 100, 300_000)
      .reduce((crc, bytes) => engine.crc32(engine.deflate(bytes, { level: 6 }), crc), 0);

    expect(made.toString(16)).toBe("e48f9a11");
  });

  it("makes the same bytes in every runtime", () => {
    const engine = freshWasm();
    const made = samples(4, 100, 300_000).reduce((crc, bytes) => engine.crc32(engine.deflate(bytes), crc), 0);

    expect(made.toString(16)).toBe("9fc2a6f9");
  });

  it("takes inputs larger than the memory it keeps", () => {
    const engine = freshWasm();
    const bytes = new Uint8Array(40 << 20);
    bytes.set(bytesOf("far apart"), bytes.length - 9);

    const back = engine.inflate(engine.deflate(bytes), bytes.length);

    expect(engine.crc32(back)).toBe(engine.crc32(bytes));
    expect(hexOf(engine.inflate(engine.deflate(bytesOf("and on"))))).toBe(hexOf(bytesOf("and on")));
  });

  it("has room for a block of nothing but the shortest matches", () => {
    const random = seeded(6);
    const words = Array.from({ length: 256 }, () => Array.from({ length: 5 }, () => random(256)));
    const bytes = Uint8Array.from(Array.from({ length: 200_000 }, () => words[random(256)] ?? []).flat());
    const engine = freshWasm();

    const stream = engine.deflate(bytes);

    expect(stream.length).toBeLessThan(bytes.length / 2);
    expect(engine.crc32(engine.inflate(stream, bytes.length))).toBe(engine.crc32(bytes));
  });

  it("refers to nothing before its input, where there are zeros", () => {
    const random = seeded(7);
    const noise = (size: number) => Array.from({ length: size }, () => 1 + random(255));
    const words = Array.from({ length: 8 }, () => noise(5));
    const parts = Array.from(
      { length: 500 },
      () => [...words[random(8)] ?? [], ...noise(random(8)), ...Array(16).fill(0)],
    );
    const bytes = Uint8Array.from(parts.flat());

    const stream = freshWasm().deflate(bytes);

    expect(hexOf(freshWasm().inflate(stream, bytes.length))).toBe(hexOf(bytes));
  });

  it("compresses what follows bytes that cannot be compressed", () => {
    const random = seeded(5);
    const noise = Uint8Array.from({ length: 300_000 }, () => random(256));
    const line = bytesOf("a line that comes again and again and again\n");
    const text = new Uint8Array(300_000).map((_, i) => line[i % line.length] ?? 0);
    const both = new Uint8Array(600_000);
    both.set(noise);
    both.set(text, 300_000);

    expect(freshWasm().deflate(both).length).toBeLessThan(305_000);
  });
});
