import { describe, it } from "@std/testing/bdd";
import { chunks, dumps, type HunkPlace, hunkPlaces, hunkRecords, recordBatches, Tuple } from "../../lib/records/mod.ts";
import { all, joined } from "../helpers/bytes.ts";
import { expect } from "../helpers/expect.ts";
import { compressedHunk, hunksOf, storedHunk } from "../helpers/hunks.ts";
import { changed, closing, line, three } from "../helpers/record_samples.ts";
import { rejectionOf } from "../helpers/thrown.ts";

/** Finds the hunks of a chunk, and which bytes were read for it. */
async function placesOf(chunk: Uint8Array<ArrayBuffer>, options: { start?: number; size?: number } = {}) {
  const asked: [number, number][] = [];
  const read = (start: number, end: number) => {
    asked.push([start, end]);
    return Promise.resolve(chunk.slice(start, end));
  };
  const places: HunkPlace[] = await all(hunkPlaces(read, { size: chunk.length, ...options }));
  return { places, asked };
}

describe("hunkPlaces()", () => {
  it("finds the hunks by their headers, and reads nothing between them", async () => {
    const starts = hunksOf(three).map(({ offset }) => offset);
    const { places, asked } = await placesOf(three);

    expect(places.map(({ range }) => range)).toEqual([0, 1, 2].map((i) => [starts[i], starts[i + 1]]));
    expect(places.map(({ crc32 }) => crc32)).toEqual(hunksOf(three).slice(0, 3).map(({ crc32 }) => crc32));
    expect(asked).toEqual(starts.map((start) => [start, start + 14]));
  });

  it("begins where it is told to", async () => {
    const { places } = await placesOf(three);
    const [, second] = places;
    expect((await placesOf(three, { start: second?.range[0] ?? 0 })).places).toEqual(places.slice(1));
  });

  it("leaves out the hunk that ends a chunk, compressed or stored", async () => {
    const stored = joined([storedHunk(line("a")), storedHunk(new Uint8Array(), 0)]);
    for (const chunk of [...await all(chunks(new Blob(["one\ntwo\n"]))), stored]) {
      expect((await placesOf(chunk)).places.length).toBe(1);
    }
  });

  it("fails at the end of a chunk that is cut short, and gives what is before", async () => {
    for (
      const [size, problem] of [
        [three.length - closing.length, "cut short"],
        [three.length - closing.length - 1, "its data is cut short"],
        [three.length - closing.length + 3, "its header is cut short: 3 of 14 bytes"],
      ] as const
    ) {
      const found: HunkPlace[] = [];
      const read = (start: number, end: number) => Promise.resolve(three.slice(start, end));
      const reading = async () => {
        for await (const place of hunkPlaces(read, { size, url: "blob" })) found.push(place);
      };
      const error = await rejectionOf(reading());
      expect(error).toMatchObject({ code: "corrupt-hunk", url: "blob", message: expect.stringContaining(problem) });
      expect(found.length).toBe(size === three.length - closing.length - 1 ? 2 : 3);
    }
  });

  it("fails at what is no header, and at a length that no chunk has", async () => {
    const wrong = changed(three, 0, 0x80);
    const huge = changed(three, 13, 0x7f);
    expect(await rejectionOf(placesOf(wrong))).toMatchObject({ code: "corrupt-hunk", range: [0, 14] });
    expect(await rejectionOf(placesOf(huge))).toMatchObject({ code: "corrupt-hunk", range: [0, three.length] });
  });

  it("ends when it is aborted, though a read hangs", async () => {
    const abort = new AbortController();
    const places = hunkPlaces(() => new Promise(() => {}), { size: 100, signal: abort.signal });
    const next = rejectionOf(places.next());
    abort.abort(new Error("enough"));
    expect(await next).toMatchObject({ message: "enough" });
  });

  it("refuses options that there are not", () => {
    expect(() => hunkPlaces(() => Promise.resolve(new Uint8Array()), { size: 1, begin: 2 } as never)).toThrow(/begin/);
  });
});

describe("hunkRecords()", () => {
  it("gives the records of a hunk, as those of the whole chunk are", async () => {
    const batches = await all(recordBatches(three, { text: true }));
    const { places } = await placesOf(three);
    for (const [i, { range }] of places.entries()) {
      expect(await hunkRecords(three.slice(...range), { text: true })).toEqual(batches[i]);
    }
  });

  it("gives values of every kind", async () => {
    const hunk = compressedHunk(joined([dumps(Tuple.of("a", 1)), dumps(null)]));
    expect(await hunkRecords(hunk)).toEqual([Tuple.of("a", 1), null]);
  });

  it("fails at a hunk that is damaged or cut short, and says where it is in the chunk", async () => {
    const hunk = compressedHunk(line("a"));
    for (const bad of [changed(hunk, 2, (hunk[2] ?? 0) ^ 1), hunk.slice(0, -1)]) {
      const error = await rejectionOf(hunkRecords(bad, { start: 1000, url: "blob" }));
      expect(error).toMatchObject({ code: "corrupt-hunk", url: "blob", range: [1000, expect.any(Number)] });
    }
  });
});
