// Checks that the library needs no more than browsers, and Node 20, have: the types of the DOM and ECMAScript 2023, neither Deno's nor Node's.
//   deno run -A scripts/runtimes/check_browser.ts
import { builtinModules } from "node:module";
import { foreignErrors } from "./type_errors.ts";

/** The rooms that may know their runtime. */
const EXEMPT = ["lib/runtime/", "lib/embedded/stores/disk/", "lib/cli/"];

const ROOT = new URL("../..", import.meta.url);
const [{ compilerOptions, imports }, tools] = await Promise.all(
  ["deno.json", "deno.tools.json"].map(async (name) => JSON.parse(await Deno.readTextFile(new URL(name, ROOT)))),
);
/** What the explorer page is made of; it has types for browsers. */
const OF_PAGE = ["htm", "preact", "preact/hooks"];
const work = await Deno.makeTempDir({ prefix: "ddfs-check-" });
try {
  await Deno.writeTextFile(
    `${work}/deno.json`,
    JSON.stringify({
      compilerOptions: { ...compilerOptions, lib: ["dom", "dom.iterable", "dom.asynciterable", "es2023"], types: [] },
      // Node's modules become empty: a single import of one would make all of Node's globals known.
      imports: {
        ...imports,
        ...Object.fromEntries(OF_PAGE.map((name) => [name, tools.imports[name]])),
        ...Object.fromEntries(builtinModules.map((name) => [`node:${name}`, "data:text/typescript,export {};"])),
      },
    }),
  );
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--no-lock", `--config=${work}/deno.json`, "mod.ts", "lib"],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const output = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  const errors = foreignErrors(output, EXEMPT.map((path) => new URL(path, ROOT).href));
  if (errors.length > 0) console.error(errors.join("\n\n"));
  // A check that fails without a type error could not be made.
  else if (!success && !output.includes("[ERROR]")) console.error(output);
  if (errors.length > 0 || (!success && !output.includes("[ERROR]"))) Deno.exitCode = 1;
} finally {
  await Deno.remove(work, { recursive: true });
}
