import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import type { DataError } from "../../lib/errors.ts";
import {
  type ChunkRecordsOptions,
  chunks,
  type Columns,
  dumps,
  recordBatches,
  recordColumns,
  Tuple,
  type Value,
} from "../../lib/records/mod.ts";
import { AS_TEXT, type ByteColumns, type TextColumns } from "../../lib/records/columns.ts";
import { batches } from "../../lib/records/batches.ts";
import { ByteReader } from "../../lib/base/byte_reader.ts";
import { all, bytesOf, fromLatin1, inParts, joined } from "../helpers/bytes.ts";
import { expect } from "../helpers/expect.ts";
import { fakePool } from "../helpers/fake_pool.ts";
import { goldenCases, goldenChunk, PYTHONS } from "../helpers/golden.ts";
import { compressedHunk, storedHunk } from "../helpers/hunks.ts";
import { changed, closing, hunk, line, starts, three } from "../helpers/record_samples.ts";
import { never, watchedStream } from "../helpers/sources.ts";
import { outcomeOf, rejectionOf, thrownBy } from "../helpers/thrown.ts";

/** The records in columns, one by one. */
function valuesIn(columns: Columns): Value[] {
  if (columns.kind === "values") return columns.values;
  const { offsets } = columns;
  const data = columns.kind === "bytes" ? columns.bytes : columns.text;
  expect([offsets[0], offsets.at(-1)]).toEqual([0, data.length]);
  return Array.from({ length: offsets.length - 1 }, (_, i) => data.slice(offsets[i], offsets[i + 1]));
}

/** What is read, and the error that ends it; bytes as they are, wherever they lie in memory. */
async function readBy<Item>(items: AsyncIterable<Item>, values: (item: Item) => Value[]) {
  const found: Value[][] = [];
  const error = await outcomeOf((async () => {
    for await (const item of items) {
      found.push(values(item).map((value) => value instanceof Uint8Array ? value.slice() : value));
    }
  })());
  return { found, error: error === undefined ? undefined : String(error) };
}

/** Checks that both ways to read a chunk give the same. */
async function expectSame(chunk: Uint8Array, options: ChunkRecordsOptions = {}): Promise<void> {
  for (const text of [false, true]) {
    const both = { workers: 0, ...options, text };
    const columns = await readBy(recordColumns(chunk, both), valuesIn);
    expect(columns).toEqual(await readBy(recordBatches(chunk, both), (values) => values));
  }
}

describe("recordColumns()", () => {
  it("gives a hunk's byte strings in Arrow's layout", async () => {
    const columns = await all(recordColumns(three));

    expect(columns.map((one) => [one.kind, valuesIn(one)])).toEqual(
      [0, 1, 2].map((n) => ["bytes", [bytesOf(`${n}a\n`), bytesOf(`${n}b\n`)]]),
    );
    for (const { bytes, offsets } of columns as ByteColumns[]) {
      expect(offsets).toEqual(Int32Array.of(0, 3, 6));
      expect([bytes.byteOffset, bytes.length, offsets.byteOffset]).toEqual([0, 6, 0]);
    }
  });

  it("gives text with offsets in UTF-16 units", async () => {
    const chunk = joined([storedHunk(joined(["é\n", "", "😀", "日本\n"].map(line))), closing]);

    expect(await all(recordColumns(chunk, { text: true }))).toEqual([
      { kind: "text", text: "é\n😀日本\n", offsets: Int32Array.of(0, 2, 2, 4, 7) },
    ]);
  });

  it("reads each record as text by itself, also where two together would be a character", async () => {
    const chunk = joined([storedHunk(joined([dumps(fromLatin1("a\xc3")), dumps(fromLatin1("\xa9b"))])), closing]);

    expect(await all(recordColumns(chunk, { text: true }))).toEqual([
      { kind: "text", text: "a\ufffd\ufffdb", offsets: Int32Array.of(0, 2, 4) },
    ]);
  });

  it("gives values for a hunk with any other record, and only for that", async () => {
    const mixed = compressedHunk(joined([line("a"), dumps(Tuple.of(bytesOf("k"), 1)), line("b")]));
    const chunk = joined([hunk(0), mixed, hunk(1), closing]);

    const found = await all(recordColumns(chunk, { text: true }));

    expect(found.map(({ kind }) => kind)).toEqual(["text", "values", "text"]);
    expect(found[1]).toEqual({ kind: "values", values: ["a", Tuple.of(bytesOf("k"), 1), "b"] });
  });

  it("gives the pairs of the old format as values", async () => {
    const [columns] = await all(recordColumns(bytesOf("1 k 5 value\n")));

    expect(columns).toEqual({ kind: "values", values: [Tuple.of(bytesOf("k"), bytesOf("value"))] });
  });

  it("gives nothing of an empty source and an empty chunk", async () => {
    for (const chunk of [new Uint8Array(), closing]) expect(await all(recordColumns(chunk))).toEqual([]);
  });

  it("reads more small records than would be values within the bound", async () => {
    const chunk = joined([compressedHunk(fromLatin1("U\0.".repeat(20_000))), closing]);
    const options = { maxHunkSize: 60_000, workers: 0 };

    expect((await rejectionOf(all(recordBatches(chunk, options))) as DataError).code).toBe("corrupt-hunk");
    expect(await all(recordColumns(chunk, options))).toEqual([
      { kind: "bytes", bytes: new Uint8Array(), offsets: new Int32Array(20_001) },
    ]);
  });

  it("refuses wrong options by name, and hunks that offsets of 31 bits cannot tell", () => {
    expect(thrownBy(() => recordColumns(three, { texts: true } as object)).message).toContain('"texts"');
    expect(thrownBy(() => recordColumns(three, { maxHunkSize: 2 ** 31 })).message).toContain("maxHunkSize 2147483648");
    recordColumns(three, { maxHunkSize: 2 ** 31 - 1 });
  });

  it("gives strings of any length before one of another form, which follows in the same memory", async () => {
    const lengths = [0, 1, 15, 16, 31, 32, 33, 47, 48, 49, 200, 255, 256, 1000];
    for (const first of lengths) {
      for (const second of lengths) {
        const strings = [first, second].map((length) => new Uint8Array(length).map((_, i) => i + length));
        const pickles = strings.map((string) => dumps(string));
        for (const more of [dumps(null), dumps(new Uint8Array(70_000).fill(7)), dumps("text")]) {
          await expectSame(joined([compressedHunk(joined([...pickles, more, ...pickles])), closing]));
          await expectSame(joined([storedHunk(joined([...pickles, ...pickles, more])), closing]));
        }
      }
    }
  });

  it("keeps the order of hunks that are decoded out of order, a few at a time", async () => {
    for (const inFlight of [1, 2, 8]) {
      const pool = fakePool(inFlight, (n) => (3 - n) * 2);

      const found = await all(batches(new ByteReader(three), { text: true }, pool, AS_TEXT));

      expect(found.map(({ records }) => (records as TextColumns).text)).toEqual(["0a\n0b\n", "1a\n1b\n", "2a\n2b\n"]);
      expect(pool.most() <= inFlight).toBe(true);
    }
  });

  it("ends with the reason of an abort, though the source hangs", async () => {
    const { stream, cancelled } = watchedStream((n) => n === 0 ? hunk(0) : never);
    const stop = new AbortController();
    const found = recordColumns(stream, { signal: stop.signal });
    await found.next();
    const ended = rejectionOf(found.next());

    stop.abort("enough");

    expect(await ended).toBe("enough");
    expect(cancelled).toEqual(["enough"]);
  });

  it("cancels the source when its consumer wants no more", async () => {
    const { stream, cancelled } = watchedStream((n) => n === 0 ? hunk(0) : never);
    for await (const _ of recordColumns(stream)) break;

    expect(cancelled.length).toBe(1);
  });
});

describe("recordColumns() gives what recordBatches() gives", () => {
  for (const python of PYTHONS) {
    it(`of all chunks that ${python.name} wrote`, async () => {
      for (const golden of await goldenCases(python)) {
        if ((golden.chunks?.length ?? 0) > 0) await expectSame(await goldenChunk(python, golden));
      }
    });
  }

  it("of any records, in either dialect, compressed or not, however they are split", async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 20 }),
      fc.string({ unit: "binary", maxLength: 10 }).map((text) => bytesOf(text)),
      fc.string({ unit: "grapheme", maxLength: 300 }).map((text) => bytesOf(text)),
    );
    const values = fc.oneof(
      { weight: 3, arbitrary: fc.array(bytes) },
      { weight: 1, arbitrary: fc.array(fc.oneof(bytes, fc.string(), fc.integer(), fc.constant(null))) },
    );
    await fc.assert(
      fc.asyncProperty(
        values,
        fc.constantFrom("py2", "py3"),
        fc.boolean(),
        fc.integer({ min: 1, max: 100 }),
        async (values, dialect, compress, size) => {
          const [chunk] = await all(chunks(new Uint8Array(), { dialect, compress, reader: () => values }));
          if (chunk === undefined) return;
          await expectSame(chunk);
          const parts = await readBy(recordColumns(inParts(chunk, size), { workers: 0 }), valuesIn);
          expect(parts).toEqual(await readBy(recordColumns(chunk, { workers: 0 }), valuesIn));
        },
      ),
      { numRuns: 200 },
    );
  });

  it("of a chunk with any byte changed, or cut short anywhere, with and without ignoreCorrupt", async () => {
    for (let at = 0; at < three.length; at++) {
      for (const chunk of [changed(three, at), three.subarray(0, at)]) {
        for (const ignoreCorrupt of [false, true]) await expectSame(chunk, { ignoreCorrupt });
      }
    }
  });

  it("of what it leaves out", async () => {
    const chunk = changed(three, (starts[1] ?? 0) + 20);
    const reported: DataError[] = [];

    const found = await all(
      recordColumns(chunk, { ignoreCorrupt: true, onCorrupt: (error) => reported.push(error), text: true }),
    );

    expect(found.map((one) => (one as TextColumns).text)).toEqual(["0a\n0b\n", "2a\n2b\n"]);
    expect(reported.map(({ range }) => range)).toEqual([starts.slice(1, 3)]);
  });
});
