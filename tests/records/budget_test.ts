import { describe, it } from "@std/testing/bdd";
import { loads, recordBatches } from "../../lib/records/mod.ts";
import { all, fromLatin1, joined } from "../helpers/bytes.ts";
import { expect } from "../helpers/expect.ts";
import { closingHunk } from "../../lib/codec/hunk.ts";
import { compressedHunk } from "../helpers/hunks.ts";
import { rejectionOf, thrownBy } from "../helpers/thrown.ts";

const closing = closingHunk(true);

/** A chunk with one hunk of the same pickle again and again. */
function chunkOf(pickle: string, size: number): Uint8Array<ArrayBuffer> {
  return joined([compressedHunk(fromLatin1(pickle.repeat(Math.floor(size / pickle.length)))), closing]);
}

describe("a hunk that is small, and whose records are not", () => {
  const pickles = {
    "byte strings": "U\0.",
    lists: "].",
    dicts: "}.",
    tuples: ").",
    "text in a list": "(X\x01\0\0\0al.",
  };
  for (const [kind, pickle] of Object.entries(pickles)) {
    it(`is refused when its records would take more than four times maxHunkSize: ${kind}`, async () => {
      const chunk = chunkOf(pickle, 60_000);

      const error = await rejectionOf(all(recordBatches(chunk, { maxHunkSize: 60_000, workers: 0 })));

      expect(error).toMatchObject({ code: "corrupt-hunk", range: [0, chunk.length - closing.length] });
      expect((error as Error).message).toContain("raise maxHunkSize if they are real");
      expect((await all(recordBatches(chunk, { workers: 0 }))).flat().length).toBe(Math.floor(60_000 / pickle.length));
    });
  }

  for (
    const [kind, pickle] of Object.entries({ "many small pickles": "N.", "one pickle": `(${"N".repeat(4_000_000)}l.` })
  ) {
    it(`gives other work its turn, and ends when it is aborted meanwhile: ${kind}`, async () => {
      const chunk = chunkOf(pickle, 8_000_000 - 8_000_000 % pickle.length);
      const stop = new AbortController();
      const batches = recordBatches(chunk, { signal: stop.signal, workers: 0 });
      setTimeout(() => stop.abort("enough"));

      expect(await rejectionOf(all(batches))).toBe("enough");
    });
  }
});

describe("loads() of a pickle that makes more of itself", () => {
  /** A kilobyte of text that is turned into bytes again and again, eight bytes of the pickle each. */
  const pickle = fromLatin1(
    `c_codecs\nencode\nq\0X\0\x04\0\0${"a".repeat(1024)}q\x01X\x06\0\0\0latin1q\x02000(${
      "h\0h\x01h\x02\x86R".repeat(1000)
    }l.`,
  );

  it("is refused past a bound, which can be raised", () => {
    const error = thrownBy(() => loads(pickle, { maxMemory: 500_000 }));

    expect(error.code).toBe("invalid-pickle");
    expect(error.message).toContain("more than 500000 bytes of memory");
    expect((loads(pickle) as unknown[]).length).toBe(1000);
  });

  it("checks its options", () => {
    expect(thrownBy(() => loads(pickle, { maxMemory: 0 })).message).toContain("Invalid maxMemory 0");
    expect(thrownBy(() => loads(pickle, { most: 5 } as object)).message).toContain('"most"');
  });
});
