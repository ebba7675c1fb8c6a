import { codec } from "../../lib/codec/mod.ts";

/** What a chunk holds, hunk by hunk, by the FORMAT's own words: nothing of the library reads it but the codec. */
export interface FoundHunk {
  readonly compressed: number;
  readonly crc32: number;
  readonly offset: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** Takes a chunk apart. */
export function hunksOf(chunk: Uint8Array): FoundHunk[] {
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const hunks: FoundHunk[] = [];
  for (let offset = 0; offset < chunk.length;) {
    const compressed = view.getUint8(offset + 1);
    const end = offset + 14 + Number(view.getBigUint64(offset + 6, true));
    const stored = chunk.slice(offset + 14, end);
    const data = compressed ? codec("js").inflate(stored) : stored;
    hunks.push({ compressed, crc32: view.getUint32(offset + 2, true), offset, data });
    offset = end;
  }
  return hunks;
}

/** Makes a hunk that is stored, with its own or another CRC. */
export function storedHunk(data: Uint8Array, crc32: number = codec("js").crc32(data)): Uint8Array<ArrayBuffer> {
  return hunk(0, data, crc32);
}

/** Makes a hunk that is compressed. */
export function compressedHunk(data: Uint8Array): Uint8Array<ArrayBuffer> {
  return hunk(1, codec("js").deflate(data), codec("js").crc32(data));
}

function hunk(compressed: number, stored: Uint8Array, crc32: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(14 + stored.length);
  const view = new DataView(whole.buffer);
  view.setUint8(0, 0x81);
  view.setUint8(1, compressed);
  view.setUint32(2, crc32, true);
  view.setBigUint64(6, BigInt(stored.length), true);
  whole.set(stored, 14);
  return whole;
}
