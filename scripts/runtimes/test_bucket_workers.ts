import { DDFS } from "../../mod.ts";
import type { Outcome } from "../../tests/runtimes/bdd.ts";
import { output, run } from "../shared/processes.ts";
import { type BucketWorker, startBucketWorker } from "./miniflare.ts";
import type { Tally } from "./tally.ts";
import { resident, same } from "./workerd.ts";

const ROOT = new URL("../..", import.meta.url);
const MIB = 1 << 20;
/** The most bytes of the example, gzipped: 5 to 10% more than there are. */
const MOST = 41_200;

/** The Workers with a bucket that are tested. */
export interface BucketWorkers {
  /** The example. */
  readonly example: BucketWorker;
  /** The same as it is deployed. */
  readonly minified: BucketWorker;
  /** The suites that any store is held to. */
  readonly suites: BucketWorker;
}

/** Tests Workers that have an R2 bucket. */
export async function testBucketWorkers(
  tally: Tally,
  work: string,
  installed: string,
  { example, minified, suites }: BucketWorkers,
): Promise<void> {
  const using = async (name: string, worker: BucketWorker, task: (origin: string, pid: number) => Promise<void>) => {
    const { origin, pid, stop } = await startBucketWorker(installed, `${work}/${name}`, worker);
    await task(origin, pid).finally(stop);
  };
  await using("suites", suites, async (origin) => {
    const answer = await fetch(origin);
    const text = await answer.text();
    const { passed, failed, failures }: Outcome = answer.ok
      ? JSON.parse(text)
      : { passed: 0, failed: 1, failures: [text] };
    for (const failure of failures) console.log(`FAILED  ${failure}`);
    tally.suite("stores and recorded exchanges, in an R2 bucket inside workerd", failed === 0, passed, failed);
  });

  await tally.step("the Worker with a bucket: its size", async () => {
    const path = `${work}/bucket_worker.mjs`;
    await Deno.writeTextFile(path, minified.code);
    await output("gzip", ["-9", "-n", path]);
    const { size } = await Deno.stat(`${path}.gz`);
    console.log(`        ${(size / 1000).toFixed(1)} KB gzipped, at most ${MOST / 1000}`);
    if (size > MOST) throw new Error(`${size} bytes in place of at most ${MOST}`);
  });

  const texts = { HOST: "127.0.0.1", ADMIN_TOKEN: "secret", ORPHAN_AGE: "0" };
  await using("bucket", { ...example, texts }, async (origin, pid) => {
    const args = ["run", "-A", "scripts/test.ts", "tests/master"];
    const { success, text } = await run(Deno.execPath(), args, { cwd: ROOT, env: { DDFS_TEST_MASTER: origin } });
    const [, passed = "0", failed = "0"] = text.match(/^(\d+) passed, (\d+) failed$/m) ?? [];
    if (!success) console.log(text);
    tally.suite("a client of a DDFS in a bucket, inside workerd", success, Number(passed), Number(failed));
    await testDdfs(tally, origin, pid);
  });
}

async function testDdfs(tally: Tally, origin: string, pid: number): Promise<void> {
  const ddfs = new DDFS(origin, { settings: {} });
  const addressOf = (stored: string) => stored.replace("disco://127.0.0.1", origin);

  await tally.step("the Worker with a bucket: push, a part of a blob by Range, a token", async () => {
    const { blobs: [[stored = ""] = []] } = await ddfs.push("test:site", [[new Blob(["0123456789"]), "digits"]]);
    const answer = await fetch(addressOf(stored), { headers: { range: "bytes=2-4" } });
    same([answer.status, answer.headers.get("content-range"), await answer.text()], [206, "bytes 2-4/10", "234"]);
    const mine = new DDFS(origin, { settings: {}, token: "mine" });
    await mine.push("test:mine", [[new Blob(["x"]), "x"]]);
    same(await ddfs.get("test:mine").then(() => "", (error) => error.code), "unauthorized");
    same((await mine.urls("test:mine")).length, 1);
  });

  await tally.step("the Worker with a bucket: chunk, and the records again", async () => {
    const lines = Array.from({ length: 200_000 }, (_, i) => `${i} GET /page/${i % 1000}\n`);
    await ddfs.chunk("test:log", [[new Blob(lines), "log"]], { chunkSize: 100_000 });
    let found = "";
    for await (const batch of ddfs.recordBatches("tag://test:log", { text: true, workers: 0 })) found += batch.join("");
    same(found === lines.join(""), true);
  });

  await tally.step(
    "the Worker with a bucket: 200 appends to one tag, and none of them lost though clients go away",
    async () => {
      await ddfs.tag("test:hot", []);
      const kept: string[] = [];
      await Promise.all(Array.from({ length: 20 }, async (_, writer) => {
        for (let i = 0; i < 10; i++) {
          const url = `disco://127.0.0.1/ddfs/vol0/blob/00/w${writer}-${i}$1-1-1`;
          const gone = new AbortController();
          const sent = fetch(`${origin}/ddfs/tag/test:hot`, {
            ...{ method: "POST", body: JSON.stringify([[url]]), signal: gone.signal },
          });
          // Every fourth client goes away before it has its answer, also while its request writes for others.
          const timer = (writer + i) % 4 === 0 ? setTimeout(() => gone.abort(), 1 + i) : undefined;
          const answer = await sent.catch(() => undefined);
          clearTimeout(timer);
          await answer?.body?.cancel().catch(() => {});
          if (answer?.ok) kept.push(url);
        }
      }));
      const urls = (await ddfs.urls("test:hot")).flat();
      same(kept.filter((url) => urls.filter((other) => other === url).length !== 1), []);
      if (kept.length < 100) throw new Error(`only ${kept.length} were acknowledged`);
    },
  );

  await tally.step("the Worker with a bucket: 150 MiB in and out, in less than 128 MiB more than before", async () => {
    const before = await resident(pid, "VmRSS");
    const part = new Blob([crypto.getRandomValues(new Uint8Array(65536))]);
    const [url = ""] = await (await fetch(`${origin}/ddfs/new_blob/large`)).json();
    const stored: string = await (await fetch(url, { method: "PUT", body: new Blob(Array(150 * 16).fill(part)) }))
      .json();
    await ddfs.tag("test:large", [[stored]]);
    let size = 0;
    for await (const bytes of (await fetch(addressOf(stored))).body ?? []) size += bytes.length;
    const peak = await resident(pid, "VmHWM");
    const text =
      `workerd's resident memory, the simulated bucket's included: ${before} MiB before, ${peak} MiB at most`;
    console.log(`        ${text}`);
    same(size, 150 * MIB);
    if (peak - before >= 128) throw new Error(text);
  });

  await tally.step(
    "the Worker with a bucket: its collection deletes what no tag has, and wants the token",
    async () => {
      const [url = ""] = await (await fetch(`${origin}/ddfs/new_blob/orphan`)).json();
      const orphan: string = await (await fetch(url, { method: "PUT", body: "nobody's" })).json();
      const status = async (stored: string) => {
        const answer = await fetch(addressOf(stored), { method: "HEAD" });
        return answer.status;
      };
      same(await status(orphan), 200);
      same((await fetch(`${origin}/ddfs/ctrl/gc_start`)).status, 401);

      const answer = await fetch(`${origin}/cdn-cgi/handler/scheduled`);

      same([answer.status, await answer.text()], [200, "ok"]);
      same(await status(orphan), 404);
      for (const tag of ["test:site", "test:log", "test:large"]) {
        for (const [stored = ""] of await ddfs.urls(tag)) same([tag, await status(stored)], [tag, 200]);
      }
    },
  );
}
