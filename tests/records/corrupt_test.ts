import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import fc from "fast-check";
import { DataError, DiscoError } from "../../lib/errors.ts";
import { type ChunkRecordsOptions, records } from "../../lib/records/mod.ts";
import { all, bytesOf, fromLatin1, joined } from "../helpers/bytes.ts";
import { compressedHunk, storedHunk } from "../helpers/hunks.ts";
import { changed, closing, hunk, line, starts, three } from "../helpers/record_samples.ts";
import { watchedStream } from "../helpers/sources.ts";
import { corruptionOf, rejectionOf } from "../helpers/thrown.ts";

const texts = async (chunk: Uint8Array, options: ChunkRecordsOptions = {}) =>
  await all(records(chunk, { ...options, text: true }));

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
    const error = await corruptionOf(joined([hunk(0), storedHunk(line("a"), 123), closing]), { url: "blob" });

    expect(error.range).toEqual([hunk(0).length, hunk(0).length + 14 + 4]);
    expect(error.message).toMatch(/^Corrupt hunk at bytes \d+ to \d+ of blob: .*CRC/);
    expect(error.cause).toBeInstanceOf(DiscoError);
  });

  it("with a bad pickle: the error says what is wrong with it", async () => {
    const error = await corruptionOf(joined([storedHunk(fromLatin1("cos\nsystem\n(tR.")), closing]));

    expect(error.message).toContain('GLOBAL names "os system"');
    expect((error.cause as DiscoError).code).toBe("invalid-pickle");
  });

  it("with a bad pickle after good ones: none of the hunk's records are given", async () => {
    const chunk = joined([storedHunk(joined([line("a"), fromLatin1("K\x01")])), closing]);

    expect(await texts(chunk, { ignoreCorrupt: true })).toEqual([]);
  });

  it("of another version, or with another flag: the byte is named", async () => {
    expect((await corruptionOf(changed(three, 0, 0x82))).message).toContain("0x82");
    expect((await corruptionOf(changed(three, 1, 2))).message).toContain("compression is 2");
  });

  it("with a header that claims more than is accepted: refused before memory is taken", async () => {
    for (const claim of [2n ** 63n, 2n ** 64n - 1n, BigInt(1 << 26) + 1n]) {
      const header = hunk(0).slice(0, 14);
      new DataView(header.buffer).setBigUint64(6, claim, true);
      const { stream, pulled, cancelled } = watchedStream(() => header);

      const error = await rejectionOf(all(records(stream))) as DataError;

      expect(error.message).toContain(`claims ${claim} bytes, maxHunkSize is 67108864`);
      expect([pulled(), cancelled.length]).toEqual([1, 1]);
    }
  });

  it("with a header that claims as much as is accepted, and has less: no more memory is taken than arrives", async () => {
    const header = hunk(0).slice(0, 14);
    new DataView(header.buffer).setBigUint64(6, BigInt(1 << 26), true);

    expect((await corruptionOf(joined([header, bytesOf("data")]))).message).toContain("4 of 67108864 bytes");
  });

  it("with a hunk that inflates to more than is accepted", async () => {
    const bomb = joined([compressedHunk(new Uint8Array(1_000_000)), closing]);

    expect((await corruptionOf(bomb, { maxHunkSize: 100_000 })).message).toContain("100000");
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
