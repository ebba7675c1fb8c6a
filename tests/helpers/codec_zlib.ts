import { Buffer } from "node:buffer";
import { crc32, deflateSync, inflateSync } from "node:zlib";
import { unzlibSync, zlibSync } from "fflate";
import type { Codec } from "../../lib/codec/engine.ts";
import { damaged, type Random, sample } from "./codec_samples.ts";

/** The most bytes that a damaged stream may yield. */
const MOST = 1 << 24;

type Outcome = Uint8Array | "refused";

/** Another codec of zlib streams. */
export interface OtherCodec {
  readonly name: string;
  /** The levels that it has. */
  readonly levels: readonly number[];
  /** Compresses bytes. */
  deflate(bytes: Uint8Array<ArrayBuffer>, level: number): Uint8Array;
  /** Decompresses at most so many bytes; not every codec does. */
  inflate?(stream: Uint8Array<ArrayBuffer>, size: number): Uint8Array;
}

/** fflate, which is JavaScript. */
export const FFLATE: OtherCodec = {
  name: "fflate",
  levels: [6],
  deflate: (bytes) => zlibSync(bytes),
  inflate: (stream) => unzlibSync(stream),
};

/**
 * Makes bytes, and compares what a codec makes of them with what native zlib and others do: each reads the streams of the others, has
 * the same CRC-32, and refuses a damaged stream or reads the same out of it.
 *
 * @param random Where the bytes, their size, the level, the settings and the damage come from.
 * @param others More codecs to compare with than zlib.
 * @returns The first difference; nothing when there is none.
 */
export function difference(
  codec: Codec,
  random: Random,
  largest: number,
  others: readonly OtherCodec[] = [FFLATE],
): string | undefined {
  const bytes = sample(random, largest);
  const level = ([1, 1, 2, 6] as const)[random(4)] ?? 1;
  const ours = codec.deflate(bytes, { level });
  const settings = { level: random(10), strategy: random(5), memLevel: 1 + random(9), windowBits: 9 + random(7) };
  const theirs = deflateSync(bytes, settings);
  const broken = damaged(random(2) ? ours : theirs, random);
  const differs = [
    [`zlib reads our stream of level ${level} as`, () => inflateSync(ours), () => bytes],
    [`we read zlib's stream of ${JSON.stringify(settings)} as`, () => codec.inflate(theirs, bytes.length), () => bytes],
    ["we read a damaged stream as", () => codec.inflate(broken, MOST), () => inflatedWhole(broken)],
    ["we have another CRC-32 than zlib:", () => crcOf(codec.crc32(bytes)), () => crcOf(crc32(bytes))],
    ...others.flatMap((other) => exchanged(codec, other, { bytes, ours, random })),
  ] as const;
  for (const [what, actual, expected] of differs) {
    const [a, b] = [outcome(actual), outcome(expected)];
    if (!isSame(a, b)) return `${what} ${shown(a)} instead of ${shown(b)} (${bytes.length} bytes)`;
  }
  return undefined;
}

/** Compares what a codec and another one make of each other's streams. */
function exchanged(
  codec: Codec,
  other: OtherCodec,
  { bytes, ours, random }: { bytes: Uint8Array<ArrayBuffer>; ours: Uint8Array<ArrayBuffer>; random: Random },
): (readonly [string, () => Uint8Array, () => Uint8Array])[] {
  const { name } = other;
  const level = other.levels[random(other.levels.length)] ?? 1;
  const theirs = new Uint8Array(other.deflate(bytes, level));
  return [
    [`we read ${name}'s stream of level ${level} as`, () => codec.inflate(theirs, bytes.length), () => bytes],
    [`${name} reads our stream as`, () => other.inflate?.(ours, bytes.length + 64) ?? bytes, () => bytes],
  ];
}

/** What zlib makes of a stream that ends where its bytes do; zlib itself ignores what follows it. */
function inflatedWhole(stream: Uint8Array): Uint8Array {
  const options = { info: true, maxOutputLength: MOST };
  const { buffer, engine } = inflateSync(stream, options) as unknown as {
    buffer: Uint8Array;
    engine: { bytesWritten: number };
  };
  if (engine.bytesWritten < stream.length) throw new TypeError("other bytes follow");
  return buffer;
}

function outcome(work: () => Uint8Array): Outcome {
  try {
    return work();
  } catch {
    return "refused";
  }
}

function isSame(a: Outcome, b: Outcome): boolean {
  return a === b || (a !== "refused" && b !== "refused" && Buffer.compare(a, b) === 0);
}

function shown(outcome: Outcome): string {
  return outcome === "refused" ? "refused" : `${outcome.length} bytes, ${Buffer.from(outcome).toString("hex", 0, 20)}…`;
}

function crcOf(crc: number): Uint8Array {
  return Uint8Array.of(crc >>> 24, crc >>> 16, crc >>> 8, crc);
}
