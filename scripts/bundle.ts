import * as esbuild from "esbuild";

/** A bundle of the library. */
export interface Bundle {
  /** Its text. */
  readonly text: string;
  /** How many of its bytes come from which file, largest first. */
  readonly contributors: readonly (readonly [path: string, bytes: number])[];
}

/**
 * Bundles an entry point of the npm package into one minified ECMAScript module, as a page needs it.
 *
 * @param root The package's folder, its dependencies installed.
 * @param entry The name of the entry point, as in deno.json.
 * @returns The bundle.
 */
export async function bundle(root: string, entry: string): Promise<Bundle> {
  const { outputFiles, metafile } = await esbuild.build({
    stdin: { contents: `export * from "@ddfs/client${entry.slice(1)}";`, resolveDir: root },
    ...{ bundle: true, minify: true, metafile: true, write: false, logLevel: "error", absWorkingDir: root },
    ...{ format: "esm", target: "es2022", platform: "browser", legalComments: "none" },
  });
  const inputs = Object.values(metafile.outputs)[0]?.inputs ?? {};
  return {
    text: outputFiles[0]?.text ?? "",
    contributors: Object.entries(inputs).map(([path, { bytesInOutput }]) => [path, bytesInOutput] as const)
      .sort(([, a], [, b]) => b - a),
  };
}
