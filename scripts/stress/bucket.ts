// 50 clients append to one tag through 4 handler processes and 2 gateways of a Ceph that it starts: plainly; with a disk and a handler killed midway; with
// lost and late PUTs, 503, and 500 for lost races. What is acknowledged must be there once.
//   deno run -A --config=deno.tools.json scripts/stress/bucket.ts [APPENDS] [SEED] [RUN ...]     (default: 20,000 appends a run, a random seed,
//   all runs: plain faults kills)
import { hasCeph, PACKAGES, startCeph, stopCeph } from "../bucket/ceph.ts";
import { progressBar } from "../shared/progress_bar.ts";
import { ENDING } from "../shared/signals.ts";
import { appendAll, type AppendsOptions } from "./bucket/appends.ts";

const [appendsGiven = 20_000, seedGiven, ...chosen] = Deno.args;
const appends = Number(appendsGiven);
const seed = Number(seedGiven ?? Math.floor(Math.random() * 2 ** 31));
if (!Number.isSafeInteger(appends) || appends < 1 || !Number.isSafeInteger(seed)) {
  console.error("bucket.ts [APPENDS] [SEED] [RUN ...]: the first two are whole numbers, at least 1 append");
  Deno.exit(2);
}
if (!await hasCeph()) {
  console.error(`There is no Ceph here: apt-get install --no-install-recommends ${PACKAGES.join(" ")}`);
  Deno.exit(1);
}

const folder = await Deno.makeTempDir({ prefix: "ddfs-ceph-" });
const stop = () => void stopCeph(folder).finally(() => Deno.exit(130));
for (const signal of ENDING) Deno.addSignalListener(signal, stop);
try {
  console.log(`${appends.toLocaleString("en")} appends a run, seed ${seed}`);
  const { gateways: endpoints, bucket, osds, ...credentials } = await startCeph(folder, { osds: 3, gateways: 2 });
  const { accessKeyId, secretAccessKey } = credentials;
  const s3 = { endpoints, bucket, credentials: { accessKeyId, secretAccessKey } };
  const kill: AppendsOptions["onProgress"] = (done, handlers) => {
    if (done === Math.floor(appends / 3) && osds[0] !== undefined) Deno.kill(osds[0], "SIGKILL");
    if (done === Math.floor(appends / 2)) handlers[0]?.signal("SIGKILL");
  };
  const runs: readonly (readonly [what: string, how: Pick<AppendsOptions, "faults" | "onProgress">])[] = [
    ["plain", {}],
    ["faults", { faults: { busy: 0.02, lost: 0.05, late: 0.03, vague: 0.3 } }],
    ["kills", { onProgress: kill }],
  ];
  for (const [what, how] of runs) {
    if (chosen.length > 0 && !chosen.includes(what)) continue;
    const bar = progressBar(what, appends, "appends");
    const outcome = await appendAll({
      ...{ s3, handlers: 4, clients: 50, appends, seed, ...how },
      onProgress: async (done, handlers) => {
        bar.update(done);
        await how.onProgress?.(done, handlers);
      },
    });
    bar.stop();
    const { acknowledged, unknown, lost, doubled, took, errors } = outcome;
    const rate = Math.round(acknowledged / took * 1000);
    console.log(
      `${what}: ${acknowledged} acknowledged (${rate} a second), ${unknown} unknown, ${lost} lost, ${doubled} doubled`,
    );
    for (const error of errors.slice(0, 5)) console.log(`  ${error}`);
    if (lost + doubled > 0) Deno.exitCode = 1;
  }
} finally {
  for (const signal of ENDING) Deno.removeSignalListener(signal, stop);
  await stopCeph(folder);
}
