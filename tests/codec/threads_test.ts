import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { wasmModule } from "../../lib/codec/current.ts";
import { Threads as NoThreads } from "../../lib/codec/no_threads.ts";
import { hunkPool } from "../../lib/codec/pool.ts";
import { until } from "../helpers/embedded_stores.ts";
import { counted, MUCH, noting, pickled } from "../helpers/fake_threads.ts";

describe("the threads of hunk pools", () => {
  it("are refused in workerd, as the reason says", () => {
    expect(() => new NoThreads()).toThrow("Workers of Cloudflare start no threads");
  });

  it("shares its threads with other pools, and ends them with the last one", async () => {
    const { counts, threads } = counted();
    const pools = [1, 2, 2, 2].map((workers) => hunkPool(workers, { threads, expected: MUCH }));

    while (counts.tasks < 4) await Promise.all(pools.map((pool, i) => pool.encode(pickled(i), true)));
    expect([counts.workers, counts.ended]).toEqual([2, 0]);
    const [last, ...others] = pools;
    for (const pool of others) pool.close();
    expect(counts.ended).toBe(0);
    last?.close();

    expect([counts.workers, counts.ended]).toEqual([2, 2]);
  });

  it("has two tasks under way in a thread, and sends what waits to the thread that has room first", async () => {
    const { sent, answer, threads, start, give } = noting();
    const pool = hunkPool(2, { threads, expected: MUCH });
    await start(pool, 2);

    const ends = [];
    for (let task = 1; task <= pool.inFlight; task++) ends.push(await give(pool, task));
    expect(sent).toEqual([[1, 3], [2, 4]]);
    answer(1);
    expect(sent).toEqual([[1, 3], [2, 4, 5]]);
    answer(1);
    expect(sent).toEqual([[1, 3], [2, 4, 5, 6]]);

    pool.close();
    const [first, second, third, fourth, fifth, sixth] = await Promise.all(ends.map(({ end }) => end));
    expect([second, fourth]).toEqual(["done", "done"]);
    expect([first, third, fifth, sixth]).toEqual(Array(4).fill("AbortError"));
  });

  it("sends what waits to the threads that its pool may use only, and nothing for a pool that was closed", async () => {
    const { sent, answer, threads, start, give } = noting();
    const one = hunkPool(1, { threads, expected: MUCH });
    const two = hunkPool(2, { threads, expected: MUCH });
    await start(two, 2);
    for (const task of [1, 2, 3]) await give(one, task);
    for (const task of [4, 5, 6]) await give(two, task);
    expect(sent).toEqual([[1, 2], [4, 5]]);

    answer(1);
    expect(sent).toEqual([[1, 2], [4, 5, 6]]);
    one.close();
    answer(0);

    expect(sent).toEqual([[1, 2], [4, 5, 6]]);
    two.close();
  });

  it("sends nothing to a thread that was ended, though a late answer of it comes", async () => {
    const { sent, answer, threads, start, give } = noting();
    const before = hunkPool(1, { threads, expected: MUCH });
    await start(before, 1);
    await give(before, 1);
    before.close();
    const pool = hunkPool(1, { threads, expected: MUCH });
    await start(pool, 2);
    for (const task of [2, 3, 4]) await give(pool, task);

    answer(0);
    expect(sent).toEqual([[1], [2, 3]]);
    answer(1);

    expect(sent).toEqual([[1], [2, 3, 4]]);
    pool.close();
  });

  it("keeps idle threads for the next pool, and ends them when none comes", async () => {
    const { counts, threads } = counted({ keptIdle: 100 });
    const work = async () => {
      const before = counts.tasks;
      const pool = hunkPool(1, { threads, expected: MUCH });
      while (counts.tasks === before) await pool.encode(pickled(1), true);
      pool.close();
    };

    await work();
    await work();
    expect([counts.workers, counts.awake, counts.ended]).toEqual([1, 0, 0]);

    await until(() => counts.ended > 0);
    await work();
    expect(counts.workers).toBe(2);
  });

  it("lets a process end while a pool that was not closed has nothing under way", async () => {
    const { counts, threads } = counted();
    const pool = hunkPool(2, { threads, expected: MUCH });

    while (counts.tasks < 4) await pool.encode(pickled(1), true);
    await until(() => counts.awake === 0);

    expect(counts.ended).toBe(0);
    pool.close();
  });

  it("keeps no thread that has something under way", async () => {
    const { ended, threads, start, give } = noting({ keptIdle: 1_000_000 });
    const pool = hunkPool(1, { threads, expected: MUCH });
    await start(pool, 1);
    const { end } = await give(pool, 1);

    pool.close();

    expect(await end).toBe("AbortError");
    expect(ended).toEqual([0]);
  });

  it("uses no idle thread that has another codec", async () => {
    let module = wasmModule();
    const { counts, threads } = counted({ keptIdle: 1_000_000, module: () => module });
    const work = async () => {
      const pool = hunkPool(1, { threads, expected: MUCH });
      for (let i = 0; i < 9; i++) await pool.encode(pickled(i), true);
      pool.close();
    };

    await work();
    module = undefined;
    await work();

    expect([counts.workers, counts.ended]).toEqual([1, 1]);
  });
});
