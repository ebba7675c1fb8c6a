import { DataError } from "../../../mod.ts";
import { records, type Value } from "../../records/mod.ts";
import { isChunk, pagesOf } from "./blob_pages.ts";

/** Tells whether reading records has failed at a blob that is no chunk. */
export async function isNoChunk(error: unknown, signal: AbortSignal): Promise<boolean> {
  return error instanceof DataError && await pagesOf([error.url]).isChunk(signal).catch(() => true) === false;
}

/** Reads records; of what is no chunk, each line is one. */
export async function* linesOrRecords(stream: ReadableStream<Uint8Array>): AsyncGenerator<Value> {
  const reader = stream.getReader();
  try {
    const { value: first } = await reader.read();
    if (first === undefined) return;
    const parts = async function* () {
      yield first;
      for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
    };
    yield* isChunk(first) ? records(streamOf(parts())) : lines(parts());
  } finally {
    await reader.cancel();
  }
}

function streamOf(parts: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await parts.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: () => void parts.return(undefined),
  });
}

async function* lines(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Value> {
  let rest = new Uint8Array();
  for await (const part of parts) {
    let from = 0;
    for (let end = part.indexOf(10); end >= 0; end = part.indexOf(10, from)) {
      yield joined(rest, part.subarray(from, end + 1));
      rest = new Uint8Array();
      from = end + 1;
    }
    rest = joined(rest, part.subarray(from));
  }
  if (rest.length > 0) yield rest;
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
