// Tests the npm package in Node, and in Bun: the whole test suite of the library, imports of both kinds, and its types.
//   deno task test:node [TARBALL]      (default: the package that scripts/package/pack_npm.ts makes)
import * as esbuild from "esbuild";
import { FILES_LEFT_OUT, FOLDERS_LEFT_OUT } from "../../tests/runtimes/left_out.ts";
import { bundleTests } from "./bundle_tests.ts";
import { commandWorks } from "./command.ts";
import { startExample, storeLines } from "../../tests/helpers/example_server.ts";
import { Tally } from "./tally.ts";
import { installNpm } from "../package/pack_npm.ts";
import { output, run } from "../shared/processes.ts";

const TESTS = new URL("../../tests/", import.meta.url);
const NODE = new URL("runtimes/node/", TESTS);
const EXAMPLES = new URL("examples/", TESTS);
const NEEDED = [
  "@deno/shim-deno",
  "@remix-run/node-fetch-server",
  "@types/node",
  "@vitest/expect",
  "aws4fetch",
  "bun",
  "chai",
  "fast-check",
  "modern-tar",
  "typescript",
];

/** Programs of somebody who installed the package. */
const USERS = ["esm_user.mts", "node_user.mts", "cjs_user.cts"];
/** The types of a runtime that a program may have. */
const TYPES: Readonly<Record<string, { lib: string[]; types: string[] }>> = {
  "the DOM's types": { lib: ["es2023", "dom", "dom.asynciterable"], types: [] },
  "the DOM's and Node's": { lib: ["es2023", "dom", "dom.asynciterable"], types: ["node"] },
  "Node's alone": { lib: ["es2023"], types: ["node"] },
};
/** The files that are checked with a `moduleResolution`: only one of them knows what a `.cts` file may require. */
const RESOLUTIONS: Readonly<Record<string, RegExp>> = { node16: /\.mts$/, bundler: /\.mts$/, nodenext: /\.[cm]ts$/ };

const work = await Deno.makeTempDir({ prefix: "ddfs-node-" });
const tally = new Tally();
try {
  const [tarball] = Deno.args;
  console.log(tarball === undefined ? "Packing and installing ..." : `Installing ${tarball} ...`);
  const installed = await installNpm(work, NEEDED, tarball && await Deno.realPath(tarball));
  for (const user of USERS) await Deno.copyFile(new URL(user, NODE), `${installed}/${user}`);
  await Deno.writeTextFile(`${installed}/all_entries.mts`, await allEntries(installed));

  await tally.step("the package has all that it names, and nothing else", () => checkFiles(installed));
  await Promise.all(Object.keys(RESOLUTIONS).map((resolution) => checkTypes(installed, resolution)));
  await tally.step("import", () => says(installed, "esm_user.mjs", /^\[1,\["one\\n","two\\n"\],"(?:wasm|js)"\]$/));
  await tally.step("Node's streams", () => says(installed, "node_user.mjs", /^\[\[true,true\],true,0\]$/));
  await tally.step("require", () => says(installed, "cjs_user.cjs", /^\["hello"\]$/));

  const bun = `${installed}/node_modules/.bin/bun`;
  await tally.step("the example that serves a folder in Node", () => serves(installed, "node", "serve_node.mjs"));
  await tally.step("the example that serves a folder in Bun", () => serves(installed, bun, "serve_bun.ts"));

  const command = `${installed}/node_modules/@ddfs/client/ddfs.js`;
  await tally.step("the command in Node", () => commandWorks(["node", command]));
  await tally.step("the command in Bun", () => commandWorks([bun, command]));
  await tally.step("the command in Deno", () => commandWorks([Deno.execPath(), "run", "-A", command]));

  const tests = await bundleSuite(installed);
  for (const runtime of ["node", "node_modules/.bin/bun"]) {
    const made = await output(runtime.replace(/^node_/, `${installed}/$&`), ["tests/digests.mjs"], { cwd: installed });
    await tally.sameBytes(runtime.split("/").at(-1) ?? "", JSON.parse(made));
  }
  await Promise.all([testInNode(installed, tests), testInBun(installed, tests)]);
} finally {
  await esbuild.stop();
  if (Deno.env.get("KEEP") === undefined) await Deno.remove(work, { recursive: true });
  else console.log(work);
}
tally.close();

/** A program that imports every entry point, so that the types of all are checked; the client as one file has those of the client. */
async function allEntries(installed: string): Promise<string> {
  const text = await Deno.readTextFile(`${installed}/node_modules/@ddfs/client/package.json`);
  const { exports } = JSON.parse(text) as { exports: Record<string, unknown> };
  const entries = Object.entries(exports).filter(([, target]) => typeof target === "object").map(([entry]) => entry);
  const imports = entries.map((entry, i) => `import * as entry${i} from "@ddfs/client${entry.slice(1)}";\n`).join("");
  const [client, bundle] = [".", "./ddfs.min.js"].map((entry) => `entry${entries.indexOf(entry)}.DDFS`);
  return `${imports}${bundle} satisfies typeof ${client};\nconsole.log(${
    entries.map((_, i) => `entry${i}`).join(", ")
  });\n`;
}

/** Looks for files that do not belong into the package, and for those that it names and lacks. */
async function checkFiles(installed: string): Promise<void> {
  const root = `${installed}/node_modules/@ddfs/client`;
  const text = await Deno.readTextFile(`${root}/package.json`);
  const { browser, exports } = JSON.parse(text) as { browser: Record<string, string>; exports: unknown };
  const named = JSON.stringify([browser, exports]).match(/\.\/[^"]+(?=")/g) ?? [];
  const missing: string[] = [];
  for (const path of named) if (!await Deno.stat(`${root}/${path}`).then(() => true, () => false)) missing.push(path);
  // Some are names of entry points, not of files.
  const lacking = missing.filter((path) => /\.[a-z]+$/.test(path));
  const listed = await output("npm", ["pack", "--dry-run", "--json"], { cwd: root });
  const [{ files }] = JSON.parse(listed) as [{ files: { path: string }[] }];
  const stray = files.map(({ path }) => path).filter((path) =>
    !/^(?:LICENSE|package\.json|codec\.wasm)$|\.(?:js|d\.ts|md)$/.test(path)
  );
  if (lacking.length + stray.length > 0) throw new Error(`lacking: ${lacking.join(", ")}; stray: ${stray.join(", ")}`);
}

/** Checks the types as a user's TypeScript does, with each runtime's types. */
async function checkTypes(installed: string, resolution: string): Promise<void> {
  for (const types of Object.keys(TYPES)) {
    await tally.step(
      `tsc with moduleResolution ${resolution}, ${types}`,
      () => tsc(installed, resolution, types),
    );
  }
}

async function tsc(installed: string, resolution: string, types: string): Promise<void> {
  const settings = TYPES[types] ?? { lib: [], types: [] };
  const files = [...USERS, "all_entries.mts"].filter((file) =>
    RESOLUTIONS[resolution]?.test(file) && (settings.types.includes("node") || !file.startsWith("node_"))
  );
  const compilerOptions = {
    ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: false },
    ...{ target: "es2022", ...settings },
    // What is run is written by one of them, which has all the files.
    noEmit: resolution !== "nodenext" || !settings.types.includes("node"),
    ...{ module: resolution === "bundler" ? "esnext" : resolution, moduleResolution: resolution },
  };
  const project = `tsconfig.${resolution}.json`;
  await Deno.writeTextFile(`${installed}/${project}`, JSON.stringify({ compilerOptions, files }));
  await output("npx", ["tsc", "--project", project], { cwd: installed });
}

/** Runs a user's program and compares what it prints. */
async function says(installed: string, file: string, expected: RegExp): Promise<void> {
  const text = (await output("node", [file], { cwd: installed })).trim();
  if (!expected.test(text)) throw new Error(`${file} printed ${text}, not ${expected}`);
}

/** Runs an example that serves a folder, and stores something there. */
async function serves(installed: string, command: string, name: string): Promise<void> {
  await Deno.copyFile(new URL(name, EXAMPLES), `${installed}/${name}`);
  const server = await startExample(command, [name, `${installed}/volume-${name}`, "0"], installed);
  const text = await storeLines(server.origin).finally(() => server.stop());
  if (text !== "one\ntwo\n") throw new Error(`${name} gave ${JSON.stringify(text)} back`);
}

/** Bundles the test suite of the library, for the test library of Node and, through it, of Bun. */
async function bundleSuite(installed: string): Promise<string[]> {
  const files: Record<string, URL> = {
    reporter: new URL("reporter.ts", NODE),
    digests: new URL("runtimes/digests_main.ts", TESTS),
    http_test: new URL("http_test.ts", NODE),
  };
  for (const path of testFiles()) {
    const reason = FILES_LEFT_OUT.get(path);
    if (reason === undefined) files[path.slice(0, -3)] = new URL(path, TESTS);
    else console.log(`left out: ${path} (${reason})`);
  }
  await bundleTests(files, {
    installed,
    replaced: { "@std/testing/bdd": new URL("bdd.ts", NODE), "@std/expect": new URL("runtimes/expect.ts", TESTS) },
    globals: [new URL("deno.ts", NODE)],
    settings: {
      platform: "node",
      packages: "external",
      outdir: `${installed}/tests`,
      outExtension: { ".js": ".mjs" },
    },
  });
  return Object.keys(files).filter((name) => name.endsWith("_test")).map((name) => `./tests/${name}.mjs`);
}

/** The tests of the library, by their paths in tests/. */
function testFiles(folder = ""): string[] {
  return [...Deno.readDirSync(new URL(folder, TESTS))].flatMap(({ name, isDirectory }) => {
    if (isDirectory) return FOLDERS_LEFT_OUT.has(folder + name) ? [] : testFiles(`${folder}${name}/`);
    return name.endsWith("_test.ts") ? [folder + name] : [];
  }).sort();
}

async function testInNode(installed: string, tests: readonly string[]): Promise<void> {
  const reporter = ["--test-reporter=./tests/reporter.mjs", "--test-reporter-destination=stdout"];
  // Node leaves a core out by default, and most tests wait now and then.
  const concurrency = `--test-concurrency=${navigator.hardwareConcurrency}`;
  const { success, text } = await run("node", ["--test", concurrency, ...reporter, ...tests], { cwd: installed });
  const [counts = "", passed, failed] = text.match(/^(\d+) passed, (\d+) failed$/m) ?? [];
  console.log(text.replace(counts, "").trim());
  tally.suite(`the suite in Node ${await version("node")}`, success, Number(passed ?? 0), Number(failed ?? 0));
}

/** Bun runs one test at a time, in one process for all files: two processes share them, as many a test waits. */
async function testInBun(installed: string, tests: readonly string[]): Promise<void> {
  const bun = `${installed}/node_modules/.bin/bun`;
  const halves = [0, 1].map((half) => tests.filter((_, i) => i % 2 === half));
  const counts = await Promise.all(halves.map(async (half) => {
    const { success, text } = await run(bun, ["test", "--only-failures", "--timeout=60000", ...half], {
      cwd: installed,
    });
    if (!success) console.log(text.trim());
    const [, passed] = text.match(/^ *(\d+) pass$/m) ?? [];
    const [, failed] = text.match(/^ *(\d+) fail$/m) ?? [];
    return { success, passed: Number(passed ?? 0), failed: Number(failed ?? 0) };
  }));
  const sum = (key: "passed" | "failed") => counts.reduce((sum, count) => sum + count[key], 0);
  // One that ends without a count, beside one that fails tests, is a failure of its own.
  const lost = counts.filter(({ success, failed }) => !success && failed === 0).length;
  tally.suite(`the suite in Bun ${await version(bun)}`, lost === 0, sum("passed"), sum("failed") + lost);
}

async function version(command: string): Promise<string> {
  return (await output(command, ["--version"])).trim().replace(/^v/, "");
}
