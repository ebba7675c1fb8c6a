import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import fc from "fast-check";
import type { HunkPool } from "../../lib/codec/pool.ts";
import type { DiscoError } from "../../lib/errors.ts";
import { type Chunk, chunkParts } from "../../lib/records/chunker.ts";
import { type ByteSource, chunks, type ChunksOptions, type Picklable, records, Tuple } from "../../lib/records/mod.ts";
import { ByteReader } from "../../lib/base/byte_reader.ts";
import { all, bytesOf, fromLatin1, inParts, joined, latin1 } from "../helpers/bytes.ts";
import { fakePool } from "../helpers/fake_pool.ts";
import { hunksOf } from "../helpers/hunks.ts";
import { lines } from "../helpers/record_samples.ts";
import { watchedStream } from "../helpers/sources.ts";
import { rejectionOf } from "../helpers/thrown.ts";

const MiB = 1 << 20;

const parts = (source: ByteSource, options: ChunksOptions, pool: HunkPool = fakePool(1)) =>
  chunkParts(new ByteReader(source, options), options, (hunk) => hunk, pool);
const oneChunk = async (text: Uint8Array, options: ChunksOptions = {}) => joined(await all(chunks(text, options)));
const pickles = (chunk: Uint8Array) => hunksOf(chunk).map(({ data }) => latin1(data));
const errorOf = async (options: ChunksOptions, text: Uint8Array = bytesOf("a\n")) => {
  return await rejectionOf(all(chunks(text, options))) as DiscoError;
};

describe("chunks()", () => {
  it("splits at newlines only, which lines keep; the last one may lack it", async () => {
    expect(pickles(await oneChunk(bytesOf("a\r\n\n\rb\n\vc")))).toEqual([
      "U\x03a\r\nq\x01.U\x01\n.U\x03\rb\nq\x01.U\x02\vcq\x01.",
      "",
    ]);
  });

  it("makes no chunk of no records", async () => {
    expect(await all(chunks(new Uint8Array()))).toEqual([]);
    expect(await all(chunks(bytesOf("text"), { reader: () => [] }))).toEqual([]);
  });

  it("gives the same chunk however the text is split into parts", async () => {
    const text = fromLatin1("one\n\ntwo\xff\r\n" + "long ".repeat(70) + "\n\n\nlast");
    for (const dialect of ["py2", "py3"] as const) {
      const whole = await oneChunk(text, { dialect });
      for (let size = 1; size <= text.length; size++) {
        expect(joined(await all(chunks(inParts(text, size), { dialect })))).toEqual(whole);
      }
      for (let cut = 0; cut <= text.length; cut++) {
        const { stream } = watchedStream([text.subarray(0, cut), text.subarray(cut)]);

        expect(joined(await all(chunks(stream, { dialect })))).toEqual(whole);
      }
    }
  });

  it("gives back any lines, in both dialects", async () => {
    const text = fc.array(fc.constantFrom("\n", "\r", "a", "\x80", "\xff", "x".repeat(255))).map((parts) =>
      fromLatin1(parts.join(""))
    );
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.integer({ min: 1, max: 300 }),
        fc.constantFrom("py2", "py3"),
        async (text, size, dialect) => {
          const lines: Uint8Array[] = [];
          for await (const chunk of chunks(inParts(text, size), { dialect })) {
            lines.push(...await all(records(chunk)) as Uint8Array[]);
          }

          expect(lines.map(latin1)).toEqual(latin1(text).match(/[^\n]*\n|[^\n]+$/g) ?? []);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("flushes a hunk when its pickles exceed 1 MiB, not when they are as many", async () => {
    // 1024 bytes a pickle: 1024 of them are 1 MiB.
    const text = bytesOf(("z".repeat(1015) + "\n").repeat(1026));

    const sizes = hunksOf(await oneChunk(text)).map(({ data }) => data.length);

    expect(sizes).toEqual([MiB + 1024, 1024, 0]);
  });

  it("closes a chunk when its hunks exceed the chunk's size, and never before a hunk", async () => {
    const text = lines(6000);
    const made = await all(parts(text, { chunkSize: 250_000 }));

    const sizes = made.map(({ hunks }) => hunks.map((hunk) => hunk.length));

    expect(sizes.length).toBeGreaterThan(1);
    sizes.forEach((hunks, i) => {
      const [closing = 0, last = 0] = hunks.toReversed();
      const before = hunks.reduce((sum, size) => sum + size, 0) - closing;
      expect(closing).toBe(22);
      expect(before - last).toBeLessThanOrEqual(250_000);
      if (i < sizes.length - 1) expect(before).toBeGreaterThan(250_000);
    });
  });

  it("begins a new chunk after each hunk when the chunk's size is that small", async () => {
    const made = await all(chunks(lines(2500), { chunkSize: 1 }));

    expect(made.map((chunk) => hunksOf(chunk).length)).toEqual([2, 2, 2]);
  });

  it("makes the same chunks with any number of hunks under way, in whichever order they are done", async () => {
    const text = lines(6000);
    const options = { chunkSize: 250_000 };
    const expected = await all(chunks(text, options));
    for (const inFlight of [1, 2, 3, 8]) {
      const pool = fakePool(inFlight, (n) => (n * 5) % 4);

      const made = await all(parts(text, options, pool));

      expect(made.map(({ hunks }) => joined(hunks))).toEqual(expected);
      expect([pool.most() <= inFlight, pool.closed()]).toEqual([true, false]);
    }
  });

  it("counts the size and the records of each chunk", async () => {
    const text = lines(6000);
    const sum = (made: Chunk<Uint8Array>[]) => made.reduce((sum, { records }) => sum + records, 0);
    const byReader: ChunksOptions = { reader: (stream) => lengths(stream) };

    const made = await all(parts(text, { chunkSize: 250_000 }));
    const read = await all(parts(inParts(text, 1000), byReader));

    expect([sum(made), sum(read)]).toEqual([6000, Math.ceil(text.length / 1000)]);
    for (const { hunks, size } of [...made, ...read]) expect(joined(hunks).length).toBe(size);
  });

  it("closes a chunk as Python does, compressed or not", async () => {
    const [compressed, stored] = [await oneChunk(bytesOf("a\n")), await oneChunk(bytesOf("a\n"), { compress: false })];

    expect(latin1(compressed.subarray(-22))).toBe("\x81\x01\0\0\0\0\x08\0\0\0\0\0\0\0\x78\x5e\x03\0\0\0\0\x01");
    expect(latin1(stored)).toMatch(new RegExp("^\x81\\0.{4}\x07\\0{7}U\x02a\nq\x01\\.\x81\\0{13}$", "s"));
  });

  it("takes a line that is as large as a record may be, over many reads", async () => {
    const text = bytesOf("x".repeat(MiB - 9) + "\n" + "y".repeat(MiB - 8));

    const chunk = joined(await all(chunks(inParts(text, 999), { compress: false })));

    expect(joined(await all(records(chunk)) as Uint8Array[])).toEqual(text);
  });
});

/** A reader whose records are the lengths of the parts of the stream. */
async function* lengths(stream: ReadableStream<Uint8Array>): AsyncGenerator<Picklable> {
  for await (const part of stream) yield part.length;
}

describe("chunks() with a reader", () => {
  it("pickles whatever the reader gives", async () => {
    const reader = () => [Tuple.of("key", 1), null, new Map([["a", [1.5]]])];

    const chunk = await oneChunk(new Uint8Array(), { reader });

    expect(await all(records(chunk))).toEqual(reader());
  });

  it("gives the reader the source as a stream of bytes", async () => {
    const reader = async function* (stream: ReadableStream<Uint8Array>) {
      yield await new Response(stream).text();
    };

    expect(await all(records(await oneChunk(bytesOf("some text"), { reader })))).toEqual(["some text"]);
  });

  it("flushes hunks by the same rule", async () => {
    const reader = () => Array.from({ length: 1026 }, () => new Uint8Array(1016));

    const sizes = hunksOf(await oneChunk(new Uint8Array(), { reader })).map(({ data }) => data.length);

    expect(sizes).toEqual([MiB + 1024, 1024, 0]);
  });

  it("names the size of a record that is too large, and which one it is", async () => {
    const error = await errorOf({ reader: () => [1, 2, "x".repeat(100)], maxRecordSize: 100 });

    expect(error.code).toBe("record-too-large");
    expect(error.message).toContain("Record of size 108 is larger than maxRecordSize: 100 (record 2 of the source");
  });

  it("throws what the reader throws, and cancels the source", async () => {
    const { stream, cancelled } = watchedStream([bytesOf("a")]);
    const failing = async function* () {
      yield await Promise.resolve(1);
      throw new RangeError("reader");
    };

    expect(await rejectionOf(all(chunks(stream, { reader: failing })))).toEqual(new RangeError("reader"));
    expect(cancelled.length).toBe(1);
  });

  it("refuses a record that cannot be pickled", async () => {
    expect((await errorOf({ reader: () => [{} as Picklable] })).code).toBe("invalid-argument");
  });

  it("ends the reader and cancels the source when no more chunks are wanted", async () => {
    const { stream, cancelled } = watchedStream(() => bytesOf("part"));
    let ended = false;
    const reader = async function* (bytes: ReadableStream<Uint8Array>) {
      try {
        for await (const part of bytes) yield new Uint8Array(part.length + 100_000);
      } finally {
        ended = true;
      }
    };
    for await (const _ of chunks(stream, { reader, chunkSize: 1 })) break;

    expect([ended, cancelled.length]).toEqual([true, 1]);
  });
});
