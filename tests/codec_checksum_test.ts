import { describe, it } from "@std/testing/bdd";
import { expect } from "@std/expect";
import { bytesOf } from "./bytes.ts";
import { ENGINES } from "./codec_engines.ts";
import { seeded } from "./codec_samples.ts";

/** CRC-32 as RFC 1952 defines it, a bit at a time. */
function bitwise(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

for (const engine of ENGINES) {
  describe(`crc32() of the ${engine.name} engine`, () => {
    it("is the CRC-32 of zlib", () => {
      expect(engine.crc32(bytesOf("123456789"))).toBe(0xcbf43926);
      expect(engine.crc32(bytesOf("The quick brown fox jumps over the lazy dog"))).toBe(0x414fa339);
      expect(engine.crc32(new Uint8Array(0))).toBe(0);
    });

    it("is that of the definition at every size around those where the method changes", () => {
      const random = seeded(2);
      const bytes = Uint8Array.from({ length: 12_300 }, () => random(256));
      const sizes = [
        ...Array.from({ length: 40 }, (_, i) => i),
        ...Array.from({ length: 40 }, (_, i) => 8110 + i),
        ...Array.from({ length: 40 }, (_, i) => 12_200 + i),
      ];

      expect(sizes.map((size) => engine.crc32(bytes.subarray(3, 3 + size))))
        .toEqual(sizes.map((size) => bitwise(bytes.subarray(3, 3 + size))));
    });

    it("continues from the CRC-32 of what came before", () => {
      const random = seeded(3);
      const bytes = Uint8Array.from({ length: 40_000 }, () => random(256));
      const whole = engine.crc32(bytes);

      for (const at of [0, 1, 100, 8127, 8128, 20_000, 39_999, 40_000]) {
        expect(engine.crc32(bytes.subarray(at), engine.crc32(bytes.subarray(0, at)))).toBe(whole);
      }
    });
  });
}
