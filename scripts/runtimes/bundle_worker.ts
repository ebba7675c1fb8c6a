import type * as esbuild from "esbuild";
import { bundleTests } from "./bundle_tests.ts";
import { STAND_INS, testdata } from "./test_bundle.ts";
import type { Worker } from "./workerd.ts";

const TESTS = new URL("../../tests/", import.meta.url);

/**
 * Bundles a Worker from the built package, with the codec beside it where the condition `workerd` asks for that.
 *
 * @param installed The folder where the library's package is installed.
 * @param file The Worker's file, in tests/.
 * @param conditions The conditions by which the package's files are chosen.
 * @param settings Further settings of esbuild.
 * @returns The Worker.
 */
export async function bundleWorker(
  installed: string,
  file: string,
  conditions: readonly string[],
  settings: esbuild.BuildOptions = {},
): Promise<Pick<Worker, "code" | "wasm">> {
  const { outputFiles = [] } = await bundleTests({ worker: new URL(file, TESTS) }, {
    installed,
    replaced: STAND_INS,
    settings: {
      ...{ platform: "browser", conditions: [...conditions], mainFields: ["module", "main"], write: false },
      outdir: installed,
      define: { TESTDATA: await testdata() },
      plugins: [{
        name: "compiled ahead",
        setup: (build) => build.onResolve({ filter: /\.wasm$/ }, () => ({ path: "./codec.wasm", external: true })),
      }],
      ...settings,
    },
  });
  const code = outputFiles[0]?.text ?? "";
  const wasm = `${installed}/node_modules/@ddfs/client/codec.wasm`;
  return code.includes("./codec.wasm") ? { code, wasm: await Deno.readFile(wasm) } : { code };
}
