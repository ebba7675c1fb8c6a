// Tries random names, URLs, JSON answers, pickles and hunks: each has to end in a result or a typed error.
//   deno run -A --config=deno.tools.json scripts/stress/fuzz.ts [CASES] [SEED]     (default: 1,000,000 cases, a random seed)
import { PROPERTIES } from "../../tests/fuzz/properties.ts";
import { progressBar } from "../shared/progress_bar.ts";

/** Cases between two updates of the bar; each has a seed of its own. */
const STEP = 1000;

const cases = Number(Deno.args[0] ?? 1_000_000);
const seed = Number(Deno.args[1] ?? Math.floor(Math.random() * 2 ** 31));
if (!Number.isSafeInteger(cases) || cases < 100 || !Number.isSafeInteger(seed)) {
  console.error(
    "deno run -A --config=deno.tools.json scripts/stress/fuzz.ts [CASES] [SEED]: both are whole numbers, at least 100 cases",
  );
  Deno.exit(2);
}
console.log(`${cases.toLocaleString("en")} cases, seed ${seed}`);
const bar = progressBar("Fuzzing", cases, "cases");
const counts: string[] = [];
let done = 0;
try {
  for (const { name, share, run } of PROPERTIES) {
    const own = Math.round(cases * share / 100);
    const began = performance.now();
    for (let at = 0; at < own; at += STEP) {
      const count = Math.min(STEP, own - at);
      await run(count, (seed + at) | 0);
      bar.update(done += count);
    }
    const seconds = (performance.now() - began) / 1000;
    counts.push(`${name.padEnd(14)} ${own.toLocaleString("en").padStart(9)} cases in ${seconds.toFixed(1)} s`);
  }
} finally {
  bar.stop();
}
console.log(`${counts.join("\n")}\nNo crash, no hang, no error but typed ones.`);
