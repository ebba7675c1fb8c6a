import * as esbuild from "esbuild";
import { output } from "../shared/processes.ts";

const ROOT = new URL("../..", import.meta.url).pathname;
/** Prints the milliseconds that a module takes to load. */
const TIMED = "const began = performance.now(); await import(process.argv[2]); console.log(performance.now() - began);";

/**
 * Measures what loading the client costs, and what of that is the codec: one that compiles it, and one that finds nothing to compile, in turns, each
 * in a new process.
 *
 * @param runtime Where.
 * @param rounds How often.
 * @returns A sentence.
 */
export async function importCosts(runtime: "Deno" | "Node", rounds: number): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "ddfs-import-" });
  try {
    await Deno.writeTextFile(`${folder}/timed.mjs`, TIMED);
    const bundles = [await bundle(`${folder}/whole.mjs`, false), await bundle(`${folder}/without.mjs`, true)];
    const [command, args] = runtime === "Node"
      ? ["node", []]
      : [Deno.execPath(), ["run", "--quiet", "-A", "--no-check", "--no-config"]];
    const times: number[][] = [[], []];
    for (let round = 0; round < 3 * rounds; round++) {
      for (const [i, path] of bundles.entries()) {
        times[i]?.push(Number(await output(command, [...args, `${folder}/timed.mjs`, path])));
      }
    }
    const [whole = NaN, without = NaN] = times.map((list) => list.toSorted((a, b) => a - b)[list.length >> 1] ?? NaN);
    return `import of the client: ${whole.toFixed(1)} ms; without the codec ${without.toFixed(1)} ms (medians of ${
      3 * rounds
    } processes)`;
  } finally {
    await esbuild.stop();
    await Deno.remove(folder, { recursive: true });
  }
}

async function bundle(outfile: string, isEmpty: boolean): Promise<string> {
  await esbuild.build({
    ...{
      entryPoints: [`${ROOT}mod.ts`],
      outfile,
      bundle: true,
      minify: true,
      format: "esm",
      platform: "node",
      target: "es2022",
    },
    ...{ logLevel: "error" },
    plugins: [
      replaced(/\/js_engine\.ts$/, "export class JsEngine {}"),
      ...(isEmpty ? [replaced(/wasm_text\.ts$/, 'export const WASM_TEXT = "";')] : []),
    ],
  });
  return outfile;
}

/** Puts something in the place of a file: an empty codec; nothing for fflate, which is loaded later if at all. */
function replaced(filter: RegExp, contents: string): esbuild.Plugin {
  return { name: "replaced", setup: (build) => build.onLoad({ filter }, () => ({ contents })) };
}
