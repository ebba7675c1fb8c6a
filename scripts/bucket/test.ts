// Runs what only a real object store can show: starts a Ceph, runs the tests against it, and ends it. Its last line: `N passed, N failed`.
//   deno task test:bucket [FILE OR FOLDER ...]
// With DDFS_TEST_S3 and its companions set (see `environment` in ceph.ts), the tests run against what they name.
import { missing } from "../runtimes/missing.ts";
import { Tally } from "../runtimes/tally.ts";
import { ENDING } from "../shared/signals.ts";
import { type CephSize, environment, hasCeph, PACKAGES, startCeph, stopCeph } from "./ceph.ts";

const ROOT = new URL("../..", import.meta.url);
/** The tests that want a real object store where there is one. */
const SUITES: Readonly<Record<string, readonly string[]>> = {
  "the bucket": ["tests/bucket"],
  "the stores and the recorded exchanges": ["tests/embedded/stores_test.ts", "tests/embedded/transcripts_test.ts"],
};

const tally = new Tally();
const suites = Deno.args.length > 0 ? { "the chosen tests": Deno.args } : SUITES;
// Ctrl-C ends the tests, not this script, which then ends Ceph, and begins nothing more.
let isEnding = false;
for (const signal of ENDING) Deno.addSignalListener(signal, () => isEnding = true);
if (Deno.env.has("DDFS_TEST_S3")) {
  await testAll({});
} else if (await hasCeph()) {
  await withCeph({ gateways: 2 }, testAll);
  // A Ceph with three disks is slower, and other tests cannot use it once one of them is killed.
  const kills = ["tests/bucket/killed_disk_test.ts"];
  if (Deno.args.length === 0) {
    await withCeph({ osds: 3, gateways: 2 }, (env) => test("a bucket one of whose disks is killed", kills, env));
  }
} else {
  tally.add(missing("Ceph", `apt-get install --no-install-recommends ${PACKAGES.join(" ")}`));
}
tally.close();

/** Starts a Ceph, and ends it when a task is done. */
async function withCeph(size: CephSize, task: (env: Record<string, string>) => Promise<void>): Promise<void> {
  if (isEnding) return;
  const folder = await Deno.makeTempDir({ prefix: "ddfs-ceph-" });
  try {
    const began = performance.now();
    const ceph = await startCeph(folder, size);
    console.log(`Ceph is there after ${((performance.now() - began) / 1000).toFixed(1)} s`);
    await task(environment(ceph));
  } finally {
    await stopCeph(folder);
  }
}

async function testAll(env: Record<string, string>): Promise<void> {
  for (const [name, paths] of Object.entries(suites)) await test(name, paths, env);
  if (Deno.args.length > 0) return;
  await withHandler(env, (master) => test("a master over the bucket", ["tests/master"], { DDFS_TEST_MASTER: master }));
}

/** Serves a folder of the bucket as a DDFS, by the command. */
async function withHandler(env: Record<string, string>, task: (master: string) => Promise<void>): Promise<void> {
  const named = (name: string) => env[`DDFS_TEST_S3${name}`] ?? Deno.env.get(`DDFS_TEST_S3${name}`) ?? "";
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "lib/cli/main.ts", "serve", `s3://${named("_BUCKET")}/master`, "--port", "0"],
    env: {
      AWS_ACCESS_KEY_ID: named("_ACCESS_KEY_ID"),
      AWS_SECRET_ACCESS_KEY: named("_SECRET_ACCESS_KEY"),
      AWS_ENDPOINT_URL_S3: named("").split(",")[0] ?? "",
    },
    ...{ cwd: ROOT, stdin: "null", stdout: "piped" },
  }).spawn();
  try {
    const { value = "" } = await child.stdout.pipeThrough(new TextDecoderStream()).getReader().read();
    await task(/https?:\S+/.exec(value)?.[0] ?? "http://none");
  } finally {
    try {
      child.kill("SIGTERM");
    } catch {
      // It has ended by itself: a signal to this script reaches it, too.
    }
    await child.status;
  }
}

async function test(name: string, paths: readonly string[], env: Record<string, string>): Promise<void> {
  if (isEnding) return;
  const child = new Deno.Command(Deno.execPath(), {
    ...{ args: ["run", "-A", "scripts/test.ts", ...paths], cwd: ROOT, env, stdin: "null", stdout: "piped" },
  }).spawn();
  let text = "";
  for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += piece;
    await Deno.stdout.write(new TextEncoder().encode(piece));
  }
  const { success } = await child.status;
  const [, passed, failed] = /(\d+) passed, (\d+) failed\s*$/.exec(text) ?? [];
  tally.suite(name, success, Number(passed ?? 0), Number(failed ?? 0));
}
