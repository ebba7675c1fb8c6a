// Measures gateway() beside a bare proxy, which passes on what one replica answers: times of both, one after the other, and the median of their ratios.
// The cluster and both handlers are processes of their own.
//   deno run -A --config=deno.tools.json scripts/bench/gateway.ts [ROUNDS]     (default: 15)
import { embedded } from "../../lib/embedded/mod.ts";
import { gateway } from "../../lib/gateway/mod.ts";
import { DDFS } from "../../mod.ts";

/** What is asked for, and how often in a round. */
interface Case {
  readonly name: string;
  readonly blob: string;
  readonly count: number;
  readonly atOnce: number;
  readonly range?: string;
  /** True if it is asked for by its whole name. */
  readonly isExact?: boolean;
  /** True if the gateway has a cache, which has it. */
  readonly isCached?: boolean;
}

const CASES: readonly Case[] = [
  { name: "64 MiB, whole", blob: "large", count: 1, atOnce: 1 },
  { name: "64 KiB of it, by Range", blob: "large", count: 64, atOnce: 4, range: "bytes=1048576-1114111" },
  { name: "10 KiB, by its name", blob: "small", count: 128, atOnce: 4 },
  { name: "10 KiB, by its whole name", blob: "small", count: 128, atOnce: 4, isExact: true },
  { name: "the same, from a cache", blob: "small", count: 128, atOnce: 4, isExact: true, isCached: true },
];

const [mode = "15", argument = ""] = Deno.args;
if (mode === "cluster") serveCluster();
else if (mode === "handlers") serveHandlers(argument);
else await measure(Number(mode));

function serve(handler: (request: Request) => Promise<Response>): void {
  Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: ({ port }) => console.log(port) },
    (request) => handler(request),
  );
}

function serveCluster(): void {
  serve(embedded().fetch);
}

/** Serves the gateway, the same with a cache below `/cached`, and the bare proxy below `/bare`, by the address that follows. */
function serveHandlers(master: string): void {
  const kept = new Map<string, { readonly bytes: ArrayBuffer; readonly headers: Headers }>();
  const cache = {
    match({ url }: Request) {
      const found = kept.get(url);
      return Promise.resolve(found && new Response(found.bytes, { headers: found.headers }));
    },
    async put({ url }: Request, response: Response) {
      kept.set(url, { bytes: await response.arrayBuffer(), headers: response.headers });
    },
  };
  const [plain, cached] = [gateway({ master, tags: ["site:"] }), gateway({ master, tags: ["site:"], cache })];
  serve(async (request) => {
    const { origin, pathname } = new URL(request.url);
    if (pathname.startsWith("/bare/")) {
      const range = request.headers.get("range");
      const answer = await fetch(pathname.slice("/bare/".length), { headers: range === null ? {} : { range } });
      return new Response(answer.body, answer);
    }
    if (!pathname.startsWith("/cached/")) return await plain.fetch(request);
    return await cached.fetch(new Request(origin + pathname.slice("/cached".length), request));
  });
}

async function measure(rounds: number): Promise<void> {
  const cluster = await started("cluster");
  const master = `disco://127.0.0.1:${cluster.port}`;
  const handlers = await started("handlers", master);
  const ddfs = new DDFS(master, { settings: {} });
  const random = new Blob(Array(64).fill(crypto.getRandomValues(new Uint8Array(65536))));
  await ddfs.push("site:blobs", [[new Blob(Array(16).fill(random)), "large"], [random.slice(0, 10240), "small"]]);
  const urls = (await ddfs.urls("site:blobs")).flat();

  console.log("| what | bare proxy | gateway | gateway / bare |\n| --- | --- | --- | --- |");
  for (const one of CASES) {
    const url = urls.find((url) => url.includes(`/${one.blob}$`)) ?? "";
    const bare = `/bare/${url.replace("disco://127.0.0.1", `http://127.0.0.1:${cluster.port}`)}`;
    const name = one.isExact ? url.slice(url.lastIndexOf("/") + 1) : one.blob;
    const own = `${one.isCached ? "/cached" : ""}/blob/site:blobs/${name}`;
    const times: [bare: number, own: number][] = [];
    for (let round = -2; round < rounds; round++) {
      const pair: [number, number] = [0, 0];
      // Each goes first in every other round.
      for (const which of round % 2 === 0 ? [0, 1] as const : [1, 0] as const) {
        pair[which] = await timeOf(handlers.port, which === 0 ? bare : own, one);
      }
      // The first two warm up.
      if (round >= 0) times.push(pair);
    }
    const [bareTime, ownTime, ratio] = [0, 1, 2].map((i) => median(times.map(([a, b]) => [a, b, b / a][i] ?? NaN)));
    console.log(`| ${one.name} | ${rate(one, bareTime)} | ${rate(one, ownTime)} | ${ratio?.toFixed(2)} |`);
  }
  for (const { stop } of [handlers, cluster]) await stop();
}

/** Asks for a path as often as a case wants; the milliseconds that it takes. */
async function timeOf(port: string, path: string, { count, atOnce, range }: Case): Promise<number> {
  const began = performance.now();
  let left = count;
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (left-- > 0) {
      const headers: Record<string, string> = range === undefined ? {} : { range };
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      for await (const _ of answer.body ?? []);
    }
  }));
  return performance.now() - began;
}

function rate({ count, blob }: Case, milliseconds = NaN): string {
  if (count === 1 && blob === "large") return `${Math.round(64_000 / milliseconds)} MiB/s`;
  return `${Math.round(count * 1000 / milliseconds)} a second`;
}

function median(numbers: number[]): number {
  return numbers.sort((a, b) => a - b)[numbers.length >> 1] ?? NaN;
}

/** Starts this script as a server. */
async function started(...args: string[]): Promise<{ port: string; stop: () => Promise<void> }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--config=deno.tools.json", import.meta.url, ...args],
    cwd: new URL("../..", import.meta.url),
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await reader.read();
  const stop = async () => {
    child.kill();
    await Promise.all([reader.cancel(), child.status]);
  };
  return { port: value.trim(), stop };
}
