import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { ENGINES } from "../helpers/codec_engines.ts";
import { thrownBy } from "../helpers/thrown.ts";
import { goldenCases, goldenChunk, goldenInput, PYTHONS } from "../helpers/golden.ts";

const HEADER = 14;

for (const python of PYTHONS) {
  const cases = await goldenCases(python);
  for (const engine of ENGINES) {
    describe(`the ${engine.name} engine and what ${python.name} wrote`, () => {
      for (const golden of cases) {
        const hunks = golden.chunks?.[0]?.hunks;
        if (hunks === undefined) continue;
        it(`${golden.name}: reads hunks of the manifest's sizes`, async () => {
          const chunk = await goldenChunk(python, golden);

          for (const { compressed, crc32, offset, stored_size, uncompressed_size } of hunks) {
            const stored = chunk.subarray(offset + HEADER, offset + HEADER + stored_size);
            const header = { compressed: compressed === 1, crc32, maxSize: uncompressed_size };
            expect(engine.decodeHunk(stored, header).offsets[0]).toBe(0);
            if (uncompressed_size === 0) continue;
            const refused = () => engine.decodeHunk(stored, { ...header, maxSize: uncompressed_size - 1 });
            expect(thrownBy(refused).code).toBe("corrupt-hunk");
          }
        });

        if (golden.input === undefined) continue;
        it(`${golden.name}: pickles its lines into hunks of the manifest's sizes and CRC-32s`, async () => {
          const text = await goldenInput(golden);
          const options = { dialect: python.dialect, limit: 1 << 20, maxRecordSize: 1 << 20, last: true };
          const made: number[][] = [];
          for (let at = 0; at < text.length;) {
            const { pickled, consumed, records } = engine.pickleLines(text, at, options);
            made.push([pickled.length, engine.crc32(pickled), records]);
            at += consumed;
          }

          const expected = hunks.filter(({ records }) => records > 0);
          expect(made).toEqual(expected.map((hunk) => [hunk.uncompressed_size, hunk.crc32, hunk.records]));
        });
      }
    });
  }
}
