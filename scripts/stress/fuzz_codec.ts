// Compares the codec with native zlib, in both directions, damaged streams included; and with fflate, and libdeflate, igzip, pako,
// zopfli and 7-Zip where they are there.
//   deno run -A --no-lock scripts/stress/fuzz_codec.ts [--cases N] [--seed N] [--others-every N]
//   (default: 200,000 cases, a random seed; --others-every 100: 99 of 100 cases are compared with zlib only, which takes a fraction of the time)
import { parseArgs } from "node:util";
import { codec } from "../../lib/codec/mod.ts";
import { seeded } from "../../tests/helpers/codec_samples.ts";
import { difference, FFLATE } from "../../tests/helpers/codec_zlib.ts";
import { progressBar } from "../shared/progress_bar.ts";
import { commandCodecs, packageCodecs } from "./other_codecs.ts";
import { nativeCodecs } from "../shared/native_codecs.ts";

/** The most bytes of a case, and of every hundredth, which has several blocks and windows. */
const LARGEST = 12_000;
const LARGE_EVERY = 100;
const LARGEST_OF_ALL = 1_500_000;
/** Every so many cases commands compress too, each a process of its own. */
const COMMANDS_EVERY = 1000;
/** Every so many cases it is the js codec's turn. */
const JS_EVERY = 8;

const { values } = parseArgs({
  options: { cases: { type: "string" }, seed: { type: "string" }, "others-every": { type: "string", default: "1" } },
});
const cases = Number(values.cases ?? 200_000);
const first = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const othersEvery = Number(values["others-every"]);
if (![cases, first, othersEvery].every(Number.isSafeInteger) || cases < 1 || othersEvery < 1) {
  console.error(
    "scripts/stress/fuzz_codec.ts [--cases N] [--seed N] [--others-every N]: whole numbers, at least 1 but for the seed",
  );
  Deno.exit(2);
}
console.log(`${cases.toLocaleString("en")} cases, seed ${first}`);
const missing = (name: string, cause: unknown) => console.log(`Without ${name}: ${String(cause).split("\n")[0]}`);
const others = [FFLATE, ...nativeCodecs(missing), ...await packageCodecs(missing)];
const commands = commandCodecs(missing);
const began = performance.now();
const bar = progressBar("Comparing", cases, "cases");
const found: string[] = [];
try {
  for (let i = 0; i < cases; i++) {
    // A case has a seed of its own, by which it can be run alone.
    const seed = first + i;
    const engine = codec(seed % JS_EVERY === 0 ? "js" : "wasm");
    const largest = seed % LARGE_EVERY === 0 ? LARGEST_OF_ALL : LARGEST;
    const inTurn = seed % COMMANDS_EVERY === 1 ? [...others, ...commands] : others;
    const compared = i % othersEvery === 0 ? inTurn : [];
    const differs = difference(engine, seeded(seed), largest, compared);
    if (differs !== undefined) found.push(`${engine.name} codec, seed ${seed}: ${differs}`);
    if (i % 100 > 0) continue;
    bar.update(i);
    // Lets the bar draw itself.
    await new Promise((resolve) => setTimeout(resolve));
  }
} finally {
  bar.stop();
}
const seconds = ((performance.now() - began) / 1000).toFixed(0);
if (found.length > 0) {
  console.error(found.slice(0, 20).join("\n"));
  console.error(
    `${found.length} differences in ${seconds} s. Run one alone: scripts/stress/fuzz_codec.ts --cases 1 --seed SEED`,
  );
  Deno.exitCode = 1;
} else {
  const names = ["native zlib", ...[...others, ...commands].map(({ name }) => name)];
  console.log(`No difference to ${names.join(", ")}, in ${seconds} s.`);
}
