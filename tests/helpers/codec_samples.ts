/** A seeded source of numbers from 0 up to, not including, `below`. */
export type Random = (below: number) => number;

/**
 * Makes a seeded source of numbers (mulberry32).
 *
 * @param seed Any whole number; the same one gives the same numbers.
 * @returns The source.
 */
export function seeded(seed: number): Random {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * below);
  };
}

/** Sizes at which something changes: steps of the search, blocks, windows, stored blocks, hunks. */
const EDGES = [1, 16, 18, 19, 34, 64, 128, 258, 4096, 8128, 32768, 65535, 65536, 262144, 294912, 1 << 20];

/**
 * Makes bytes to compress, of one of many structures.
 *
 * @param random Where the numbers come from.
 * @returns The bytes.
 */
export function sample(random: Random, largest: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sizeOf(random, largest));
  const write = [noise, fewBytes, runs, periods, words, copies, numbers, mixed][random(8)] ?? noise;
  write(bytes, random);
  return bytes;
}

function sizeOf(random: Random, largest: number): number {
  const kind = random(10);
  if (kind < 5) return random(Math.min(600, largest));
  if (kind < 8) return random(Math.min(20_000, largest));
  if (kind < 9) return random(largest);
  const edge = EDGES[random(EDGES.length)] ?? 0;
  return Math.min(largest, Math.max(0, edge + random(9) - 4));
}

type Writer = (bytes: Uint8Array, random: Random) => void;

const noise: Writer = (bytes, random) => {
  for (let i = 0; i < bytes.length; i++) bytes[i] = random(256);
};

const fewBytes: Writer = (bytes, random) => {
  const kinds = 1 + random(12);
  for (let i = 0; i < bytes.length; i++) bytes[i] = 65 + random(kinds);
};

const runs: Writer = (bytes, random) => {
  for (let i = 0; i < bytes.length;) {
    const end = i + 1 + random(random(2) ? 20 : 600);
    bytes.fill(random(256), i, end);
    i = end;
  }
};

const periods: Writer = (bytes, random) => {
  const period = 1 + random(random(2) ? 40 : 40_000);
  for (let i = 0; i < bytes.length; i++) bytes[i] = i < period ? random(256) : bytes[i - period] ?? 0;
  for (let left = random(20); left > 0; left--) bytes[random(bytes.length)] = random(256);
};

const words: Writer = (bytes, random) => {
  const dictionary = Array.from({ length: 50 }, () => Array.from({ length: 2 + random(9) }, () => 97 + random(26)));
  for (let i = 0; i < bytes.length;) {
    for (const letter of dictionary[random(1 + random(50))] ?? []) if (i < bytes.length) bytes[i++] = letter;
    if (i < bytes.length) bytes[i++] = random(8) ? 32 : 10;
  }
};

/** Literals, and matches of every length and distance. */
const copies: Writer = (bytes, random) => {
  for (let i = 0; i < bytes.length;) {
    for (let left = random(6); left > 0 && i < bytes.length; left--) bytes[i++] = random(256);
    const distance = 1 + random(Math.min(i, random(2) ? 300 : 33_000));
    for (let left = i ? 2 + random(random(2) ? 30 : 300) : 0; left > 0 && i < bytes.length; left--) {
      bytes[i] = bytes[i - distance] ?? 0;
      i++;
    }
  }
};

const numbers: Writer = (bytes, random) => {
  let row = random(100_000);
  for (let i = 0; i < bytes.length;) {
    const line = `${row += random(60)},${random(5000)},${random(10_000) / 100}\n`;
    for (let j = 0; j < line.length && i < bytes.length; j++) bytes[i++] = line.charCodeAt(j);
  }
};

/** Stretches of the others, so that what can be compressed follows what cannot. */
const mixed: Writer = (bytes, random) => {
  const writers = [noise, fewBytes, runs, words, copies, numbers];
  for (let i = 0; i < bytes.length;) {
    const end = Math.min(bytes.length, i + 1 + random(bytes.length));
    writers[random(writers.length)]?.(bytes.subarray(i, end), random);
    i = end;
  }
};

/**
 * Damages a stream in one of several ways: bits, bytes, a cut, a piece left out or doubled.
 *
 * @param stream The stream, which stays as it is.
 * @param random Where the numbers come from.
 * @returns A damaged copy.
 */
export function damaged(stream: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(stream);
  // The first bytes say the most.
  const place = () => random(random(2) ? Math.min(40, copy.length) : copy.length);
  switch (random(5)) {
    case 0:
      return copy.slice(0, place());
    case 1: {
      const from = place();
      const to = from + random(8);
      return Uint8Array.from([...copy.subarray(0, from), ...copy.subarray(to)]);
    }
    case 2: {
      const from = place();
      return Uint8Array.from([...copy.subarray(0, from + random(8)), ...copy.subarray(from)]);
    }
    case 3:
      for (let left = 1 + random(3); left > 0; left--) copy[place()] = random(256);
      return copy;
    default: {
      const at = place();
      copy[at] = (copy[at] ?? 0) ^ (1 << random(8));
      return copy;
    }
  }
}
