import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { chunks, dumps, loads, recordBatches, records } from "../../lib/records/mod.ts";
import { all, fromHex, hexOf, inParts, joined, latin1, sha256 } from "../helpers/bytes.ts";
import { goldenCases, goldenChunk, goldenInput, PYTHONS } from "../helpers/golden.ts";
import { hunksOf } from "../helpers/hunks.ts";
import { pythonRepr } from "../helpers/python_repr.ts";

for (const python of PYTHONS) {
  const { dialect } = python;
  const cases = await goldenCases(python);

  describe(`chunks that ${python.name} wrote`, () => {
    for (const golden of cases.filter(({ chunks = [] }) => chunks.length > 0)) {
      it(`${golden.name}: reads back to what was written`, async () => {
        const chunk = await goldenChunk(python, golden);

        const batches = await all(recordBatches(chunk));

        const values = batches.flat();
        if (golden.input !== undefined) {
          expect(await sha256(joined(values as Uint8Array[]))).toBe(golden.input.sha256);
        } else if (golden.pairs !== undefined) {
          expect(values.map((pair) => (pair as Uint8Array[]).map(latin1))).toEqual(golden.pairs);
        } else {
          expect(values.map((value) => pythonRepr(value, dialect))).toEqual(
            golden.record_pickles?.map(({ repr }) => repr),
          );
        }
        const hunks = golden.chunks?.[0]?.hunks;
        if (hunks !== undefined) {
          expect(batches.map((batch) => batch.length)).toEqual(
            hunks.map(({ records }) => records).filter((n) => n > 0),
          );
        }
      });
    }

    for (const { name, record_pickles = [] } of cases.filter(({ record_pickles }) => record_pickles?.length)) {
      it(`${name}: its records are pickled again to the same bytes`, () => {
        const pickles = record_pickles.flatMap(({ pickle_hex }) => pickle_hex ?? []);

        expect(pickles.map((hex) => hexOf(dumps(loads(fromHex(hex)), { dialect })))).toEqual(pickles);
      });
    }

    for (const golden of cases.filter(({ record_pickles }) => record_pickles)) {
      it(`${golden.name}: a hunk of the same records has the same bytes`, async () => {
        const chunk = await goldenChunk(python, golden);
        const values = await all(records(chunk));

        const pickles = joined(values.map((value) => dumps(value, { dialect })));

        expect(pickles).toEqual(joined(hunksOf(chunk).map(({ data }) => data)));
      });
    }
  });

  describe(`our chunks of what ${python.name} was given`, () => {
    for (const golden of cases.filter(({ input, error }) => input && !error)) {
      for (const partSize of [100_000, 3_000_000]) {
        it(`${golden.name}, read ${partSize} bytes at a time: the hunks have the same data`, async () => {
          const input = await goldenInput(golden);
          expect(await sha256(input)).toBe(golden.input?.sha256);

          const made = await all(chunks(inParts(input, partSize), { dialect }));

          expect(made.length).toBe(golden.chunks?.length);
          for (const [i, chunk] of made.entries()) {
            const found = hunksOf(chunk).map(({ compressed, crc32, data }) => [compressed, crc32, data.length]);
            const expected = golden.chunks?.[i]?.hunks?.map((
              hunk,
            ) => [hunk.compressed, hunk.crc32, hunk.uncompressed_size]);
            expect(found).toEqual(expected);
            const counts = (await all(recordBatches(chunk))).map((batch) => batch.length);
            expect(counts).toEqual(golden.chunks?.[i]?.hunks?.map(({ records }) => records).filter((n) => n > 0));
          }
        });
      }
    }

    for (const golden of cases.filter(({ error }) => error)) {
      it(`${golden.name}: is refused with Python's sizes`, async () => {
        const input = await goldenInput(golden);
        const maxRecordSize = golden.chunker?.max_record_size;

        const error = await all(chunks(input, { dialect, maxRecordSize })).catch((error) => error);

        expect(error.code).toBe("record-too-large");
        expect(error.message).toContain(golden.error?.message.replace("max_record_size", "maxRecordSize"));
      });
    }

    it("uncompressed: the whole chunk has the same bytes", async () => {
      for (const golden of cases.filter(({ name }) => name === "uncompressed")) {
        const chunk = await goldenChunk(python, golden);

        const made = await all(chunks(chunk, { dialect, compress: false, reader: (stream) => records(stream) }));

        expect(made).toEqual([chunk]);
      }
    });
  });
}
