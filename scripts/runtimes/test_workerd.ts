// Tests the npm package in workerd, which runs Cloudflare's Workers: the golden and behaviour tests with each way to load the codec,
// the example Workers and their memory, and a DDFS inside a Worker, also one in an R2 bucket.
//   deno task test:workerd
import * as esbuild from "esbuild";
import { DDFS } from "../../mod.ts";
import { embedded } from "../../lib/embedded/mod.ts";
import type { SuiteOutcome } from "../../tests/runtimes/suite.ts";
import { fillForTable, TABLE, tableFaults } from "../../tests/gateway/table.ts";
import { memoryCache } from "../../tests/runtimes/worker/cache.ts";
import { bundleWorker } from "./bundle_worker.ts";
import { missing } from "./missing.ts";
import { installNpm } from "../package/pack_npm.ts";
import { run } from "../shared/processes.ts";
import { Tally } from "./tally.ts";
import { IN_BUNDLES, testdata } from "./test_bundle.ts";
import { testBucketWorkers } from "./test_bucket_workers.ts";
import { resident, type Running, same, startWorker, type Worker, workerdPath } from "./workerd.ts";

const ROOT = new URL("../..", import.meta.url);
const MIB = 1 << 20;

/** How a Worker gets the codec. */
const CODECS = [
  { name: "from a static import", conditions: ["workerd", "worker"], compatibilityDate: "2024-09-23", codec: "wasm" },
  { name: "from bytes at the top level", conditions: ["worker"], compatibilityDate: "2025-06-01", codec: "wasm" },
  {
    name: "not at all, by an old compatibility date",
    conditions: ["worker"],
    compatibilityDate: "2024-09-23",
    codec: "js",
  },
] as const;

const tally = new Tally();
const work = await Deno.makeTempDir({ prefix: "ddfs-workerd-" });
try {
  console.log("Packing and installing ...");
  const installed = await installNpm(work, [...IN_BUNDLES, "workerd", "miniflare"]);
  const workerd = await workerdPath(installed);
  if (workerd === undefined) tally.add(missing("workerd", "npm has none for this machine"));
  else await testIn(workerd, installed);
} finally {
  await esbuild.stop();
  await Deno.remove(work, { recursive: true });
}
tally.close();

async function testIn(workerd: string, installed: string): Promise<void> {
  const bundled = (file: string, conditions: readonly string[]) => bundleWorker(installed, file, conditions);

  for (const { name, conditions, compatibilityDate, codec } of CODECS) {
    const worker = { ...await bundled("runtimes/worker/suite_worker.ts", conditions), compatibilityDate };
    await using(workerd, `${work}/${codec}`, worker, async ({ origin }) => {
      const outcome: SuiteOutcome = await (await fetch(origin)).json();
      for (const failure of outcome.failures) console.log(`FAILED  ${failure}`);
      await tally.step(`the codec ${name}: ${codec}`, () => same(outcome.codec, codec));
      tally.suite(`the suite in workerd, the codec ${name}`, true, outcome.passed, outcome.failed);
      await tally.sameBytes(`workerd, the codec ${name}`, outcome.digests);
    });
  }

  const host = {
    ...await bundled("examples/serve_worker.ts", ["workerd"]),
    compatibilityDate: "2024-09-23",
    store: "Store",
  };
  await using(workerd, `${work}/embedded`, host, async ({ origin }) => {
    const args = ["run", "-A", "scripts/test.ts", "tests/master"];
    const { success, text } = await run(Deno.execPath(), args, { cwd: ROOT, env: { DDFS_TEST_MASTER: origin } });
    const [, passed = "0", failed = "0"] = text.match(/^(\d+) passed, (\d+) failed$/m) ?? [];
    if (!success) console.log(text);
    tally.suite("a client of a DDFS inside workerd", success, Number(passed), Number(failed));
  });

  await testExample(workerd, work, await bundled("examples/edge_worker.ts", ["workerd"]));
  await testGateway(workerd, work, await bundled("runtimes/worker/gateway_worker.ts", ["workerd"]));
  await testBucketWorkers(tally, work, installed, {
    example: await bundled("examples/bucket_worker.ts", ["workerd"]),
    minified: await bundleWorker(installed, "examples/bucket_worker.ts", ["workerd"], { minify: true }),
    suites: await bundleWorker(installed, "runtimes/worker/stores_worker.ts", ["workerd"], {
      external: ["node:*"],
      define: { TESTDATA: await testdata("testdata/transcripts.json") },
    }),
  });
}

/** The example Worker, which is a gateway, in front of a DDFS on this machine's disk. */
async function testExample(workerd: string, work: string, code: Pick<Worker, "code" | "wasm">): Promise<void> {
  const ddfs = embedded({ root: `${work}/volume` });
  const kept = memoryCache();
  const [server, cache] = [listen(ddfs.fetch), listen(kept.fetch)];
  const master = `disco://127.0.0.1:${server.addr.port}`;
  const client = new DDFS(master, { settings: {} });
  const lines = Array.from({ length: 200_000 }, (_, i) => `${i} GET /page/${i % 1000} ${i % 7 === 0 ? 404 : 200}\n`);
  const { blobs: [[stored = ""] = []] } = await client.push("site:small", [[new Blob(["0123456789"]), "digits"]]);
  const object = stored.slice(stored.lastIndexOf("/") + 1);
  await client.chunk("site:log", [[new Blob(lines), "log"]]);
  const part = new Blob([crypto.getRandomValues(new Uint8Array(65536))]);
  const blobs = (count: number, size: number) =>
    Array.from({ length: count }, (_, i): [Blob, string] => [new Blob(Array(size * 16).fill(part)), `part${i}`]);
  await client.push("site:large", blobs(1, 500));
  await client.push("site:middle", blobs(10, 50));
  await client.push("site:kept", blobs(20, 25));

  const worker: Worker = {
    ...code,
    compatibilityDate: "2025-06-01",
    texts: { DISCO_MASTER: master },
    cache: `127.0.0.1:${cache.addr.port}`,
  };
  await using(workerd, `${work}/example`, worker, async ({ origin }) => {
    const get = (path: string, range?: string) =>
      fetch(origin + path, { headers: range === undefined ? {} : { range } });
    await tally.step("the example Worker: a blob, the second time from the cache, in parts as well", async () => {
      same(await (await get(`/blob/site:small/${object}`)).text(), "0123456789");
      while (kept.size() === 0) await new Promise((resolve) => setTimeout(resolve, 10));
      const again = await get(`/blob/site:small/${object}`);
      same([kept.hits(), await again.text()], [1, "0123456789"]);
      same(again.headers.get("cache-control"), "public, max-age=31536000, immutable");
      const answer = await get(`/blob/site:small/${object}`, "bytes=7-");
      same([kept.hits(), answer.status, await answer.text()], [2, 206, "789"]);
    });
    await tally.step("the example Worker: the lines of a chunked tag that contain a text", async () => {
      const headers = { accept: "text/plain" };
      const answer = await fetch(`${origin}/records/site:log?filter=page/77%20404`, { headers });
      same(await answer.text(), lines.filter((line) => line.includes("page/77 404")).join(""));
    });
  });
  const [one, middle, small] = await Promise.all(["large", "middle", "kept"].map(async (tag) => {
    const sets = await client.urls(`site:${tag}`);
    return sets.map(([url = ""]) => `/blob/site:${tag}/${url.slice(url.lastIndexOf("/") + 1)}`);
  }));
  for (
    const { name, paths = [], atOnce } of [
      { name: "one blob", paths: one, atOnce: 1 },
      { name: "ten blobs, four at once", paths: middle, atOnce: 4 },
      { name: "20 blobs that it keeps, two at once", paths: small, atOnce: 2 },
    ]
  ) {
    await tally.step(`the example Worker: 500 MiB in ${name}, in less than 128 MiB more than before`, async () => {
      await using(workerd, `${work}/${atOnce}`, worker, async ({ origin, pid }) => {
        await (await fetch(`${origin}/blob/site:small/digits`)).text();
        const before = await resident(pid, "VmRSS");
        const waiting = [...paths];
        let size = 0;
        await Promise.all(Array.from({ length: atOnce }, async () => {
          for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
            for await (const bytes of (await fetch(origin + path)).body ?? []) size += bytes.length;
          }
        }));
        const peak = await resident(pid, "VmHWM");
        const text = `workerd's resident memory: ${before} MiB before, ${peak} MiB at most while ${
          size / MIB
        } MiB passed`;
        console.log(`        ${text}`);
        same(size, 500 * MIB);
        if (peak - before >= 128) throw new Error(text);
      });
    });
  }
  await Promise.all([server.shutdown(), cache.shutdown()]);
  await ddfs.close();
}

/** A gateway with tokens and origins: the table of requests and answers, asked twice, so that answers come from the cache as well. */
async function testGateway(workerd: string, work: string, code: Pick<Worker, "code" | "wasm">): Promise<void> {
  const ddfs = embedded();
  const [server, cache] = [listen(ddfs.fetch), listen(memoryCache().fetch)];
  const master = `disco://127.0.0.1:${server.addr.port}`;
  const names = await fillForTable(new DDFS(master, { settings: {} }));
  const worker: Worker = {
    ...code,
    compatibilityDate: "2025-06-01",
    texts: { DISCO_MASTER: master },
    cache: `127.0.0.1:${cache.addr.port}`,
  };
  await using(workerd, `${work}/gateway`, worker, async ({ origin }) => {
    for (const time of ["first", "second"]) {
      await tally.step(`the gateway: ${TABLE.length} requests of the table, the ${time} time`, async () => {
        same(await tableFaults(names, (path, init) => fetch(origin + path, init)), []);
      });
    }
  });
  await Promise.all([server.shutdown(), cache.shutdown()]);
  await ddfs.close();
}

function listen(handler: (request: Request) => Promise<Response>): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => handler(request));
}

/** Starts a Worker for a task. */
async function using(
  workerd: string,
  folder: string,
  worker: Worker,
  task: (running: Running) => Promise<void>,
): Promise<void> {
  const running = await startWorker(workerd, folder, worker);
  try {
    await task(running);
  } finally {
    await running.stop();
  }
}
