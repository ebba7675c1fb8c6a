import { after, beforeEach, describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { useCodec } from "../../lib/codec/mod.ts";
import { hunkPool, lately, type PoolOptions } from "../../lib/codec/pool.ts";
import { startWorker } from "../../lib/runtime/threads.ts";
import { ByteReader } from "../../lib/base/byte_reader.ts";
import { batches } from "../../lib/records/batches.ts";
import { AS_BYTES } from "../../lib/records/columns.ts";
import { chunks, recordBatches } from "../../lib/records/mod.ts";
import { turn } from "../../lib/base/turn.ts";
import type { WorkerListener } from "../../lib/runtime/threads_browser.ts";
import { freshWasm } from "../helpers/codec_engines.ts";
import { counted, MUCH, noting, pickled, threadsOf } from "../helpers/fake_threads.ts";
import { all, failure } from "../helpers/fakes.ts";

/** CRC-32 of a MiB of zeros. */
const ZEROS_CRC32 = freshWasm().crc32(new Uint8Array(1 << 20));

/** Lines of about this many bytes in all, each different. */
function text(size: number): Uint8Array<ArrayBuffer> {
  let lines = "";
  for (let i = 0; lines.length < size; i++) lines += `${i} ${(i * 2654435761) >>> 0} some words that repeat\n`;
  return new TextEncoder().encode(lines);
}

async function sha256(bytes: BufferSource): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).join();
}

/** A pool with much to do on threads of its own. */
function poolOf(workers: number, options: Omit<PoolOptions, "threads"> & { start: typeof startWorker }) {
  return hunkPool(workers, { expected: MUCH, ...options, threads: threadsOf(options.start) });
}

/** A pool whose one thread never answers, and a hunk that was sent to it. */
async function silentPool() {
  const { listeners, threads, start } = noting();
  const pool = hunkPool(1, { threads, expected: MUCH });
  await start(pool, 1);
  const [listener] = listeners;
  if (listener === undefined) throw new Error("no thread was started");
  const lost = failure(pool.encode(pickled(3), true));
  return { pool, listener, lost };
}

describe("hunkPool()", () => {
  beforeEach(() => {
    lately.bytes = 0;
  });

  it("makes the same chunks of a level with threads as without, smaller than those of level 1", async () => {
    const source = text(25_500_000);
    const made = await Promise.all(([[0, 1], [0, 2], [2, 2]] as const).map(async ([workers, level]) => {
      return (await all(chunks(source, { workers, level }))).at(0) as Uint8Array<ArrayBuffer>;
    }));

    const [quick, small, threaded] = made;
    expect(threaded && await sha256(threaded)).toBe(small && await sha256(small));
    expect(small?.length).toBeLessThan(quick?.length ?? 0);
  });

  it("makes the same chunks and records with any number of workers", async () => {
    const source = text(25_500_000);
    const made = await Promise.all(
      [0, 1, 3].map((workers) =>
        all(chunks(source, { workers, chunkSize: 1_500_000 })) as Promise<Uint8Array<ArrayBuffer>[]>
      ),
    );

    expect(made[0]?.length).toBeGreaterThan(1);
    const [alone, one, three] = await Promise.all(made.map((chunks) => Promise.all(chunks.map(sha256))));
    expect(one).toEqual(alone);
    expect(three).toEqual(alone);
    for (const workers of [0, 1, 3]) {
      const back = new Uint8Array(source.length);
      let size = 0;
      for (const chunk of made[0] ?? []) {
        for await (const batch of recordBatches(chunk, { workers })) {
          for (const record of batch as Uint8Array[]) {
            back.set(record, size);
            size += record.length;
          }
        }
      }
      expect(size).toBe(source.length);
      expect(await sha256(back)).toBe(await sha256(source));
    }
  });

  it("has one chunk read by all its threads at once, and gives its hunks in order", async () => {
    const source = text(16_000_000);
    const [chunk] = await all(chunks(source, { workers: 0 }));
    const tasks: number[] = [];
    let ready = 0;
    const pool = poolOf(4, {
      start(script, { onMessage, onError }) {
        const thread = tasks.push(0) - 1;
        const worker = startWorker(script, {
          onError,
          onMessage(message) {
            if (message === "ready") ready++;
            onMessage(message);
          },
        });
        return {
          ...worker,
          post(message, transfer) {
            if (transfer.length > 0) tasks[thread] = (tasks[thread] ?? 0) + 1;
            worker.post(message, transfer);
          },
        };
      },
    });
    while (ready < 4) {
      await pool.encode(pickled(1), false);
      await turn();
    }
    tasks.fill(0);

    const back: Uint8Array<ArrayBuffer>[] = [];
    for await (const { records } of batches(new ByteReader(chunk ?? new Uint8Array()), {}, pool, AS_BYTES)) {
      if (records.kind === "bytes") back.push(records.bytes);
    }
    pool.close();

    expect(await sha256(await new Blob(back).arrayBuffer())).toBe(await sha256(source));
    expect(tasks.every((count) => count > 0)).toBe(true);
    // Two under way in each, and one that waits.
    expect(pool.inFlight).toBe(12);
  });

  it("starts no thread for little work, for work of unknown size before there was much, and for what is small", async () => {
    const { counts, threads } = counted();
    const little = hunkPool(2, { threads, expected: 1_000_000 });
    const unknown = hunkPool(2, { threads });
    const small = hunkPool(2, { threads, expected: MUCH });

    for (let i = 0; i < 10; i++) {
      for (const pool of [little, unknown]) await pool.encode(pickled(i), false);
      await small.encode(new Uint8Array(100), true);
    }

    expect(counts).toEqual({ workers: 0, tasks: 0, awake: 0, ended: 0 });
  });

  it("starts threads once much was to do, where nobody knew how much comes", async () => {
    const { counts, threads } = counted();
    const pool = hunkPool(2, { threads });

    for (let i = 0; i < 20; i++) await pool.encode(new Uint8Array(1 << 20), false);

    expect(counts.workers).toBeGreaterThan(0);
    pool.close();
  });

  it("starts threads once much was to read, by the bytes that are stored", async () => {
    const { counts, threads } = counted();
    const pool = hunkPool(2, { threads });
    const read = async (hunks: number) => {
      for (let i = 0; i < hunks; i++) {
        const stored = new Uint8Array(1 << 20);
        await pool.decode(stored, { compressed: false, crc32: ZEROS_CRC32, maxSize: 1 << 20 });
      }
    };

    await read(15);
    expect(counts.workers).toBe(0);
    await read(2);
    expect(counts.workers).toBeGreaterThan(0);
    pool.close();
  });

  it("starts threads for many small jobs in a row, and forgets those of more than two seconds ago", async () => {
    const { counts, threads } = counted();
    const work = async (jobs: number) => {
      for (let i = 0; i < jobs; i++) {
        const pool = hunkPool(1, { threads, expected: 1 << 20 });
        await pool.encode(new Uint8Array(1 << 20), false);
        pool.close();
      }
    };

    await work(20);
    lately.at -= 2001;
    await work(20);
    expect(counts.workers).toBe(0);
    await work(5);
    expect(counts.workers).toBeGreaterThan(0);
  });

  it("sends hunks to its threads once they run, and ends them when it is closed", async () => {
    const { counts, threads } = counted();
    const pool = hunkPool(2, { threads, expected: MUCH });
    const alone = hunkPool(0);

    while (counts.tasks === 0) await pool.encode(pickled(1), true);
    const hunk = await pool.encode(pickled(7), true);

    expect(hunk).toEqual(await alone.encode(pickled(7), true));
    pool.close();
    expect([counts.workers, counts.ended]).toEqual([2, 2]);
  });

  for (const workers of [0, 1]) {
    it(`gives the memory of hunks that are done for the next ones, with ${workers} workers`, async () => {
      const { counts, threads } = counted();
      const pool = hunkPool(workers, { threads, expected: MUCH });
      for (let i = 0; i < 1000 && counts.tasks < workers; i++) await pool.encode(pickled(i), true);
      expect(pool.spare()).toBe(undefined);

      await pool.encode(new Uint8Array(1_500_000).subarray(0, 20_000), true);

      expect(pool.spare()?.length).toBe(1_500_000);
      expect(pool.spare()).toBe(undefined);
      pool.close();
    });
  }

  for (const workers of [0, 1]) {
    it(`leaves memory alone that holds more than the stored data, with ${workers} workers`, async () => {
      const { counts, threads } = counted();
      const pool = hunkPool(workers, { threads, expected: MUCH });
      for (let i = 0; i < 1000 && counts.tasks < workers; i++) await pool.encode(pickled(i), true);
      const chunk = await pool.encode(pickled(3), false);
      const before = chunk.slice();
      const sent = counts.tasks;

      const header = { compressed: false, crc32: new DataView(chunk.buffer).getUint32(2, true), maxSize: 1 << 20 };
      const { rest } = await pool.decode(chunk.subarray(14), header);

      expect(rest).toEqual(pickled(3));
      expect(chunk).toEqual(before);
      expect(counts.tasks - sent).toBe(workers);
      pool.close();
    });
  }

  it("passes the errors of a thread on", async () => {
    const { counts, threads } = counted();
    const pool = hunkPool(1, { threads, expected: MUCH });
    while (counts.tasks === 0) await pool.encode(pickled(1), true);
    const before = counts.tasks;

    const errors = await Promise.all([
      failure(pool.decode(pickled(3), { compressed: true, crc32: 0, maxSize: 1 << 20 })),
      failure(pool.decode(pickled(3), { compressed: false, crc32: 1, maxSize: 1 << 20 })),
      failure(pool.decode(pickled(3), { compressed: false, crc32: 1, maxSize: 1 << 10 })),
    ]);

    expect(errors.map(({ name, code }) => [name, code])).toEqual(Array(3).fill(["DiscoError", "corrupt-hunk"]));
    expect(errors.map(({ message }) => message)).toEqual([
      "Corrupt hunk: its zlib stream does not begin as one",
      "Corrupt hunk: its data has CRC-32 0x3f0e5559, its header says 0x00000001",
      "Corrupt hunk: it holds more than the 1024 bytes that are accepted",
    ]);
    expect(counts.tasks).toBe(before + 3);
    pool.close();
  });

  it("does the work itself where threads cannot start, and says so once", async () => {
    const causes: unknown[] = [];
    const pool = poolOf(2, {
      onFallback: (cause) => causes.push(cause),
      start() {
        throw new Error("refused by the policy");
      },
    });

    for (let i = 0; i < 4; i++) expect((await pool.encode(pickled(i), true)).length).toBeGreaterThan(14);

    expect(causes.map(String)).toEqual(["Error: refused by the policy"]);
    pool.close();
  });

  it("loses nothing where a thread says later that it cannot start, and tells each pool that wanted it", async () => {
    const causes: unknown[] = [];
    let listener: WorkerListener | undefined;
    const threads = threadsOf((_source, own) => {
      listener = own;
      return { post() {}, rest() {}, terminate() {} };
    });
    const pool = hunkPool(1, { threads, expected: MUCH, onFallback: (cause) => causes.push(cause) });
    const later = hunkPool(1, { threads, expected: MUCH, onFallback: (cause) => causes.push(`later: ${cause}`) });
    await pool.encode(pickled(1), true);

    listener?.onError("CSP");

    expect((await pool.encode(pickled(3), true)).length).toBeGreaterThan(14);
    expect((await later.encode(pickled(3), true)).length).toBeGreaterThan(14);
    expect(causes).toEqual(["CSP", "later: CSP"]);
    pool.close();
    later.close();
  });

  it("fails what was under way in a thread that breaks, and goes on without threads", async () => {
    const { pool, listener, lost } = await silentPool();
    await turn();

    listener.onError("out of memory");

    expect((await lost).message).toContain("out of memory; workers: 0 does without");
    expect((await pool.encode(pickled(4), true)).length).toBeGreaterThan(14);
    pool.close();
  });

  it("says so when a thread has no memory for a hunk", async () => {
    const { pool, listener, lost } = await silentPool();
    await turn();

    listener.onMessage(new RangeError("out of memory"));

    expect(await lost).toMatchObject({ code: "unsupported", message: expect.stringContaining("not enough memory") });
    pool.close();
  });

  it("ends what is under way when it is closed", async () => {
    const { pool, lost } = await silentPool();
    await turn();

    pool.close();

    expect((await lost).name).toBe("AbortError");
  });

  for (const workers of [-1, 1.5, NaN]) {
    it(`refuses workers: ${workers}`, () => {
      expect(() => hunkPool(workers)).toThrow(`Invalid workers ${workers}`);
    });
  }

  describe("with the js engine", () => {
    after(() => useCodec("wasm"));

    it("works in one thread", async () => {
      useCodec("js");
      const causes: unknown[] = [];
      const pool = hunkPool(2, { expected: MUCH, onFallback: (cause) => causes.push(cause) });

      for (let i = 0; i < 3; i++) await pool.encode(pickled(i), true);

      expect(causes.map(String)).toEqual(["TypeError: the js codec works in one thread"]);
      pool.close();
    });
  });
});
