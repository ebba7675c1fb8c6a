import { Buffer } from "node:buffer";
import { crc32, deflateSync, inflateSync } from "node:zlib";
import { unzlibSync, zlibSync } from "fflate";
import type { DecodedHunk, Engine } from "../lib/codec/engine.ts";
import { HEADER_SIZE, writeHeader } from "../lib/codec/hunk.ts";
import { findByteStrings } from "../lib/codec/js_byte_strings.ts";
import { chunks, recordBatches } from "../lib/records/mod.ts";
import type { Contender } from "./race.ts";

/** What is measured: contenders, the first of which the others are compared with. */
export interface Discipline {
  readonly name: string;
  readonly contenders: readonly Contender[];
}

/** The engines, and how many worker threads. */
export interface Engines {
  readonly wasm: Engine;
  readonly js: Engine;
  readonly workers: number;
}

const HUNK_SIZE = 1 << 20;
const LINES = { dialect: "py2", limit: HUNK_SIZE, maxRecordSize: 1 << 24, last: true } as const;
/** Room for a hunk in one piece; zlib's default is 16 KiB. */
const LARGE = { chunkSize: 2 * HUNK_SIZE };

/**
 * Names all that is measured on a text.
 *
 * @param text The text.
 * @param engines The engines.
 * @returns The disciplines; each contender goes through the whole text, hunk by hunk.
 */
export function disciplines(text: Uint8Array<ArrayBuffer>, { wasm, js, workers }: Engines): Discipline[] {
  const pickled = Array.from(pickledHunks(wasm, text), ({ pickled }) => pickled.slice());
  const streams = pickled.map((hunk) => new Uint8Array(deflateSync(hunk, { level: 2 })));
  const ours = pickled.map((hunk) => wasm.deflate(hunk));
  const hunks = pickled.map((hunk, i) => {
    return { stored: streams[i] ?? hunk, header: { compressed: true, crc32: crc32(hunk), maxSize: hunk.length } };
  });
  const deflaters = [2, 1, 6].map((level) =>
    over(`zlib level ${level}`, pickled, (hunk) => deflateSync(hunk, { level }).length)
  );
  return [
    {
      name: "deflate",
      contenders: [
        ...deflaters,
        over("wasm", pickled, (hunk) => wasm.deflate(hunk).length),
        over("js (fflate)", pickled, (hunk) => zlibSync(hunk, { level: 2 }).length),
        over("CompressionStream", pickled, (hunk) => through(hunk, new CompressionStream("deflate"))),
      ],
    },
    {
      name: "inflate",
      contenders: [
        over("zlib, large chunkSize", streams, (stream) => inflateSync(stream, LARGE).length),
        over("zlib", streams, (stream) => inflateSync(stream).length),
        over("wasm", streams, (stream) => wasm.inflate(stream).length),
        over("js", streams, (stream) => js.inflate(stream).length),
        over("fflate", streams, (stream) => unzlibSync(stream).length),
        over("DecompressionStream", streams, (stream) => through(stream, new DecompressionStream("deflate"))),
      ],
    },
    {
      name: "inflate, of what wasm made",
      contenders: [
        over("zlib, large chunkSize", ours, (stream) => inflateSync(stream, LARGE).length),
        over("wasm", ours, (stream) => wasm.inflate(stream).length),
      ],
    },
    {
      name: "CRC-32",
      contenders: [
        over("zlib", pickled, (hunk) => crc32(hunk) && hunk.length),
        over("wasm", pickled, (hunk) => wasm.crc32(hunk) && hunk.length),
        over("js", pickled, (hunk) => js.crc32(hunk) && hunk.length),
      ],
    },
    {
      name: "lines to hunks",
      contenders: [
        { name: "js split, zlib level 2", run: () => sum(pickledHunks(js, text), ({ pickled }) => zlibHunk(pickled)) },
        { name: "wasm", run: () => encode(wasm, text) },
        { name: "js", run: () => encode(js, text) },
        { name: "chunks(), 1 thread", run: () => chunked(text, 0) },
        { name: `chunks(), ${workers} workers`, run: () => chunked(text, workers) },
      ],
    },
    {
      name: "hunks to lines",
      contenders: [
        over(
          "zlib, js scan to views",
          hunks,
          ({ stored, header }) => 2 * viewsOf(zlibLines(stored, header.crc32)).length,
        ),
        over("zlib, js scan to places", hunks, ({ stored, header }) => zlibLines(stored, header.crc32).offsets.length),
        over("wasm", hunks, ({ stored, header }) => wasm.decodeHunk(stored, header).offsets.length),
        over("js", hunks, ({ stored, header }) => js.decodeHunk(stored, header).offsets.length),
        ...[0, workers].map((n) => batchesOf(streams, pickled, n)),
      ],
    },
  ];
}

function over<Item>(name: string, items: readonly Item[], work: (item: Item) => number | Promise<number>): Contender {
  return {
    name,
    async run() {
      let size = 0;
      for (const item of items) {
        const out = work(item);
        size += typeof out === "number" ? out : await out;
      }
      return size;
    },
  };
}

function sum<Item>(items: Iterable<Item>, size: (item: Item) => number): number {
  let all = 0;
  for (const item of items) all += size(item);
  return all;
}

async function through(
  bytes: Uint8Array<ArrayBuffer>,
  transform: CompressionStream | DecompressionStream,
): Promise<number> {
  const stream = new Blob([bytes]).stream().pipeThrough(transform);
  return (await new Response(stream).arrayBuffer()).byteLength;
}

function* pickledHunks(engine: Engine, text: Uint8Array): Generator<{ readonly pickled: Uint8Array }> {
  for (let at = 0; at < text.length;) {
    const lines = engine.pickleLines(text, at, LINES);
    yield lines;
    at += lines.consumed;
  }
}

function encode(engine: Engine, text: Uint8Array): number {
  return sum(pickledHunks(engine, text), ({ pickled }) => engine.encodeHunk(pickled, true).length);
}

function zlibHunk(pickled: Uint8Array): number {
  const data = deflateSync(pickled, { level: 2 });
  const hunk = new Uint8Array(HEADER_SIZE + data.length);
  hunk.set(data, HEADER_SIZE);
  writeHeader(hunk, true, crc32(pickled));
  return hunk.length;
}

function zlibLines(stored: Uint8Array, expected: number): DecodedHunk {
  const bytes = inflateSync(stored);
  if (crc32(bytes) !== expected) throw new RangeError("wrong CRC-32");
  return findByteStrings(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length));
}

/** The lines of a hunk, as somebody keeps them who has no use for places. */
function viewsOf({ bytes, offsets }: DecodedHunk): Uint8Array[] {
  return Array.from({ length: offsets.length / 2 }, (_, i) => bytes.subarray(offsets[2 * i], offsets[2 * i + 1]));
}

async function chunked(text: Uint8Array<ArrayBuffer>, workers: number): Promise<number> {
  let size = 0;
  for await (const chunk of chunks(text, { workers, maxRecordSize: LINES.maxRecordSize })) size += chunk.length;
  return size;
}

/** Reads whole chunks with the library's own reader, which makes a value of each record. */
function batchesOf(streams: readonly Uint8Array[], pickled: readonly Uint8Array[], workers: number): Contender {
  const parts = streams.flatMap((stream, i) => {
    const hunk = new Uint8Array(HEADER_SIZE + stream.length);
    hunk.set(stream, HEADER_SIZE);
    writeHeader(hunk, true, crc32(pickled[i] ?? stream));
    return [hunk];
  });
  const chunk = new Uint8Array(Buffer.concat([...parts, new Uint8Array([0x81, ...new Uint8Array(HEADER_SIZE - 1)])]));
  return {
    name: workers === 0 ? "recordBatches(), 1 thread" : `recordBatches(), ${workers} workers`,
    async run() {
      let records = 0;
      for await (const batch of recordBatches(chunk, { workers })) records += batch.length;
      return 2 * records;
    },
  };
}
