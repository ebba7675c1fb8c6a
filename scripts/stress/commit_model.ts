// Tries out the commits of DDFSs in one bucket on random schedules of appends, repeated requests and deletions, with lost, late and missing answers, clients that
// send again what a tag has forgotten, and clocks that are wrong by minutes: what is acknowledged is there once, the rest at most once.
//   deno run -A --config=deno.tools.json scripts/stress/commit_model.ts [SCHEDULES] [SEED]     (default: 5,000 schedules, a random seed)
import { runSchedule } from "../../tests/embedded/objects/tags/commit_model.ts";
import { progressBar } from "../shared/progress_bar.ts";
import { Random } from "./chaos/random.ts";

const schedules = Number(Deno.args[0] ?? 5000);
const seed = Number(Deno.args[1] ?? Math.floor(Math.random() * 2 ** 31));
if (!Number.isSafeInteger(schedules) || schedules < 1 || !Number.isSafeInteger(seed)) {
  console.error("commit_model.ts [SCHEDULES] [SEED]: both are whole numbers, at least 1 schedule");
  Deno.exit(2);
}

console.log(`${schedules.toLocaleString("en")} schedules, seed ${seed}`);
const bar = progressBar("Running", schedules, "schedules");
const faulty: string[] = [];
let [acknowledged, unknown] = [0, 0];
for (let i = 0; i < schedules; i++) {
  const random = new Random(seed + i);
  const often = () => random.pick([0, 0.05, 0.2, 0.5]);
  const faults = { lostAnswer: often(), late: often(), busy: often() / 4, vague: often(), silence: often() / 25 };
  const size = { handlers: 1 + random.below(5), writers: 1 + random.below(12), appends: 1 + random.below(12) };
  const clients = random.pick([{}, { patience: 300 }, { patience: 2000, keys: 1 }, { patience: 600, keys: 5 }]);
  const outcome = await runSchedule(random, { ...size, ...clients, length: random.pick([20, 3000]), faults });
  if (outcome.wrong.length > 0) faulty.push(`seed ${seed + i}: ${outcome.wrong.slice(0, 3).join("; ")}`);
  acknowledged += outcome.acknowledged;
  unknown += outcome.unknown;
  if (i % 10 === 0) bar.update(i);
}
bar.stop();
const [appends, maybe] = [acknowledged, unknown].map((count) => count.toLocaleString("en"));
console.log(`${appends} appends acknowledged, of ${maybe} nobody knows; ${faulty.length} schedules went wrong`);
for (const line of faulty.slice(0, 20)) console.log(line);
if (faulty.length > 0) Deno.exitCode = 1;
