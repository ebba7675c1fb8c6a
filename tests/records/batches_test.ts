import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import fc from "fast-check";
import { type ChunkRecordsOptions, chunks, dumps, recordBatches, records, Tuple } from "../../lib/records/mod.ts";
import { AS_VALUES, type Batch, batches } from "../../lib/records/batches.ts";
import { ByteReader, type ByteReaderOptions } from "../../lib/base/byte_reader.ts";
import { all, bytesOf, fromLatin1, inParts, joined } from "../helpers/bytes.ts";
import { fakePool } from "../helpers/fake_pool.ts";
import { compressedHunk, storedHunk } from "../helpers/hunks.ts";
import { changed, closing, hunk, line, starts, three } from "../helpers/record_samples.ts";
import { never, watchedStream } from "../helpers/sources.ts";
import { rejectionOf } from "../helpers/thrown.ts";

const texts = async (chunk: Uint8Array, options: ChunkRecordsOptions = {}) =>
  await all(records(chunk, { ...options, text: true }));

describe("records()", () => {
  it("gives the records one by one, in order", async () => {
    expect(await texts(three)).toEqual(["0a\n", "0b\n", "1a\n", "1b\n", "2a\n", "2b\n"]);
  });

  it("gives bytes, or text with what is not UTF-8 replaced", async () => {
    const chunk = joined([storedHunk(joined([line("é\n"), dumps(fromLatin1("\xff\n")), dumps("text")])), closing]);

    expect(await all(records(chunk))).toEqual([bytesOf("é\n"), fromLatin1("\xff\n"), "text"]);
    expect(await texts(chunk)).toEqual(["é\n", "\ufffd\n", "text"]);
  });

  it("keeps a byte order mark, as the bytes have it", async () => {
    expect(await texts(joined([storedHunk(line("\ufeffa\n")), closing]))).toEqual(["\ufeffa\n"]);
  });

  it("gives values of every kind, and leaves byte strings inside of them as they are", async () => {
    const values = [Tuple.of(bytesOf("k"), 1), new Map([["a", [null]]]), 2n ** 70n];
    const chunk = joined([
      compressedHunk(joined([line("a"), ...values.map((value) => dumps(value)), line("b")])),
      closing,
    ]);

    expect(await texts(chunk)).toEqual(["a", ...values, "b"]);
  });

  it("reads nothing of an empty source, an empty chunk and an empty stored one", async () => {
    for (const chunk of [new Uint8Array(), closing, storedHunk(new Uint8Array())]) {
      expect(await texts(chunk)).toEqual([]);
    }
  });

  it("goes on after an empty hunk that is compressed, and stops at one that is stored", async () => {
    expect(await texts(joined([hunk(0), closing, hunk(1), closing]))).toEqual(["0a\n", "0b\n", "1a\n", "1b\n"]);
    expect(await texts(joined([hunk(0), storedHunk(new Uint8Array()), bytesOf("rest")]))).toEqual(["0a\n", "0b\n"]);
  });

  it("reads a chunk however it is split into parts", async () => {
    for (let size = 1; size <= three.length; size++) {
      expect((await all(records(inParts(three, size)))).length).toBe(6);
    }
    for (let cut = 0; cut <= three.length; cut++) {
      const { stream } = watchedStream([three.subarray(0, cut), three.subarray(cut)]);
      expect((await all(records(stream))).length).toBe(6);
    }
  });

  it("reads from a source that uses its memory again", async () => {
    const memory = new Uint8Array(10);
    const reusing = async function* () {
      for await (const part of inParts(three, memory.length)) {
        memory.set(part);
        yield memory.subarray(0, part.length);
      }
    };

    expect((await all(records(reusing()))).length).toBe(6);
  });

  it("reads a hunk that is larger than the memory it begins with", async () => {
    const data = joined(Array.from({ length: 11 }, (_, n) => dumps(new Uint8Array(1_000_000).fill(n))));

    const values = await all(records(joined([storedHunk(data), closing]))) as Uint8Array[];

    expect(values.map((value) => [value.length, value[0]])).toEqual(
      Array.from({ length: 11 }, (_, n) => [1_000_000, n]),
    );
  });

  it("gives back what any reader wrote", async () => {
    const value = fc.oneof(fc.uint8Array(), fc.string({ unit: "binary" }), fc.integer(), fc.constant(null));
    await fc.assert(
      fc.asyncProperty(
        fc.array(value),
        fc.constantFrom("py2", "py3"),
        fc.boolean(),
        async (values, dialect, compress) => {
          const [chunk] = await all(chunks(new Uint8Array(), { dialect, compress, reader: () => values }));

          expect(chunk === undefined ? [] : await all(records(chunk))).toEqual(
            values.map((v) => v instanceof Uint8Array ? new Uint8Array(v) : v),
          );
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("recordBatches()", () => {
  it("gives one array a hunk, whose byte strings share one memory", async () => {
    const found = await all(recordBatches(three));

    expect(found.map((batch) => batch.length)).toEqual([2, 2, 2]);
    for (const batch of found) expect(new Set(batch.map((record) => (record as Uint8Array).buffer)).size).toBe(1);
  });

  it("says where each hunk is, so that reading can go on behind it", async () => {
    const ranges = async (options: ByteReaderOptions, chunk: Uint8Array) =>
      (await all(batches(new ByteReader(chunk, options), {}, fakePool(1), AS_VALUES))).map(({ range }) => range);
    const [, second = 0] = starts;

    const [first, ...others] = await ranges({}, three);

    expect(first).toEqual([0, second]);
    expect(await ranges({ start: second }, three.subarray(second))).toEqual(others);
    expect(await ranges({ start: second }, new Uint8Array())).toEqual([]);
  });

  it("tells of hunks without records, but not of those at the end", async () => {
    const chunk = joined([closing, hunk(0), closing, closing, hunk(1), closing]);
    const found: string[] = [];
    const told = batches(new ByteReader(chunk), { text: true }, fakePool(8), AS_VALUES, () => found.push("empty"));
    for await (const { records } of told) found.push(String(records[0]));

    expect(found).toEqual(["empty", "0a\n", "empty", "empty", "1a\n"]);
  });

  it("keeps the order of hunks that are decoded out of order", async () => {
    for (const inFlight of [1, 2, 8]) {
      const pool = fakePool(inFlight, (n) => (3 - n) * 2);

      const found = await all(batches(new ByteReader(three), { text: true }, pool, AS_VALUES));

      expect(found.map(({ records }) => records[0])).toEqual(["0a\n", "1a\n", "2a\n"]);
      expect([pool.most() <= inFlight, pool.closed()]).toEqual([true, false]);
    }
  });

  it("reads a few hunks ahead and no more, while nobody takes records", async () => {
    const one = hunk(0);
    const { stream, pulled, cancelled } = watchedStream(() => one);
    const pool = fakePool(3);
    const found = batches(new ByteReader(stream), {}, pool, AS_VALUES);

    for (let i = 0; i < 3; i++) await found.next();
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve));

    // Three were taken, three wait in the pool's order.
    expect([pool.begun(), pulled()]).toEqual([6, 6]);
    await found.return();
    expect(cancelled.length).toBe(1);
  });

  it("gives a hunk as soon as it is there, though the next one does not come", async () => {
    const { stream } = watchedStream((n) => n === 0 ? hunk(0) : never);

    const found: AsyncIterator<Batch> = batches(new ByteReader(stream), {}, fakePool(4), AS_VALUES);

    expect((await found.next()).value.records.length).toBe(2);
  });
});

describe("what ends records()", () => {
  it("an abort, though the source hangs", async () => {
    const { stream, cancelled } = watchedStream((n) => n === 0 ? hunk(0) : never);
    const stop = new AbortController();
    const found = records(stream, { signal: stop.signal });
    await found.next();
    await found.next();
    const ended = rejectionOf(found.next());

    stop.abort("enough");

    expect(await ended).toBe("enough");
    expect(cancelled).toEqual(["enough"]);
  });

  it("a consumer that wants no more, though the source hangs", async () => {
    const { stream, cancelled } = watchedStream((n) => n === 0 ? hunk(0) : never);
    for await (const _ of records(stream)) break;

    expect(cancelled.length).toBe(1);
  });

  it("an error in a hunk: the source is cancelled", async () => {
    const bad = changed(hunk(0), 20);
    const { stream, cancelled } = watchedStream(() => bad);

    await rejectionOf(all(records(stream)));

    expect(cancelled.length).toBe(1);
  });
});
