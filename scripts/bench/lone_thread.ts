// A thread of lone_threads.ts: makes hunks of its text as often as each message says, and answers with their size.
import { parentPort, workerData } from "node:worker_threads";
import { freshWasm } from "../../tests/helpers/codec_engines.ts";
import { encodeAll } from "./codec.ts";

const engine = freshWasm();
parentPort?.on("message", (copies: number) => {
  let size = 0;
  for (let i = 0; i < copies; i++) size += encodeAll(engine, workerData);
  parentPort?.postMessage(size);
});
