import type { DDFS, ReadOptions, Replicas } from "../../mod.ts";
import { all } from "../helpers/fakes.ts";
import { must, same } from "../helpers/must.ts";
import type { Target } from "./faults.ts";

/** One line of the matrix. */
export interface Operation {
  /** Its name. */
  readonly name: string;
  /** Which of its requests get the fault. */
  readonly target: Target;
  /** Runs it, and checks what it gives; `well` is a client that meets no fault. */
  run(ddfs: DDFS, options: ReadOptions, well: DDFS): Promise<void>;
  /** Checks what is left after it failed: nothing twice, nothing half. */
  afterFailure?(well: DDFS): Promise<void>;
  /** Checks that what it did stays when requests arrive that it had given up. */
  stays?(well: DDFS): Promise<void>;
}

/** How writes are placed: as often anew as a request is tried again. */
const PLACED = { replicas: 2, retries: 2 };

/** Lines enough for a body to break in. */
export const LINES: string = Array.from({ length: 300 }, (_, i) => `line ${i} ${(i * 7919) % 997}\n`).join("");
const SET = ["disco://127.0.0.1/ddfs/vol0/blob/00/new$1-2-3"];

/** Fills a cluster with what the operations work on. */
export async function fill(ddfs: DDFS): Promise<void> {
  await ddfs.chunk("data:lines", [new Blob([LINES])], { workers: 0, replicas: 2 });
  await ddfs.push("data:file", [[new Blob([LINES]), "file"]], { replicas: 2 });
  await ddfs.tag("data:all", ["tag://data:lines", "tag://data:file"]);
}

async function urlsOf(ddfs: DDFS, tag: string): Promise<Replicas[]> {
  return await ddfs.exists(tag) ? await ddfs.urls(tag) : [];
}

const untagged = (tag: string) => async (well: DDFS) => same(await urlsOf(well, tag), []);

const stillOnce = async (well: DDFS) => same((await urlsOf(well, "data:new")).length, 1);

const onceAtMost = async (well: DDFS) =>
  must((await urlsOf(well, "data:new")).length < 2, "the set is there once at most");

/** All operations of the matrix. */
export const OPERATIONS: readonly Operation[] = [
  {
    name: "get",
    target: "tag",
    run: async (ddfs, options) => same((await ddfs.get("data:lines", options)).urls.length, 1),
  },
  {
    name: "list",
    target: "tag",
    run: async (ddfs, options) => same(await ddfs.list("data:", options), ["data:all", "data:file", "data:lines"]),
  },
  {
    name: "exists",
    target: "tag",
    run: async (ddfs, options) => same(await ddfs.exists("data:lines", options), true),
  },
  {
    name: "walk",
    target: "tag",
    run: async (ddfs, options) =>
      same(
        (await all(ddfs.walk("data:all", { ...options, ignoreMissing: false }))).map(({ path }) => path.at(-1)),
        ["tag://data:all", "tag://data:lines", "tag://data:file"],
      ),
  },
  {
    name: "tag",
    target: "tag",
    async run(ddfs, options, well) {
      await ddfs.tag("data:new", [SET], options);
      same(await well.urls("data:new"), [SET]);
    },
    afterFailure: onceAtMost,
    stays: stillOnce,
  },
  {
    name: "put",
    target: "tag",
    async run(ddfs, options, well) {
      await ddfs.put("data:new", [SET], options);
      same(await well.urls("data:new"), [SET]);
    },
    afterFailure: onceAtMost,
    stays: stillOnce,
  },
  {
    name: "setattr",
    target: "tag",
    async run(ddfs, options, well) {
      await ddfs.setattr("data:lines", "a", "b", options);
      same(await well.attrs("data:lines"), { a: "b" });
    },
    stays: async (well) => same(await well.attrs("data:lines"), { a: "b" }),
  },
  {
    name: "delete",
    target: "tag",
    async run(ddfs, options, well) {
      await ddfs.delete("data:lines", options);
      same(await well.exists("data:lines"), false);
    },
    stays: async (well) => same(await well.exists("data:lines"), false),
  },
  {
    name: "push",
    target: "write",
    async run(ddfs, options, well) {
      const { blobs } = await ddfs.push("data:new", [[new Blob([LINES]), "new"]], { ...options, ...PLACED });
      same(blobs[0]?.length, 2);
      same(await well.urls("data:new"), blobs);
      for await (const { state } of well.verify("data:new")) same(state, "good");
    },
    afterFailure: untagged("data:new"),
    stays: stillOnce,
  },
  {
    name: "chunk",
    target: "write",
    async run(ddfs, options, well) {
      const { blobs } = await ddfs.chunk("data:new", [new Blob([LINES])], { ...options, ...PLACED, workers: 0 });
      same(await well.urls("data:new"), blobs);
      for await (const { state } of well.verify("data:new")) same(state, "good");
    },
    afterFailure: untagged("data:new"),
    stays: stillOnce,
  },
  {
    name: "chunk: its tag",
    target: "tag",
    async run(ddfs, options, well) {
      const { blobs } = await ddfs.chunk("data:new", [new Blob([LINES])], { ...options, workers: 0 });
      same(await well.urls("data:new"), blobs);
    },
    afterFailure: onceAtMost,
    stays: stillOnce,
  },
  {
    name: "pull",
    target: "read",
    async run(ddfs, options) {
      const texts: string[] = [];
      for await (const blob of ddfs.pull("data:file", undefined, options)) texts.push(await blob.text());
      same(texts, [LINES]);
    },
  },
  {
    name: "records",
    target: "read",
    run: async (ddfs, options) =>
      same((await all(ddfs.records("tag://data:lines", { ...options, text: true, workers: 0 }))).join(""), LINES),
  },
];
