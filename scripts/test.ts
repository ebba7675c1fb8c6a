// Runs tests, counts every one of them, and closes with `N passed, N failed`.
//   deno task test [--coverage] [FILE OR FOLDER ...]   (default: all tests, and the examples in the documentation)
import { importMapArguments } from "./import_map.ts";

const coverage = Deno.args.includes("--coverage");
const paths = Deno.args.filter((argument) => !argument.startsWith("--"));
const root = new URL("..", import.meta.url).pathname;
const work = await Deno.makeTempDir();

try {
  const junit = `${work}/junit.xml`;
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: [
      "test",
      "--allow-all",
      ...(await importMapArguments()),
      ...(paths.length === 0 ? ["--doc"] : []),
      ...(coverage ? [`--coverage=${work}/coverage`] : []),
      `--junit-path=${junit}`,
      ...paths,
    ],
    cwd: root,
  }).spawn().status;
  if (coverage) {
    await new Deno.Command(Deno.execPath(), {
      args: ["coverage", `${work}/coverage`, "--include=/lib/", "--exclude=wasm_base64"],
      cwd: root,
      stdout: "inherit",
      stderr: "inherit",
    }).spawn().status;
  }
  const { passed, failed } = leaves(await Deno.readTextFile(junit).catch(() => ""));
  // A run that ends before its report counts as one failure.
  console.log(`${passed} passed, ${code !== 0 && failed === 0 ? 1 : failed} failed`);
  Deno.exitCode = code;
} finally {
  await Deno.remove(work, { recursive: true });
}

/** Counts the tests of a JUnit report, without the groups that hold others. */
function leaves(report: string): { passed: number; failed: number } {
  const cases = [...report.matchAll(/<testcase name="([^"]*)"[^>]*>(.*?)<\/testcase>/gs)]
    .map(([, name = "", body = ""]) => ({ name, failed: /<(failure|error)\b/.test(body) }));
  const groups = new Set(cases.flatMap(({ name }) => {
    const parts = name.split(" &gt; ");
    return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join(" &gt; "));
  }));
  const tests = cases.filter(({ name }) => !groups.has(name));
  const failed = tests.filter((test) => test.failed).length;
  return { passed: tests.length - failed, failed };
}
