import { after, describe, it } from "@std/testing/bdd";
import { expect } from "@std/expect";
import { useCodec } from "../lib/codec/mod.ts";
import { hunkPool } from "../lib/codec/pool.ts";
import { startWorker, type WorkerListener, type WorkerThread } from "../lib/host.ts";
import { chunks, recordBatches } from "../lib/records/mod.ts";
import { all, failure } from "./fakes.ts";

/** Lines of about this many bytes in all, each different. */
function text(size: number): Uint8Array<ArrayBuffer> {
  let lines = "";
  for (let i = 0; lines.length < size; i++) lines += `${i} ${(i * 2654435761) >>> 0} some words that repeat\n`;
  return new TextEncoder().encode(lines);
}

async function sha256(bytes: BufferSource): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).join();
}

/** Starts workers as the host does, and counts what is sent to them. */
function counted() {
  const counts = { workers: 0, tasks: 0, ended: 0 };
  const start = (source: string, listener: WorkerListener): WorkerThread => {
    const worker = startWorker(source, listener);
    counts.workers++;
    return {
      post(message, transfer) {
        if (transfer.length > 0) counts.tasks++;
        worker.post(message, transfer);
      },
      terminate() {
        counts.ended++;
        worker.terminate();
      },
    };
  };
  return { counts, start };
}

/** Gives the event loop turns until a condition holds. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** A pool whose one thread never answers, and a hunk that was sent to it. */
async function silentPool() {
  const listeners: WorkerListener[] = [];
  const pool = hunkPool(1, {
    startAfter: 100_000,
    start(_source, listener) {
      listeners.push(listener);
      return { post() {}, terminate() {} };
    },
  });
  await pool.encode(pickled(1), true);
  await pool.encode(pickled(2), true);
  const [listener] = listeners;
  if (listener === undefined) throw new Error("no thread was started");
  listener.onMessage("ready");
  return { pool, listener, lost: failure(pool.encode(pickled(3), true)) };
}

const pickled = (seed: number) => new Uint8Array(200_000).map((_, i) => (i * seed) >> 3);

describe("hunkPool()", () => {
  it("makes the same chunks and records with any number of workers", async () => {
    const source = text(24_000_000);
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
      const back: Uint8Array[] = [];
      for (const chunk of made[0] ?? []) {
        for await (const batch of recordBatches(chunk, { workers })) back.push(...batch as Uint8Array[]);
      }
      expect(await sha256(await new Blob(back as Uint8Array<ArrayBuffer>[]).arrayBuffer())).toBe(await sha256(source));
    }
  });

  it("starts no thread before there is work for it, and sends none what is small", async () => {
    const { counts, start } = counted();
    const pool = hunkPool(2, { start, startAfter: 100_000 });

    await pool.encode(pickled(1), true);
    for (let i = 0; i < 10; i++) await pool.encode(new Uint8Array(100), true);

    expect(counts).toEqual({ workers: 0, tasks: 0, ended: 0 });
    pool.close();
  });

  it("sends hunks to its threads once they run, and ends them when it is closed", async () => {
    const { counts, start } = counted();
    const pool = hunkPool(2, { start, startAfter: 100_000 });
    const alone = hunkPool(0);

    await until(() => {
      pool.encode(pickled(1), true).catch(() => {});
      return counts.tasks > 0;
    });
    const hunk = await pool.encode(pickled(7), true);

    expect(hunk).toEqual(await alone.encode(pickled(7), true));
    pool.close();
    expect([counts.workers, counts.ended]).toEqual([2, 2]);
  });

  it("passes the errors of a thread on", async () => {
    const { counts, start } = counted();
    const pool = hunkPool(1, { start, startAfter: 100_000 });
    await until(() => {
      pool.encode(pickled(1), true).catch(() => {});
      return counts.tasks > 1;
    });
    const before = counts.tasks;

    const error = await failure(pool.decode(pickled(3), { compressed: true, crc32: 0, maxSize: 1 << 20 }));

    expect([error.name, error.code]).toEqual(["DiscoError", "corrupt-hunk"]);
    expect(counts.tasks).toBeGreaterThanOrEqual(before);
    pool.close();
  });

  it("does the work itself where threads cannot start, and says so once", async () => {
    const causes: unknown[] = [];
    const pool = hunkPool(2, {
      startAfter: 100_000,
      onFallback: (cause) => causes.push(cause),
      start() {
        throw new Error("refused by the policy");
      },
    });

    for (let i = 0; i < 4; i++) expect((await pool.encode(pickled(i), true)).length).toBeGreaterThan(14);

    expect(causes.map(String)).toEqual(["Error: refused by the policy"]);
    pool.close();
  });

  it("loses nothing where a thread says later that it cannot start", async () => {
    const causes: unknown[] = [];
    let listener: WorkerListener | undefined;
    const pool = hunkPool(1, {
      startAfter: 100_000,
      onFallback: (cause) => causes.push(cause),
      start(_source, own) {
        listener = own;
        return { post() {}, terminate() {} };
      },
    });
    await pool.encode(pickled(1), true);
    await pool.encode(pickled(2), true);

    listener?.onError("CSP");

    expect((await pool.encode(pickled(3), true)).length).toBeGreaterThan(14);
    expect(causes).toEqual(["CSP"]);
    pool.close();
  });

  it("fails what was under way in a thread that breaks, and goes on without threads", async () => {
    const { pool, listener, lost } = await silentPool();

    listener.onError("out of memory");

    expect((await lost).message).toContain("out of memory; workers: 0 does without");
    expect((await pool.encode(pickled(4), true)).length).toBeGreaterThan(14);
    pool.close();
  });

  it("ends what is under way when it is closed", async () => {
    const { pool, lost } = await silentPool();

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
      const pool = hunkPool(2, { startAfter: 0, onFallback: (cause) => causes.push(cause) });

      for (let i = 0; i < 3; i++) await pool.encode(pickled(i), true);

      expect(causes.map(String)).toEqual(["TypeError: the js codec works in one thread"]);
      pool.close();
    });
  });
});
