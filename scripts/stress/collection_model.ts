// Tries out the collection of a DDFS in a bucket on random schedules of uploads, taggers, collectors, crashes and delays of hours: the right protocol
// loses nothing, and wrong ones lose something.
//   deno run -A --config=deno.tools.json scripts/stress/collection_model.ts [SCHEDULES] [SEED]     (default: 100,000 schedules, a random seed)
import { type Faults, runSchedule } from "../../tests/embedded/objects/collection/collection_model.ts";
import { progressBar } from "../shared/progress_bar.ts";
import { Random } from "./chaos/random.ts";

const schedules = Number(Deno.args[0] ?? 100_000);
const seed = Number(Deno.args[1] ?? Math.floor(Math.random() * 2 ** 31));
if (!Number.isSafeInteger(schedules) || schedules < 1 || !Number.isSafeInteger(seed)) {
  console.error("collection_model.ts [SCHEDULES] [SEED]: both are whole numbers, at least 1 schedule");
  Deno.exit(2);
}

/** The protocols: that of the library, and wrong ones, of which fewer schedules are run. */
const PROTOCOLS: readonly [what: string, faults: Faults, share: number][] = [
  ["as the library does it", {}, 1],
  ["taggers mark nothing", { unmarked: true }, 0.1],
  ["two flags, the tagger's one with a life by its own clock", { flags: true }, 0.1],
  ["a slow tagger does not look at the marks again", { unhurried: true }, 0.1],
  ["a mark counts as seen when the collection began", { seenAtBeginning: true }, 0.1],
  ["a mark has to be old now, not at the beginning", { oldByNow: true }, 0.1],
  ["a collector deletes long after it decided", { lateDeletes: true }, 0.1],
  ["a collection goes on for ever", { endless: true }, 0.1],
  ["a collector has a shorter orphanAge than taggers rely on", { ownAge: true }, 0.1],
];

console.log(`${schedules.toLocaleString("en")} schedules, seed ${seed}`);
const bar = progressBar("Running", PROTOCOLS.reduce((sum, [, , share]) => sum + share * schedules, 0), "schedules");
const rows: string[] = [];
let done = 0;
for (const [what, faults, share] of PROTOCOLS) {
  const lost: number[] = [];
  const count = Math.ceil(schedules * share);
  for (let i = 0; i < count; i++) {
    if (runSchedule(new Random(seed + i), faults).length > 0) lost.push(seed + i);
    if (++done % 1000 === 0) bar.update(done);
  }
  const first = lost[0] === undefined ? "" : `, first with seed ${lost[0]}`;
  rows.push(`${what}: ${lost.length} of ${count.toLocaleString("en")} lose a blob${first}`);
  if (share === 1 && lost.length > 0) Deno.exitCode = 1;
}
bar.stop();
console.log(rows.join("\n"));
