/** A generator of numbers from 0 up to 1, the same ones for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const SYLLABLES = "ba be co da de fi ga ha in la le li ma me mo na no on pa pe ra re ro sa se ta ti un va vi".split(
  " ",
);
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const STATUSES = [200, 200, 200, 200, 200, 200, 304, 404, 301, 500];
const SITES = ["https://www.example.com", "https://shop.example.com", "https://blog.example.org"];
const SUFFIXES = ["", "/", ".html", ".css", ".js", ".png", ".json"];
const START = Date.UTC(2023, 10, 14);
const PIECE = 1 << 20;

/**
 * Makes an access log as web servers write it: few paths, clients and browsers account for most lines, as in a real one.
 *
 * @param size How many bytes at least; it ends with the line that reaches them.
 * @returns Pieces of about 1 MiB, always the same ones.
 */
export function* accessLog(size: number): Generator<Uint8Array<ArrayBuffer>> {
  const random = seeded(20231114);
  const below = (n: number) => Math.floor(random() * n);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  // The item of rank r comes with a probability of about 1/r.
  const popular = <T>(list: readonly T[]): T => list[Math.floor(list.length ** random()) - 1] as T;
  const many = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);

  const words = many(3000, () => many(2 + below(3), () => pick(SYLLABLES)).join(""));
  const paths = many(5000, () => `/${many(1 + below(4), () => pick(words)).join("/")}${pick(SUFFIXES)}`);
  const clients = many(20000, () => `${1 + below(223)}.${below(256)}.${below(256)}.${below(256)}`);
  const browsers = many(400, () =>
    pick([
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${
        90 + below(60)
      }.0.0.0 Safari/537.36`,
      `Mozilla/5.0 (X11; Linux x86_64; rv:${90 + below(50)}.0) Gecko/20100101 Firefox/${90 + below(50)}.0`,
      `Mozilla/5.0 (iPhone; CPU iPhone OS ${14 + below(5)}_${
        below(7)
      } like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)`,
      `curl/8.${below(12)}.${below(3)}`,
    ]));

  const encoder = new TextEncoder();
  let time = START;
  let piece = "";
  for (let made = 0; made < size; made += piece.length) {
    piece = "";
    while (piece.length < PIECE && made + piece.length < size) {
      if (random() < 0.3) time += 1000 * below(4);
      const request = `${random() < 0.9 ? "GET" : "POST"} ${popular(paths)}${
        random() < 0.25 ? `?${pick(words)}=${below(1e5)}` : ""
      }`;
      const referer = random() < 0.4 ? "-" : `${pick(SITES)}${popular(paths)}`;
      const bytes = Math.floor(random() ** 4 * 200_000);
      piece += `${popular(clients)} - - [${clock(time)}] "${request} HTTP/1.1" ${
        pick(STATUSES)
      } ${bytes} "${referer}" "${popular(browsers)}"\n`;
    }
    yield encoder.encode(piece);
  }
}

/** A time as access logs have it, in UTC. */
function clock(time: number): string {
  const date = new Date(time);
  const iso = date.toISOString();
  return `${iso.slice(8, 10)}/${MONTHS[date.getUTCMonth()]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}
