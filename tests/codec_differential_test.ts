import { Buffer } from "node:buffer";
import { crc32, deflateSync, inflateSync } from "node:zlib";
import { describe, it } from "@std/testing/bdd";
import { expect } from "@std/expect";
import type { Codec } from "../lib/codec/engine.ts";
import { ENGINES } from "./codec_engines.ts";
import { damaged, sample, seeded } from "./codec_samples.ts";

/** What a function gives, or that it refuses. */
function outcome(work: () => Uint8Array): Uint8Array | "refused" {
  try {
    return work();
  } catch {
    return "refused";
  }
}

function isSame(a: Uint8Array | "refused", b: Uint8Array | "refused"): boolean {
  return a === b || (a !== "refused" && b !== "refused" && Buffer.compare(a, b) === 0);
}

/** Damaged streams that an engine and zlib treat differently; zlib ignores what follows a stream, the engines do not. */
function disagreements(engine: Codec, cases: number): string[] {
  const random = seeded(30);
  const found: string[] = [];
  for (let i = 0; i < cases; i++) {
    const stream = damaged(deflateSync(sample(random, 3000), { level: random(10), strategy: random(5) }), random);
    const ours = outcome(() => engine.inflate(stream, 1 << 20));
    const info = inflateOf(stream);
    if (!isSame(ours, info)) found.push(`case ${i}: ${Buffer.from(stream).toString("hex")}`);
  }
  return found;
}

/** What zlib makes of a stream that ends where its bytes do. */
function inflateOf(stream: Uint8Array): Uint8Array | "refused" {
  return outcome(() => {
    const { buffer, engine } = inflateSync(stream, { info: true }) as unknown as {
      buffer: Uint8Array;
      engine: { bytesWritten: number };
    };
    if (engine.bytesWritten < stream.length) throw new TypeError("bytes follow");
    return buffer;
  });
}

for (const engine of ENGINES) {
  describe(`the ${engine.name} engine, compared with zlib`, () => {
    it("makes streams that zlib reads back, of 1500 samples", () => {
      const random = seeded(10);
      for (let i = 0; i < 1500; i++) {
        const bytes = sample(random, 140_000);
        const back = outcome(() => inflateSync(engine.deflate(bytes)));
        expect([i, isSame(back, bytes)]).toEqual([i, true]);
      }
    });

    it("reads the streams that zlib makes of 1500 samples, at all its settings", () => {
      const random = seeded(20);
      for (let i = 0; i < 1500; i++) {
        const bytes = sample(random, 140_000);
        const settings = { level: random(10), strategy: random(5), memLevel: 1 + random(9), windowBits: 9 + random(7) };
        const back = outcome(() => engine.inflate(deflateSync(bytes, settings), bytes.length));
        expect([i, settings, isSame(back, bytes)]).toEqual([i, settings, true]);
      }
    });

    it("refuses the damaged streams that zlib refuses, of 3000", () => {
      expect(disagreements(engine, 3000)).toEqual([]);
    });

    it("has the same CRC-32, of 500 samples", () => {
      const random = seeded(40);
      for (let i = 0; i < 500; i++) {
        const bytes = sample(random, 60_000);
        expect([i, engine.crc32(bytes)]).toEqual([i, crc32(bytes)]);
      }
    });
  });
}
