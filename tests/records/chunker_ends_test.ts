import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import type { HunkPool } from "../../lib/codec/pool.ts";
import type { DiscoError } from "../../lib/errors.ts";
import { chunkParts } from "../../lib/records/chunker.ts";
import { type ByteSource, chunks, type ChunksOptions } from "../../lib/records/mod.ts";
import { ByteReader } from "../../lib/base/byte_reader.ts";
import { all, bytesOf } from "../helpers/bytes.ts";
import { fakePool } from "../helpers/fake_pool.ts";
import { lines } from "../helpers/record_samples.ts";
import { never, watchedStream } from "../helpers/sources.ts";
import { rejectionOf } from "../helpers/thrown.ts";

const MiB = 1 << 20;

const parts = (source: ByteSource, options: ChunksOptions, pool: HunkPool = fakePool(1)) =>
  chunkParts(new ByteReader(source, options), options, (hunk) => hunk, pool);
const errorOf = async (options: ChunksOptions, text: Uint8Array = bytesOf("a\n")) => {
  return await rejectionOf(all(chunks(text, options))) as DiscoError;
};

describe("what ends chunks()", () => {
  it("a line that is too large: both sizes are named, and what to do", async () => {
    const error = await errorOf({ maxRecordSize: 50 }, bytesOf("short\n" + "x".repeat(60) + "\n"));

    expect(error.code).toBe("record-too-large");
    expect(error.message).toBe(
      "Record of size 66 is larger than maxRecordSize: 50 (record 1 of the source, counted from 0): " +
        "raise maxRecordSize, or give a reader that makes smaller records",
    );
  });

  it("a line without end, after as many bytes as a record may have", async () => {
    const { stream, pulled, cancelled } = watchedStream(() => new Uint8Array(100_000));

    const error = await rejectionOf(all(chunks(stream))) as DiscoError;

    expect(error.message).toContain("Record of size 1100000 or more is larger than maxRecordSize: 1048576 (record 0 ");
    expect([pulled(), cancelled.length]).toEqual([11, 1]);
  });

  it("a source that fails", async () => {
    const { stream } = watchedStream((n) => n < 2 ? bytesOf("line\n") : Promise.reject(new Error("gone")));

    const error = await rejectionOf(all(chunks(stream))) as DiscoError;

    expect([error.code, error.message]).toEqual(["source-failed", "Cannot read the source after 10 bytes: gone"]);
  });

  it("an abort, though the source hangs: its reason is thrown and the stream cancelled", async () => {
    const { stream, cancelled } = watchedStream((n) => n === 0 ? bytesOf("line\n") : never);
    const stop = new AbortController();
    const ended = rejectionOf(all(chunks(stream, { signal: stop.signal })));

    stop.abort("enough");

    expect(await ended).toBe("enough");
    expect(cancelled).toEqual(["enough"]);
  });

  it("an abort by a timer, though the source never waits for anything", async () => {
    const stop = new AbortController();
    const endless = (async function* () {
      for (;;) yield new Uint8Array(100_000).fill(10);
    })();
    setTimeout(() => stop.abort("enough"));

    expect(await rejectionOf(all(chunks(endless, { signal: stop.signal, compress: false })))).toBe("enough");
  });

  it("an abort between two chunks", async () => {
    const stop = new AbortController();
    const made = chunks(lines(6000), { chunkSize: 1, signal: stop.signal });
    await made.next();

    stop.abort("enough");

    expect(await rejectionOf(made.next())).toBe("enough");
  });

  it("a consumer that wants no more, though the source hangs: the stream is cancelled", async () => {
    const text = lines(2500);
    const { stream, cancelled } = watchedStream((n) => n === 0 ? text : never);
    for await (const _ of parts(stream, { chunkSize: 1 }, fakePool(4))) break;

    expect(cancelled.length).toBe(1);
  });

  it("an option that makes no sense", async () => {
    for (const options of [{ chunkSize: 0 }, { chunkSize: 1.5 }, { maxRecordSize: -1 }, { maxRecordSize: NaN }]) {
      const [[name = "", value] = []] = Object.entries(options);
      const error = await errorOf(options);

      expect([error.code, error.message.includes(`Invalid ${name} ${value}: `)]).toEqual(["invalid-argument", true]);
    }
  });
});

describe("the memory of chunks()", () => {
  it("is a few hunks beyond a chunk, while nobody takes chunks", async () => {
    const part = lines(500);
    const { stream, pulled } = watchedStream(() => part);
    const pool = fakePool(3);
    const made = parts(stream, { chunkSize: 1 }, pool);

    await made.next();
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setTimeout(resolve));

    // One hunk is in the chunk, one was taken for the next, three wait in the pool's order, one is being filled.
    expect(pool.begun()).toBe(5);
    expect(pulled() * part.length).toBeLessThan(7 * MiB);
    await made.return();
  });

  it("stays bounded over a long stream", async () => {
    const part = lines(500);
    const { stream } = watchedStream((n) => n < 200 ? part : undefined);
    const pool = fakePool(2, (n) => n % 2);
    let waiting = 0;
    let taken = 0;
    for await (const { hunks } of parts(stream, { chunkSize: 500_000 }, pool)) {
      taken += hunks.length - 1;
      waiting = Math.max(waiting, pool.begun() - taken);
    }

    expect(taken).toBe(pool.begun());
    expect(taken).toBeGreaterThan(50);
    expect(waiting).toBeLessThanOrEqual(4);
  });
});
