// The one gate: everything that must hold before a commit goes out. Runs all steps, even after one has failed.
//   deno task ok [STEP ...]     (default: all of them)
import { TOOLS, toolsArgument } from "./shared/tools.ts";

/** A step: a `deno` command that must succeed. */
interface Step {
  name: string;
  args: string[];
  /** The lines of its output that are shown when it succeeds. */
  shows?: RegExp;
}

const ROOT = new URL("..", import.meta.url);
const { exports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT))) as {
  exports: Record<string, string>;
};

const steps: Step[] = [
  { name: "format", args: ["fmt", "--check"] },
  { name: "lint", args: ["lint"] },
  { name: "types", args: ["check", "--quiet", await toolsArgument(), "mod.ts", "lib", "tests", "scripts"] },
  { name: "rooms", args: ["run", "-A", "scripts/rooms.ts"] },
  { name: "browser", args: ["run", "-A", "scripts/runtimes/check_browser.ts"] },
  { name: "documentation", args: ["doc", "--lint", ...Object.values(exports)] },
  {
    name: "readmes",
    args: ["check", "--quiet", TOOLS, "--doc-only", "README.md", "lib/embedded/README.md", "lib/README.md"],
  },
  { name: "wasm", args: ["run", "-A", TOOLS, "scripts/codec/build_wasm.ts", "--check"] },
  { name: "worker", args: ["run", "-A", TOOLS, "scripts/codec/build_worker.ts", "--check"] },
  { name: "page", args: ["run", "-A", TOOLS, "scripts/explorer/build.ts", "--check"] },
  { name: "first-run", args: ["run", "-A", "scripts/package/first_run.ts"], shows: /downloads/ },
  { name: "faults", args: ["run", "-A", "scripts/stress/fault_matrix.ts", "--injected"] },
  { name: "workflows", args: ["run", "-A", TOOLS, "scripts/package/check_workflows.ts"] },
  { name: "site", args: ["run", "-A", TOOLS, "scripts/site/build.ts", "--check"], shows: /^the / },
  { name: "publish", args: ["publish", "--dry-run", "--allow-dirty"] },
  {
    name: "tests",
    args: ["run", "-A", "scripts/test.ts", "--coverage=90"],
    shows: /^\| |^Coverage|passed, \d+ failed/,
  },
];

const chosen = Deno.args.length === 0 ? steps : steps.filter(({ name }) => Deno.args.includes(name));
const unknown = Deno.args.filter((argument) => !steps.some(({ name }) => name === argument));
if (unknown.length > 0) {
  console.error(`There is no step ${unknown.join(", ")}. The steps are ${steps.map(({ name }) => name).join(", ")}.`);
  Deno.exit(2);
}

const failed: Step[] = [];
for (const step of chosen) {
  const began = performance.now();
  const { success, output } = await run(step.args);
  const seconds = ((performance.now() - began) / 1000).toFixed(1).padStart(6);
  console.log(`${success ? "ok    " : "FAILED"} ${step.name.padEnd(14)}${seconds} s`);
  if (!success) failed.push(step);
  const shown = success ? output.split("\n").filter((line) => step.shows?.test(line)).join("\n") : output;
  if (shown !== "") console.log(shown.replace(/^/gm, "       ").trimEnd());
}

if (failed.length > 0) {
  console.log("\nWhat failed, and how to run it alone:");
  for (const { name, args } of failed) {
    console.log(`  ${name.padEnd(14)}npx -y deno@${Deno.version.deno} ${args.map(quoted).join(" ")}`);
  }
  Deno.exitCode = 1;
}
console.log(`\n${chosen.length} step${chosen.length === 1 ? "" : "s"}, ${failed.length} failed`);

/** Runs `deno`; all it printed, in order. */
async function run(args: string[]): Promise<{ success: boolean; output: string }> {
  const child = new Deno.Command(Deno.execPath(), { args, cwd: ROOT, stdin: "null", stdout: "piped", stderr: "piped" })
    .spawn();
  let output = "";
  const collect = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) output += text;
  };
  const [{ success }] = await Promise.all([child.status, collect(child.stdout), collect(child.stderr)]);
  return { success, output };
}

function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}
