import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { bytesOf } from "../helpers/bytes.ts";
import { compiledCodec } from "../../lib/codec/wasm_module.ts";
import { WasmMemory } from "../../lib/codec/wasm_memory.ts";
import { ENGINES } from "../helpers/codec_engines.ts";
import { seeded } from "../helpers/codec_samples.ts";

/** CRC-32 as RFC 1952 defines it, a bit at a time. */
function bitwise(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

/** WebAssembly's own, whatever the host has. */
function inWasm(module: WebAssembly.Module): (bytes: Uint8Array, seed?: number) => number {
  const memory = new WasmMemory(module);
  return (bytes, seed = 0) => {
    memory.load(bytes, 0);
    return memory.wasm.crc32(memory.heap, bytes.length, seed) >>> 0;
  };
}

const WAYS: readonly (readonly [name: string, crc32: (bytes: Uint8Array, seed?: number) => number])[] = [
  ...ENGINES.map((engine) =>
    [`the ${engine.name} engine`, (bytes: Uint8Array, seed?: number) => engine.crc32(bytes, seed)] as const
  ),
  ...("module" in compiledCodec ? [["WebAssembly", inWasm(compiledCodec.module)] as const] : []),
];

for (const [name, crc32] of WAYS) {
  describe(`crc32() of ${name}`, () => {
    it("is the CRC-32 of zlib", () => {
      expect(crc32(bytesOf("123456789"))).toBe(0xcbf43926);
      expect(crc32(bytesOf("The quick brown fox jumps over the lazy dog"))).toBe(0x414fa339);
      expect(crc32(new Uint8Array(0))).toBe(0);
    });

    it("is that of the definition at every size around those where the method changes", () => {
      const random = seeded(2);
      const bytes = Uint8Array.from({ length: 36_900 }, () => random(256));
      const sizes = [
        ...Array.from({ length: 40 }, (_, i) => i),
        ...[8040, 20_390, 36_770].flatMap((size) => Array.from({ length: 48 }, (_, i) => size + i)),
      ];

      expect(sizes.map((size) => crc32(bytes.subarray(3, 3 + size))))
        .toEqual(sizes.map((size) => bitwise(bytes.subarray(3, 3 + size))));
    });

    it("continues from the CRC-32 of what came before", () => {
      const random = seeded(3);
      const bytes = Uint8Array.from({ length: 40_000 }, () => random(256));
      const whole = crc32(bytes);

      for (const at of [0, 1, 100, 8127, 8128, 20_000, 39_999, 40_000]) {
        expect(crc32(bytes.subarray(at), crc32(bytes.subarray(0, at)))).toBe(whole);
      }
    });
  });
}
