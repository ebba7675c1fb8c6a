import * as esbuild from "esbuild";

/** A bundle of the library. */
export interface Bundle {
  /** Its first file, and those that this one imports at once. */
  readonly atImport: readonly string[];
  /** The files that are loaded when something in them is needed. */
  readonly later: readonly string[];
  /** How many bytes come from which source, largest first. */
  readonly contributors: readonly (readonly [path: string, bytes: number])[];
}

/**
 * Bundles an entry point of the npm package into minified ECMAScript modules, as a page needs them.
 *
 * @param root The package's folder, its dependencies installed.
 * @param entry The name of the entry point, as in deno.json.
 * @param splitting Whether what is imported dynamically becomes files of its own; else all is one file.
 * @returns The bundle.
 */
export async function bundle(root: string, entry: string, splitting: boolean): Promise<Bundle> {
  const { outputFiles, metafile: { outputs } } = await esbuild.build({
    stdin: { contents: `export * from "@ddfs/client${entry.slice(1)}";`, resolveDir: root },
    ...{ bundle: true, minify: true, metafile: true, write: false, logLevel: "error", absWorkingDir: root },
    ...{ format: "esm", target: "es2022", platform: "browser", legalComments: "none", splitting, outdir: "out" },
  });
  const first = new Set(Object.keys(outputs).filter((path) => outputs[path]?.entryPoint === "<stdin>"));
  // A set is iterated over what is added meanwhile, too.
  for (const path of first) {
    for (const { kind, path: imported } of outputs[path]?.imports ?? []) {
      if (kind === "import-statement") first.add(imported);
    }
  }
  const texts = (isFirst: boolean) =>
    outputFiles.filter(({ path }) => first.has(path.slice(root.length + 1)) === isFirst).map(({ text }) => text);
  const sizes = Map.groupBy(Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs)), ([path]) => path);
  return {
    atImport: texts(true),
    later: texts(false),
    contributors: Array.from(
      sizes,
      ([path, parts]) => [path, parts.reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0)] as const,
    )
      .sort(([, a], [, b]) => b - a),
  };
}
