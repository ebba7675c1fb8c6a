// Runs tests, counts every one of them, and closes with `N passed, N failed`.
//   deno task test [--coverage=MINIMUM] [FILE OR FOLDER ...]
// Without a file: all of tests/, then the examples in the documentation. MINIMUM: per cent of the lines of lib/.
import { ENDING } from "./shared/signals.ts";
import { type Counts, countTests, lineCoverage } from "./shared/test_report.ts";
import { toolsArgument } from "./shared/tools.ts";

const ROOT = new URL("..", import.meta.url);
const minimum = Deno.args.find((argument) => argument.startsWith("--coverage="))?.slice("--coverage=".length);
/** One more than there are cores: most tests wait now and then. */
const JOBS = { DENO_JOBS: Deno.env.get("DENO_JOBS") ?? String(navigator.hardwareConcurrency + 1) };
const paths = Deno.args.filter((argument) => !argument.startsWith("--"));

// Ctrl-C ends the tests, not this script, which then removes its folder.
for (const signal of ENDING) Deno.addSignalListener(signal, () => {});
const work = await Deno.makeTempDir({ prefix: "ddfs-test-" });
try {
  const tools = await toolsArgument();
  const raw = `${work}/coverage`;
  const collect = [`--coverage=${raw}`, "--coverage-raw-data-only", "--preload=scripts/shared/no_child_coverage.ts"];
  const counts = [
    await run([
      ...(minimum === undefined ? [] : collect),
      ...(paths.length > 0 ? paths : ["tests"]),
    ], tools),
  ];
  // Before the examples: `deno test --doc` makes Deno forget the coverage of the files that it takes them from.
  if (minimum !== undefined) counts.push(await cover(raw, Number(minimum)));
  if (paths.length === 0) counts.push(await run(["--doc", "mod.ts", "lib"], tools));

  const total = (key: keyof Counts) => counts.reduce((sum, count) => sum + count[key], 0);
  if (total("skipped") > 0) console.log(`${total("skipped")} skipped`);
  console.log(`${total("passed")} passed, ${total("failed")} failed`);
  if (total("failed") > 0) Deno.exitCode = 1;
} finally {
  await Deno.remove(work, { recursive: true });
}

/** Runs `deno test`. One that fails without a failed test, or without a report, counts as one failure. */
async function run(args: string[], tools: string): Promise<Counts> {
  const junit = `${work}/${crypto.randomUUID()}.xml`;
  const code = await deno("test", "--allow-all", "--parallel", tools, `--junit-path=${junit}`, ...args);
  const counts = countTests(await Deno.readTextFile(junit).catch(() => ""));
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/** Prints the coverage of lib/. Too little of it counts as one failure. */
async function cover(raw: string, least: number): Promise<Counts> {
  const files = ["--include=/lib/", "--exclude=wasm_text|byte_sets_text", raw];
  const report = `${work}/lcov.info`;
  await Promise.all([
    deno("coverage", ...files),
    deno("coverage", "--quiet", "--lcov", `--output=${report}`, ...files),
  ]);
  const covered = lineCoverage(await Deno.readTextFile(report).catch(() => ""));
  console.log(`Coverage of lib: ${covered.toFixed(1)}% of lines, at least ${least}% wanted`);
  return { passed: 0, failed: covered >= least ? 0 : 1, skipped: 0 };
}

async function deno(...args: string[]): Promise<number> {
  return (await new Deno.Command(Deno.execPath(), { args, cwd: ROOT, env: JOBS }).spawn().status).code;
}
