// Makes lib/codec/worker_source.ts: what runs in a worker thread, in one script, as text.
//   deno run -A --config=deno.tools.json scripts/codec/build_worker.ts [--check]     (--check: fails if the committed file is not what would be made)
import { build } from "esbuild";

const ENTRY = new URL("../../lib/codec/worker.ts", import.meta.url).pathname;
const OUTPUT = new URL("../../lib/codec/worker_source.ts", import.meta.url);

const { outputFiles: [script] } = await build({
  entryPoints: [ENTRY],
  bundle: true,
  minify: true,
  write: false,
  format: "iife",
  target: "es2022",
  charset: "ascii",
});
if (script === undefined) throw new Error(`esbuild made nothing of ${ENTRY}`);

const text = script.text.trim().replace(/[\\`]|\$\{/g, "\\$&");
const module = `// Made of worker.ts by scripts/codec/build_worker.ts; run \`deno task wasm\` after a change.
/** The script of a worker thread of the codec. */
export const WORKER_SOURCE: string = \`${text}\`;
`;

if (Deno.args.includes("--check")) {
  const committed = await Deno.readTextFile(OUTPUT).catch(() => "");
  if (committed !== module) {
    console.error("lib/codec/worker_source.ts is stale: run `deno task wasm`");
    Deno.exitCode = 1;
  }
} else {
  await Deno.writeTextFile(OUTPUT, module);
  console.log(`lib/codec/worker_source.ts: ${module.length} bytes`);
}
