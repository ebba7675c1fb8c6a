import { crc32, deflateSync, inflateSync } from "node:zlib";
import { unzlibSync, zlibSync } from "fflate";
import type { Engine, StoredHunk } from "../../lib/codec/engine.ts";
import { HEADER_SIZE, writeHeader } from "../../lib/codec/hunk.ts";
import { findByteStrings, type FoundStrings } from "../../lib/codec/js_byte_strings.ts";
import { release } from "../../lib/runtime/release.ts";
import type { NativeCodec } from "../shared/native_codecs.ts";
import type { Contender, Discipline } from "./race.ts";

/** The engines. */
export interface Engines {
  readonly wasm: Engine;
  readonly js: Engine;
}

/** A hunk, and what its header says. */
export interface BenchHunk {
  readonly hunk: Uint8Array<ArrayBuffer>;
  readonly header: StoredHunk;
}

const HUNK_SIZE = 1 << 20;
const LINES = { dialect: "py2", limit: HUNK_SIZE, maxRecordSize: 1 << 24, last: true } as const;
/** How many times a CRC-32 is computed: once takes less time than a clock tells. */
const OFTEN = 32;
/** Room for a hunk in one piece; zlib's default is 16 KiB. */
const LARGE = { chunkSize: 2 * HUNK_SIZE };

/**
 * Names all that is measured on a text.
 *
 * @param natives The fastest native codecs, where they are installed.
 * @returns The disciplines; each contender goes through the whole text, hunk by hunk.
 */
export function disciplines(
  text: Uint8Array<ArrayBuffer>,
  { wasm, js }: Engines,
  natives: readonly NativeCodec[],
): Discipline[] {
  const pickled = Array.from(pickledHunks(wasm, text), ({ pickled }) => pickled.slice());
  const streams = pickled.map((hunk) => new Uint8Array(deflateSync(hunk, { level: 2 })));
  const ours = pickled.map((hunk) => wasm.deflate(hunk));
  const hunks = pickled.map((hunk, i) => {
    return { stored: streams[i] ?? hunk, header: { compressed: true, crc32: crc32(hunk), maxSize: hunk.length } };
  });
  const deflaters = [2, 1, 6].map((level) =>
    over(`zlib level ${level}`, pickled, (hunk) => drop(deflateSync(hunk, { level })))
  );
  const often = Array.from({ length: OFTEN }, () => pickled).flat();
  const all: (Omit<Discipline, "bytes"> & Partial<Discipline>)[] = [
    {
      name: "deflate",
      contenders: [
        ...deflaters,
        over("wasm", pickled, (hunk) => drop(wasm.deflate(hunk))),
        ...[2, 6].map((level) =>
          over(`wasm level ${level}`, pickled, (hunk) => drop(wasm.deflate(hunk, { level: level === 2 ? 2 : 6 })))
        ),
        ...natives.map(({ name, deflate }) => over(`${name} level 1`, pickled, (hunk) => deflate(hunk, 1).length)),
        over("js (fflate)", pickled, (hunk) => drop(zlibSync(hunk, { level: 2 }))),
        over("CompressionStream", pickled, (hunk) => through(hunk, new CompressionStream("deflate"))),
      ],
    },
    {
      name: "inflate",
      contenders: [
        over("zlib, large chunkSize", streams, (stream) => drop(inflateSync(stream, LARGE))),
        over("zlib", streams, (stream) => drop(inflateSync(stream))),
        over("wasm", streams, (stream) => drop(wasm.inflate(stream))),
        ...natives.map(({ name, inflate }) => over(name, streams, (stream) => inflate(stream, 3 * HUNK_SIZE).length)),
        over("js", streams, (stream) => drop(js.inflate(stream))),
        over("fflate", streams, (stream) => drop(unzlibSync(stream))),
        over("DecompressionStream", streams, (stream) => through(stream, new DecompressionStream("deflate"))),
      ],
    },
    {
      name: "inflate (of what wasm made)",
      contenders: [
        over("zlib, large chunkSize", ours, (stream) => drop(inflateSync(stream, LARGE))),
        over("wasm", ours, (stream) => drop(wasm.inflate(stream))),
        ...natives.map(({ name, inflate }) => over(name, ours, (stream) => inflate(stream, 3 * HUNK_SIZE).length)),
      ],
    },
    {
      name: "CRC-32",
      contenders: [
        over("zlib", often, (hunk) => crc32(hunk) && hunk.length),
        over("wasm", often, (hunk) => wasm.crc32(hunk) && hunk.length),
        over("js", often, (hunk) => js.crc32(hunk) && hunk.length),
      ],
      bytes: OFTEN * text.length,
    },
    {
      name: "lines to hunks",
      contenders: [
        {
          name: "js split, zlib level 2",
          run: () => sum(pickledHunks(js, text), ({ pickled }) => drop(zlibHunk(pickled))),
        },
        { name: "wasm", run: () => encodeAll(wasm, text) },
        { name: "js (fflate)", run: () => encodeAll(js, text) },
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
        over("zlib, js scan to places", hunks, ({ stored, header }) => zlibLines(stored, header.crc32).places.length),
        over("wasm", hunks, ({ stored, header }) => 2 * countIn(wasm, stored, header)),
        over("js", hunks, ({ stored, header }) => 2 * countIn(js, stored, header)),
      ],
    },
  ];
  return all.map((discipline) => ({ bytes: text.length, ...discipline }));
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

/** Gives back the memory of what was made, as chunk() does, so that no collector is measured; returns its size. */
function drop({ length, buffer, byteOffset }: Uint8Array): number {
  if (buffer instanceof ArrayBuffer && byteOffset === 0 && length === buffer.byteLength) release(buffer);
  return length;
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

/**
 * Makes hunks of a whole text.
 *
 * @param keep Bytes of hunks that are kept until more are there, as chunk() has to keep those of a chunk.
 * @returns The size of all.
 */
export function encodeAll(engine: Engine, text: Uint8Array, keep = 0): number {
  let size = 0;
  let kept: Uint8Array[] = [];
  let left = keep;
  for (const { pickled } of pickledHunks(engine, text)) {
    const hunk = engine.encodeHunk(pickled, true);
    kept.push(hunk);
    left -= hunk.length;
    if (left >= 0) continue;
    size += sum(kept, drop);
    kept = [];
    left = keep;
  }
  return size + sum(kept, drop);
}

/** The hunks of a text, and an empty one at their end. */
export function hunksOf(engine: Engine, text: Uint8Array): BenchHunk[] {
  const hunks = Array.from(pickledHunks(engine, text), ({ pickled }) => {
    const header = { compressed: true, crc32: engine.crc32(pickled), maxSize: pickled.length };
    return { hunk: engine.encodeHunk(pickled, true), header };
  });
  const closing = engine.encodeHunk(new Uint8Array(0), false);
  return [...hunks, { hunk: closing, header: { compressed: false, crc32: 0, maxSize: 0 } }];
}

/** Finds the lines in hunks, and gives their memory back; returns how many there are. */
export function decodeAll(engine: Engine, hunks: readonly BenchHunk[]): number {
  return sum(hunks, ({ hunk, header }) => {
    const { bytes, offsets } = engine.decodeHunk(hunk.subarray(HEADER_SIZE), header);
    const count = offsets.length - 1;
    release(bytes.buffer);
    release(offsets.buffer);
    return count;
  });
}

/** Inflates hunks and does nothing else; returns how many bytes come out. */
export function inflateAll(engine: Engine, hunks: readonly BenchHunk[]): number {
  return sum(hunks, ({ hunk, header }) => header.compressed ? drop(engine.inflate(hunk.subarray(HEADER_SIZE))) : 0);
}

function countIn(engine: Engine, stored: Uint8Array, header: StoredHunk): number {
  return engine.decodeHunk(stored, header).offsets.length - 1;
}

function zlibHunk(pickled: Uint8Array): Uint8Array {
  const data = deflateSync(pickled, { level: 2 });
  const hunk = new Uint8Array(HEADER_SIZE + data.length);
  hunk.set(data, HEADER_SIZE);
  writeHeader(hunk, true, crc32(pickled));
  drop(data);
  return hunk;
}

function zlibLines(stored: Uint8Array, expected: number): FoundStrings {
  const bytes = inflateSync(stored);
  if (crc32(bytes) !== expected) throw new RangeError("wrong CRC-32");
  return findByteStrings(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length));
}

/** The lines of a hunk, as somebody keeps them who has no use for places. */
function viewsOf({ bytes, places }: FoundStrings): Uint8Array[] {
  return Array.from({ length: places.length / 2 }, (_, i) => bytes.subarray(places[2 * i], places[2 * i + 1]));
}
