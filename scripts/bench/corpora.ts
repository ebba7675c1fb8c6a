// Makes the texts that the codec is measured on: always the same ones, synthetic, with the entropy of the real thing.
//   deno run -A scripts/bench/corpora.ts DIR [MIB]     (writes one file each, of 32 MiB by default)
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import process from "node:process";

/** A text that is chunked. */
export interface Corpus {
  /** What it is like. */
  readonly name: string;
  readonly text: Uint8Array<ArrayBuffer>;
}

const SYLLABLES =
  "ba be bi bo ca ce co da de di do fa fe fi ga go ha he hi in is la le li lo ma me mi mo na ne no on or pa pe po ra re ri ro sa se si so ta te ti to un us va ve vi"
    .split(" ");
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const SUFFIXES = ["", "/", ".html", ".css", ".js", ".png", ".json"];
const SITES = ["www.example.com", "shop.example.com", "blog.example.org"];
const SEED = 20261122;
const PIECE = 1 << 20;

/**
 * Makes the corpora: `weblog`, a combined access log; `jsonl`, a service's log as JSON lines; `words`, very short lines; `csv`, numbers;
 * `long`, lines of 100 KiB; `noise`, bytes that cannot be compressed.
 *
 * @param size Bytes each, at least; each ends with the line that reaches them.
 * @returns One after the other, since each may be large.
 */
export function* corpora(size: number): Generator<Corpus> {
  const random = mulberry32(SEED);
  for (const [name, line] of Object.entries(lineMakers(random))) yield { name, text: linesOf(line, size) };
  yield { name: "noise", text: noise(size) };
}

function mulberry32(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** What makes the lines of each corpus; they share one clock and one source of numbers, so their order counts. */
function lineMakers(random: () => number): Record<string, () => string> {
  const below = (n: number) => Math.floor(random() * n);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  // The item of rank r comes with a probability of about 1/r.
  const rank = (n: number) => Math.min(n - 1, Math.floor(n ** random()) - 1);
  const many = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);
  const hex = (n: number) => createHash("sha256").update(String(random())).digest("hex").slice(0, n);
  const two = (n: number) => String(n).padStart(2, "0");

  const dictionary = many(4000, () => many(2 + below(3), () => pick(SYLLABLES)).join(""));
  const word = () => dictionary[rank(dictionary.length)] as string;
  const paths = many(5000, () => "/" + many(1 + below(4), () => pick(dictionary)).join("/") + pick(SUFFIXES));
  const path = () => paths[rank(5000)] as string;
  const addresses = many(20000, () => `${1 + below(223)}.${below(256)}.${below(256)}.${below(256)}`);
  const agents = many(400, () =>
    pick([
      () =>
        `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${90 + below(60)}.0.${
          below(7000)
        }.${below(200)} Safari/537.36`,
      () => `Mozilla/5.0 (X11; Linux x86_64; rv:${90 + below(50)}.0) Gecko/20100101 Firefox/${90 + below(50)}.0`,
      () =>
        `Mozilla/5.0 (iPhone; CPU iPhone OS ${14 + below(5)}_${
          below(7)
        } like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148`,
      () => `curl/8.${below(12)}.${below(3)}`,
    ])());

  let clock = 1700000000;
  return {
    weblog() {
      if (random() < 0.3) clock += below(4);
      const d = new Date(clock * 1000);
      const at = `${two(d.getUTCDate())}/${MONTHS[d.getUTCMonth()]}/${d.getUTCFullYear()}:${two(d.getUTCHours())}:${
        two(d.getUTCMinutes())
      }:${two(d.getUTCSeconds())} +0000`;
      const query = random() < 0.25 ? `?${pick(dictionary)}=${below(100000)}` : "";
      const status = pick([200, 200, 200, 200, 200, 200, 304, 404, 301, 500]);
      const referer = random() < 0.4 ? "-" : `https://${pick(SITES)}${path()}`;
      return `${addresses[rank(20000)]} - - [${at}] "${
        random() < 0.9 ? "GET" : "POST"
      } ${path()}${query} HTTP/1.1" ${status} ${Math.floor(random() ** 4 * 200000)} "${referer}" "${
        agents[rank(400)]
      }"\n`;
    },
    jsonl() {
      clock += below(3);
      return JSON.stringify({
        ts: new Date(clock * 1000 + below(1000)).toISOString(),
        level: pick(["debug", "info", "info", "info", "warn", "error"]),
        service: pick(["api", "auth", "billing", "search", "ingest"]),
        host: `node-${below(64)}.dc${1 + below(3)}.internal`,
        trace: hex(16),
        user: below(200000),
        latency_ms: Math.round(random() * random() * 100000) / 100,
        path: path(),
        msg: many(2 + below(8), word).join(" "),
      }) + "\n";
    },
    words: () => word() + (random() < 0.5 ? "\t" + below(1000) : "") + "\n",
    csv: () =>
      `${clock += below(60)},${below(5000)},${(random() * 180 - 90).toFixed(5)},${(random() * 360 - 180).toFixed(5)},${
        Math.round(random() * 1e4) / 100
      },${pick(["A", "B", "C"])}\n`,
    long: () => many(16000, word).join(" ").slice(0, 102399) + "\n",
  };
}

function linesOf(line: () => string, size: number): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const text = new Uint8Array(size + 2 * PIECE);
  let at = 0;
  for (let piece = ""; at < size; piece = "") {
    while (piece.length <= PIECE && at + piece.length < size) piece += line();
    at += encoder.encodeInto(piece, text.subarray(at)).written;
  }
  return text.subarray(0, at);
}

function noise(size: number): Uint8Array<ArrayBuffer> {
  const words = new Int32Array(Math.ceil(size / 4));
  let word = 2463534242;
  for (let i = 0; i < words.length; i++) {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    words[i] = word;
  }
  return new Uint8Array(words.buffer);
}

if (import.meta.main) {
  const [dir = "corpora", mib = "32"] = process.argv.slice(2);
  await mkdir(dir, { recursive: true });
  for (const { name, text } of corpora(Number(mib) * 2 ** 20)) {
    await writeFile(`${dir}/${name}.txt`, text);
    console.log(`${dir}/${name}.txt: ${text.length} bytes`);
  }
}
