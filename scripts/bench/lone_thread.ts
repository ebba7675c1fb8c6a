// A thread of lone_threads.ts: makes hunks of its text, or finds the records in them, as often as each message says, and answers with how much came out.
import { parentPort, workerData } from "node:worker_threads";
import { freshWasm } from "../../tests/helpers/codec_engines.ts";
import { decodeAll, encodeAll, hunksOf } from "./codec.ts";
import type { LoneWork } from "./lone_threads.ts";

const engine = freshWasm();
const { text, isBack }: LoneWork = workerData;
const hunks = isBack ? hunksOf(engine, text) : [];
parentPort?.on("message", (copies: number) => {
  let size = 0;
  for (let i = 0; i < copies; i++) size += isBack ? decodeAll(engine, hunks) : encodeAll(engine, text);
  parentPort?.postMessage(size);
});
