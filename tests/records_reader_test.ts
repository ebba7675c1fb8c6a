import { describe, it } from "@std/testing/bdd";
import { expect } from "@std/expect";
import fc from "fast-check";
import { DataError, DiscoError } from "../lib/errors.ts";
import { chunks, dumps, recordBatches, records, type RecordsOptions, Tuple } from "../lib/records/mod.ts";
import { type Batch, batches } from "../lib/records/reader.ts";
import { all, bytesOf, fromLatin1, inParts, joined, latin1 } from "./bytes.ts";
import { fakePool } from "./fake_pool.ts";
import { compressedHunk, storedHunk } from "./hunks.ts";
import { never, watchedStream } from "./sources.ts";
import { rejectionOf } from "./thrown.ts";

const line = (text: string) => dumps(bytesOf(text));
const closing = compressedHunk(new Uint8Array());
/** A chunk of three hunks of two lines each. */
const hunk = (n: number) => compressedHunk(joined([line(`${n}a\n`), line(`${n}b\n`)]));
const three = joined([hunk(0), hunk(1), hunk(2), closing]);
const starts = [0, hunk(0).length, 2 * hunk(0).length, 3 * hunk(0).length];

const texts = async (chunk: Uint8Array, options: RecordsOptions = {}) =>
  await all(records(chunk, { ...options, text: true }));
const errorOf = async (chunk: Uint8Array, options: RecordsOptions = {}) => {
  const error = await rejectionOf(all(records(chunk, options)));
  expect(error).toBeInstanceOf(DataError);
  expect((error as DataError).code).toBe("corrupt-hunk");
  return error as DataError;
};
/** The same bytes, but one. */
const changed = (bytes: Uint8Array, at: number, to = ~(bytes[at] ?? 0)) =>
  Uint8Array.from(bytes, (byte, i) => i === at ? to : byte);

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
    const ranges = async (options: RecordsOptions, chunk: Uint8Array) =>
      (await all(batches(chunk, options))).map(({ range }) => range);
    const [, second = 0] = starts;

    const [first, ...others] = await ranges({}, three);

    expect(first).toEqual([0, second]);
    expect(await ranges({ start: second }, three.subarray(second))).toEqual(others);
    expect(await ranges({ start: second }, new Uint8Array())).toEqual([]);
  });

  it("keeps the order of hunks that are decoded out of order", async () => {
    for (const inFlight of [1, 2, 8]) {
      const pool = fakePool(inFlight, (n) => (3 - n) * 2);

      const found = await all(batches(three, { text: true }, pool));

      expect(found.map(({ records }) => records[0])).toEqual(["0a\n", "1a\n", "2a\n"]);
      expect([pool.most() <= inFlight, pool.closed()]).toEqual([true, false]);
    }
  });

  it("reads a few hunks ahead and no more, while nobody takes records", async () => {
    const one = hunk(0);
    const { stream, pulled, cancelled } = watchedStream(() => one);
    const pool = fakePool(3);
    const found = batches(stream, {}, pool);

    await found.next();
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve));

    // One was taken, three wait in the pool's order.
    expect([pool.begun(), pulled()]).toEqual([4, 4]);
    await found.return();
    expect(cancelled.length).toBe(1);
  });

  it("gives a hunk as soon as it is there, though the next one does not come", async () => {
    const { stream } = watchedStream((n) => n === 0 ? hunk(0) : never);

    const found: AsyncIterator<Batch> = batches(stream, {}, fakePool(4));

    expect((await found.next()).value.records.length).toBe(2);
  });
});

describe("a chunk that is corrupt", () => {
  it("wherever it is cut off: an error with the range, after the hunks before it", async () => {
    for (let cut = 1; cut < three.length; cut++) {
      const found: string[] = [];
      const reading = (async () => {
        for await (const record of records(three.subarray(0, cut), { text: true, url: "http://token@node/blob" })) {
          found.push(record as string);
        }
      })();

      const error = await rejectionOf(reading) as DataError;

      const whole = starts.findLastIndex((start) => start <= cut);
      expect([error.code, error.url, error.range]).toEqual([
        "corrupt-hunk",
        "http://node/blob",
        [starts[whole], cut],
      ]);
      expect(found.length).toBe(2 * whole);
      expect(error.message).toContain("cut short");
    }
  });

  it("whichever byte of it is changed: a typed error", async () => {
    for (let at = 0; at < three.length; at++) {
      const error = await rejectionOf(all(records(changed(three, at))));

      expect(error).toBeInstanceOf(DataError);
      expect((error as DataError).code).toBe("corrupt-hunk");
    }
  });

  it("any bytes: records, or a typed error", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), fc.boolean(), async (bytes, isHunk) => {
        try {
          await all(records(isHunk ? joined([Uint8Array.of(0x81), bytes]) : bytes));
        } catch (error) {
          expect((error as DiscoError).code).toBe("corrupt-hunk");
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("with a wrong CRC: the error says so", async () => {
    const error = await errorOf(joined([hunk(0), storedHunk(line("a"), 123), closing]), { url: "blob" });

    expect(error.range).toEqual([hunk(0).length, hunk(0).length + 14 + 4]);
    expect(error.message).toMatch(/^Corrupt hunk at bytes \d+ to \d+ of blob: .*CRC/);
    expect(error.cause).toBeInstanceOf(DiscoError);
  });

  it("with a bad pickle: the error says what is wrong with it", async () => {
    const error = await errorOf(joined([storedHunk(fromLatin1("cos\nsystem\n(tR.")), closing]));

    expect(error.message).toContain('GLOBAL names "os system"');
    expect((error.cause as DiscoError).code).toBe("invalid-pickle");
  });

  it("with a bad pickle after good ones: none of the hunk's records are given", async () => {
    const chunk = joined([storedHunk(joined([line("a"), fromLatin1("K\x01")])), closing]);

    expect(await texts(chunk, { ignoreCorrupt: true })).toEqual([]);
  });

  it("of another version, or with another flag: the byte is named", async () => {
    expect((await errorOf(changed(three, 0, 0x82))).message).toContain("0x82");
    expect((await errorOf(changed(three, 1, 2))).message).toContain("compression is 2");
  });

  it("with a header that claims more than is accepted: refused before memory is taken", async () => {
    for (const claim of [2n ** 63n, 2n ** 64n - 1n, BigInt(1 << 28) + 1n]) {
      const header = hunk(0).slice(0, 14);
      new DataView(header.buffer).setBigUint64(6, claim, true);
      const { stream, pulled, cancelled } = watchedStream(() => header);

      const error = await rejectionOf(all(records(stream))) as DataError;

      expect(error.message).toContain(`claims ${claim} bytes, maxHunkSize is 268435456`);
      expect([pulled(), cancelled.length]).toEqual([1, 1]);
    }
  });

  it("with a header that claims as much as is accepted, and has less: no more memory is taken than arrives", async () => {
    const header = hunk(0).slice(0, 14);
    new DataView(header.buffer).setBigUint64(6, BigInt(1 << 28), true);

    expect((await errorOf(joined([header, bytesOf("data")]))).message).toContain("4 of 268435456 bytes");
  });

  it("with a hunk that inflates to more than is accepted", async () => {
    const bomb = joined([compressedHunk(new Uint8Array(1_000_000)), closing]);

    expect((await errorOf(bomb, { maxHunkSize: 100_000 })).message).toContain("100000");
  });
});

describe("ignoreCorrupt", () => {
  it("leaves a hunk out that cannot be read, and reports it", async () => {
    const reported: DataError[] = [];
    const chunk = changed(three, (starts[1] ?? 0) + 20);

    const found = await texts(chunk, { ignoreCorrupt: true, onCorrupt: (error) => reported.push(error) });

    expect(found).toEqual(["0a\n", "0b\n", "2a\n", "2b\n"]);
    expect(reported.map(({ code, range }) => [code, range])).toEqual([["corrupt-hunk", starts.slice(1, 3)]]);
  });

  it("ends where the next hunk cannot be found, and reports that", async () => {
    const reported: DataError[] = [];
    const onCorrupt = (error: DataError) => reported.push(error);

    expect(await texts(changed(three, starts[1] ?? 0), { ignoreCorrupt: true, onCorrupt })).toEqual(["0a\n", "0b\n"]);
    expect(await texts(three.subarray(0, -1), { ignoreCorrupt: true, onCorrupt })).toHaveLength(6);
    expect(reported.length).toBe(2);
  });

  it("does not hide errors of the source", async () => {
    const { stream } = watchedStream((n) => n === 0 ? hunk(0) : Promise.reject(new Error("gone")));

    const error = await rejectionOf(all(records(stream, { ignoreCorrupt: true }))) as DiscoError;

    expect(error.code).toBe("source-failed");
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

describe("the old netstring format", () => {
  const pairs = fromLatin1("3 key 5 value\n0  0 \n1 a 4 c\nd\xff\n");
  const expected = [["key", "value"], ["", ""], ["a", "c\nd\xff"]];
  const pairsOf = async (source: AsyncIterable<Uint8Array>) => {
    return (await all(records(source))).map((pair) => (pair as Uint8Array[]).map(latin1));
  };

  it("yields tuples of key and value, however it is split", async () => {
    for (let size = 1; size <= pairs.length; size++) expect(await pairsOf(inParts(pairs, size))).toEqual(expected);
    expect((await all(records(pairs)))[0]).toBeInstanceOf(Tuple);
  });

  it("says where the pairs are", async () => {
    expect((await all(batches(inParts(pairs, 16), { start: 100 }))).map(({ range }) => range)).toEqual([
      [100, 114],
      [114, 131],
    ]);
  });

  it("is refused where it is cut short, with the range of what is left", async () => {
    for (let cut = 1; cut < pairs.length; cut++) {
      const ends = [14, 20];
      if (ends.includes(cut)) continue;
      const error = await errorOf(pairs.subarray(0, cut));

      expect(error.range).toEqual([ends.findLast((end) => end < cut) ?? 0, cut]);
    }
  });

  it("is refused where a length is none, is wrong, or more than is accepted", async () => {
    const broken: [string, string][] = [
      ["x 1 a\n", "no length"],
      [" 1 a\n", "no length"],
      ["-1 a 1 b\n", "no length"],
      ["9999999999999999 a", "no length"],
      ["999999999 a", "claims 999999999 bytes"],
      ["2 a 1 b\n", "not that of its data"],
      ["1 a 1 bc\n", "not that of its data"],
    ];
    for (const [text, problem] of broken) expect((await errorOf(bytesOf(text))).message).toContain(problem);
  });
});
