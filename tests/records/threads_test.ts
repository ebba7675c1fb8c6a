import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { readingThreads } from "../../lib/client/client_pool.ts";
import { wasmModule } from "../../lib/codec/current.ts";
import { hunkPool } from "../../lib/codec/pool.ts";
import { Threads } from "../../lib/codec/threads.ts";
import type { Task } from "../../lib/codec/worker.ts";
import { freshWasm } from "../helpers/codec_engines.ts";
import { ByteReader } from "../../lib/base/byte_reader.ts";
import { batches, type ChunkRecordsOptions } from "../../lib/records/batches.ts";
import { AS_BYTES } from "../../lib/records/columns.ts";
import { dumps } from "../../lib/records/mod.ts";
import { joined } from "../helpers/bytes.ts";
import { MUCH } from "../helpers/fake_threads.ts";
import { compressedHunk } from "../helpers/hunks.ts";
import { closing } from "../helpers/record_samples.ts";
import { outcomeOf } from "../helpers/thrown.ts";

const HUNKS = 64;
/** What cannot be compressed, so that hunks are worth sending, and a string of zeros that makes each a MiB. */
const NOISE = crypto.getRandomValues(new Uint8Array(20_000));
const REST = joined([NOISE, new Uint8Array((1 << 20) - NOISE.length - 8)]);

/** A blob of 64 MiB: a record says which hunk it is in, another makes it long. */
const parts = Array.from({ length: HUNKS }, (_, i) => compressedHunk(joined([dumps(Uint8Array.of(i)), dumps(REST)])));
const blob = joined([...parts, closing]);
const all = Array.from({ length: HUNKS }, (_, i) => i);

/** Threads in this one: each answers its tasks in order, some turns later than others do. */
function slowThreads({ dies }: { dies?: number } = {}) {
  const tasks: number[] = [];
  const counts = { given: 0, waiting: 0, most: 0, ended: 0 };
  const codec = freshWasm();
  const threads = new Threads({
    module: wasmModule,
    keptIdle: 0,
    start(_source, { onMessage, onError }) {
      const thread = tasks.push(0) - 1;
      let [before, isEnded]: [Promise<unknown>, boolean] = [Promise.resolve(), false];
      return {
        post(message, transfer) {
          // The codec, at first.
          if (transfer.length === 0) return void setTimeout(() => onMessage("ready"));
          const sent = structuredClone(message, { transfer }) as Task;
          if (!("hunk" in sent)) throw new TypeError("only reading is expected");
          tasks[thread] = (tasks[thread] ?? 0) + 1;
          if (++counts.given === dies) return void setTimeout(() => onError(new Error("it died")));
          counts.most = Math.max(counts.most, ++counts.waiting);
          const { hunk, bytes } = sent;
          before = before.then(async () => {
            await new Promise((resolve) => setTimeout(resolve, (tasks.length - thread) * 2));
            counts.waiting--;
            if (!isEnded) onMessage(answerOf(() => codec.decodeHunk(bytes, hunk)));
          });
        },
        rest() {},
        terminate() {
          isEnded = true;
          counts.ended++;
        },
      };
    },
  });
  return { tasks, counts, threads };
}

/** What a thread posts. */
function answerOf(decode: () => unknown): unknown {
  try {
    return decode();
  } catch {
    return { failure: 12, crc32: 0 };
  }
}

/** Reads a blob with as many threads as are the default for some cores; `take` says after each hunk whether to go on. */
async function read(
  cores: number,
  chunk: Uint8Array,
  { take = () => true, ...options }: ChunkRecordsOptions & { take?: (n: number) => boolean; dies?: number } = {},
) {
  const { dies, ...how } = options;
  const { tasks, counts, threads } = slowThreads(dies === undefined ? {} : { dies });
  const most = readingThreads(cores);
  const pool = hunkPool(most, { threads, expected: MUCH });
  const found: (number | undefined)[] = [];
  const ahead: number[] = [];
  const error = await outcomeOf((async () => {
    for await (const { records } of batches(new ByteReader(chunk), how, pool, AS_BYTES)) {
      found.push(records.kind === "bytes" ? records.bytes[0] : undefined);
      ahead.push(counts.given - found.length);
      if (!take(found.length)) break;
    }
  })());
  pool.close();
  return { found, error, tasks, counts, pool, ahead: Math.max(...ahead) };
}

describe("a blob of 64 MiB", () => {
  for (const cores of [1, 2, 4, 8]) {
    it(`is inflated by all threads of ${cores} cores, in order, a few hunks ahead`, async () => {
      const { found, error, tasks, counts, pool, ahead } = await read(cores, blob);

      expect(error).toBe(undefined);
      expect(found).toEqual(all);
      expect(tasks.length).toBe(Math.min(4, cores - 1));
      // Where they start one by one, the first ones have done more.
      expect(tasks.every((count) => count >= HUNKS / 16)).toBe(true);
      expect(counts.most <= 2 * tasks.length).toBe(true);
      expect(ahead <= pool.inFlight).toBe(true);
    });
  }

  for (const cores of [2, 4, 8]) {
    it(`ends with the error of a damaged hunk in its middle, after all before it, on ${cores} cores`, async () => {
      const damaged = joined([...parts.with(30, broken(30)), closing]);

      const { found, error } = await read(cores, damaged);

      expect(error).toMatchObject({ code: "corrupt-hunk" });
      expect(found).toEqual(all.slice(0, 30));
    });

    it(`is read without a damaged hunk where that is wanted, on ${cores} cores`, async () => {
      const damaged = joined([...parts.with(30, broken(30)), closing]);

      const { found, error } = await read(cores, damaged, { ignoreCorrupt: true });

      expect(error).toBe(undefined);
      expect(found).toEqual(all.toSpliced(30, 1));
    });

    it(`leaves no thread behind when its consumer stops, on ${cores} cores`, async () => {
      const { found, error, tasks, counts } = await read(cores, blob, { take: (n) => n < 20 });

      expect([error, found]).toEqual([undefined, all.slice(0, 20)]);
      expect(counts.ended).toBe(tasks.length);
      expect(counts.given < 20 + 4 * tasks.length).toBe(true);
    });

    it(`ends with the reason of an abort, on ${cores} cores`, async () => {
      const stop = new AbortController();

      const { found, error, tasks, counts } = await read(cores, blob, {
        signal: stop.signal,
        take(n) {
          if (n === 20) stop.abort("enough");
          return true;
        },
      });

      expect([error, found]).toEqual(["enough", all.slice(0, 20)]);
      expect(counts.ended).toBe(tasks.length);
    });

    it(`ends with an error where a thread dies, and gives no hunk twice or out of order, on ${cores} cores`, async () => {
      const { found, error } = await read(cores, blob, { dies: 20 });

      expect(String(error)).toContain("it died");
      expect(found).toEqual(all.slice(0, found.length));
    });
  }
});

/** A hunk with a byte of its data changed. */
function broken(n: number): Uint8Array<ArrayBuffer> {
  const hunk = (parts[n] ?? new Uint8Array()).slice();
  hunk[5000] = (hunk[5000] ?? 0) ^ 1;
  return hunk;
}
