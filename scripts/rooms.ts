// Checks the house: which rooms of lib/ import which, that no files import each other in a circle, how many files a folder has, and how
// long they are.
//   deno run -A scripts/rooms.ts
import { arrowFaults, circleFaults, codeLines, sizeFaults } from "./shared/rooms.ts";
import { output } from "./shared/processes.ts";
import { TOOLS } from "./shared/tools.ts";

const ROOT = new URL("..", import.meta.url);
/** Files that scripts write. */
const GENERATED = [
  "lib/codec/wasm_text.ts",
  "lib/codec/byte_sets_text.ts",
  "lib/codec/worker_source.ts",
  "lib/explorer_page/files.ts",
];

const files = new Map<string, number>();
for (const folder of ["lib/", "tests/", "scripts/"]) await count(folder);
const imports = await importsOf([...files.keys(), "mod.ts"].filter((path) => path.endsWith(".ts")));
const faults = [...arrowFaults(imports), ...circleFaults(imports), ...sizeFaults(files)];

for (const fault of faults) console.log(fault);
console.log(`${files.size} files, ${imports.size} of them with imports: ${faults.length} faults`);
if (faults.length > 0) Deno.exitCode = 1;

/** Counts the lines of code of each file in a folder. */
async function count(folder: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
    const path = folder + name;
    if (isDirectory && name !== "node_modules") await count(`${path}/`);
    if (isDirectory) continue;
    const isCode = path.endsWith(".ts") && !GENERATED.includes(path);
    files.set(path, isCode ? codeLines(await Deno.readTextFile(new URL(path, ROOT))) : 0);
  }
}

/** Asks Deno what each file imports, types included: paths from the root, and the specifiers of packages. */
async function importsOf(paths: readonly string[]): Promise<Map<string, string[]>> {
  const root = ROOT.href;
  const entry = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(entry, paths.map((path) => `import ${JSON.stringify(root + path)};\n`).join(""));
    const place = { cwd: ROOT, env: { NO_COLOR: "1" } };
    const text = await output(Deno.execPath(), [
      "info",
      "--quiet",
      "--json",
      TOOLS,
      "--no-lock",
      "--no-npm",
      "--no-remote",
      entry,
    ], place);
    const { modules } = JSON.parse(text) as {
      modules: {
        specifier: string;
        dependencies?: { specifier: string; code?: { specifier?: string }; type?: { specifier?: string } }[];
      }[];
    };
    return new Map(
      modules.filter(({ specifier }) => specifier.startsWith(root)).map(({ specifier, dependencies = [] }) => [
        specifier.slice(root.length),
        dependencies.map(({ specifier, code, type }) => code?.specifier ?? type?.specifier ?? specifier)
          .map((target) => target.startsWith(root) ? target.slice(root.length) : target),
      ]),
    );
  } finally {
    await Deno.remove(entry);
  }
}
