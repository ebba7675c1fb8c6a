import { describe, it } from "@std/testing/bdd";
import { turn } from "../../lib/base/turn.ts";
import { type Embedded, embedded } from "../../lib/embedded/mod.ts";
import { type Clock, DDFS } from "../../mod.ts";
import { expect } from "../helpers/expect.ts";
import { outcomeOf } from "../helpers/thrown.ts";

type Fetch = (request: Request) => Promise<Response>;

/** A fetch that tells of each step: a request that begins, an answer, each part of a body. What `onStep` throws is what comes of the step. */
function stepping(fetch: Fetch, onStep: () => void): Fetch {
  return async (request) => {
    onStep();
    const response = await fetch(request);
    onStep();
    if (response.body === null) return response;
    const reader = response.body.getReader();
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      async pull(controller) {
        onStep();
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    }, { highWaterMark: 0 });
    return new Response(body, response);
  };
}

/** A clock whose pauses are over at once, and whose time-outs never come. */
function quickClock(): Clock {
  let time = 0;
  return {
    now: () => time,
    after(milliseconds, run) {
      if (milliseconds > 20_000) return () => {};
      const timer = setTimeout(() => {
        time += milliseconds;
        run();
      });
      return () => clearTimeout(timer);
    },
  };
}

interface Limits {
  readonly signal: AbortSignal;
}

async function drain(items: AsyncIterable<unknown>, most: number = Infinity): Promise<void> {
  let count = 0;
  for await (const _ of items) if (++count >= most) break;
}

const text = new Blob(["one\ntwo\n".repeat(2_000)]);
const reader = async function* (stream: ReadableStream<Uint8Array>) {
  for await (const part of stream) yield part.length;
};

/** Operations that iterate, over a tag with four chunks. */
const ITERATIONS: Record<string, (ddfs: DDFS, limits: Limits) => AsyncIterable<unknown>> = {
  "walk()": (ddfs, limits) => ddfs.walk("data:all", limits),
  "blobs()": (ddfs, limits) => ddfs.blobs("data:all", limits),
  "pull()": (ddfs, limits) => ddfs.pull("data:all", undefined, limits),
  "records()": (ddfs, limits) => ddfs.records("tag://data:all", { ...limits, workers: 0 }),
  "recordBatches()": (ddfs, limits) => ddfs.recordBatches("tag://data:all", { ...limits, workers: 0 }),
  "recordColumns()": (ddfs, limits) => ddfs.recordColumns("tag://data:all", { ...limits, workers: 0 }),
  "grep()": (ddfs, limits) => ddfs.grep("tag://data:all", /^t.o$/, { ...limits, threads: 0 }),
  "records() with a reader": (ddfs, limits) => ddfs.records("tag://data:all", { ...limits, reader }),
  "verify()": (ddfs, limits) => ddfs.verify("data:all", limits),
};

/** All operations, run to their ends. */
const OPERATIONS: Record<string, (ddfs: DDFS, limits: Limits) => Promise<unknown>> = {
  ...Object.fromEntries(
    Object.entries(ITERATIONS).map(([name, run]) => [name, (ddfs: DDFS, limits: Limits) => drain(run(ddfs, limits))]),
  ),
  "pull() of bytes": async (ddfs, limits) => {
    for await (const blob of ddfs.pull("data:all", undefined, limits)) await blob.bytes();
  },
  "get()": (ddfs, limits) => ddfs.get("data:all", limits),
  "list()": (ddfs, limits) => ddfs.list("", limits),
  "tag()": (ddfs, limits) => ddfs.tag("data:new", ["data:all"], limits),
  "push()": (ddfs, limits) => ddfs.push("data:new", [[text, "a"], [text.stream(), "b"]], limits),
  "chunk()": (ddfs, limits) => ddfs.chunk("data:new", [text, text.stream()], { ...limits, chunkSize: 1, workers: 0 }),
  "chunk() of a tag": (ddfs, limits) => ddfs.chunk("data:new", ["tag://data:all"], { ...limits, workers: 0 }),
};

let store: Promise<Embedded> | undefined;

/** A DDFS with a tag that links to four others, each with a chunk. */
async function filled(): Promise<Embedded> {
  const cluster = embedded();
  const ddfs = new DDFS(cluster.master, { fetch: cluster.fetch, settings: {} });
  for (let i = 0; i < 4; i++) await ddfs.chunk(`data:${i}`, [[text, `n${i}`]], { workers: 0 });
  await ddfs.tag("data:all", ["data:0", "data:1", "data:2", "data:3"]);
  return cluster;
}

/** Runs an operation; `onStep` is told how many steps were made. */
async function run(
  operation: (ddfs: DDFS, limits: Limits) => Promise<unknown>,
  onStep: (step: number, stop: AbortController) => void,
): Promise<{ steps: number; outcome: unknown }> {
  const { fetch, master } = await (store ??= filled());
  const stop = new AbortController();
  let steps = 0;
  const ddfs = new DDFS(master, {
    fetch: stepping(fetch, () => onStep(++steps, stop)),
    settings: {},
    clock: quickClock(),
    random: () => 0.5,
  });
  const outcome = await outcomeOf(operation(ddfs, { signal: stop.signal }));
  // What is rejected and seen by nobody fails the test now.
  for (let i = 0; i < 3; i++) await turn();
  return { steps, outcome };
}

describe("an operation", () => {
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    it(`ends with the signal's reason at whichever step it is aborted, and leaves no rejection unseen: ${name}`, async () => {
      const { steps, outcome } = await run(operation, () => {});
      expect(outcome).toBe(undefined);

      for (let at = 1; at <= steps; at++) {
        const { outcome } = await run(operation, (step, stop) => {
          if (step === at) stop.abort("enough");
        });
        // The very end of the last answer is of no interest to some.
        if (at < steps - 1) expect([name, at, outcome]).toEqual([name, at, "enough"]);
      }
    });

    it(`survives a fault at each of its steps, and leaves no rejection unseen: ${name}`, async () => {
      const { steps } = await run(operation, () => {});

      for (let at = 1; at <= steps; at++) {
        const { outcome } = await run(operation, (step) => {
          if (step === at) throw new TypeError("connection reset");
        });
        expect([undefined, "CommError", "DataError"]).toContain((outcome as Error | undefined)?.name);
      }
    });
  }

  for (const [name, iteration] of Object.entries(ITERATIONS)) {
    it(`can be left after each of its items, also when what was read ahead fails: ${name}`, async () => {
      for (const fails of [false, true]) {
        for (const most of [1, 2, 3]) {
          let isLeft = false;
          const left = async (ddfs: DDFS, limits: Limits) => {
            await drain(iteration(ddfs, limits), most);
            isLeft = true;
          };
          const { outcome } = await run(left, (step) => {
            if (fails && step > 14 + most) throw new TypeError("connection reset");
          });
          expect([undefined, "CommError"]).toContain((outcome as Error | undefined)?.name);
          expect(isLeft).toBe(outcome === undefined);
        }
      }
    });
  }
});
