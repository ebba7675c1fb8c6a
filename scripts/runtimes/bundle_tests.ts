import * as esbuild from "esbuild";

/** What takes the place of the test libraries, and of what a runtime lacks. */
export interface TestTarget {
  /** The folder where the library's package is installed. */
  readonly installed: string;
  /** The modules that stand in for others. */
  readonly replaced: Readonly<Record<string, URL>>;
  /** Modules whose exports stand in for globals. */
  readonly globals?: readonly URL[];
  /** Further settings of esbuild. */
  readonly settings: esbuild.BuildOptions;
}

const ROOT = new URL("../..", import.meta.url);

/**
 * Bundles tests so that they test the built package in place of the sources: what they import from `lib/` comes from there.
 *
 * @param files The tests, by their names in the bundle.
 * @param target Where they run.
 * @returns What esbuild made.
 */
export async function bundleTests(
  files: Readonly<Record<string, URL>>,
  { installed, replaced, globals = [], settings }: TestTarget,
): Promise<esbuild.BuildResult> {
  return await esbuild.build({
    entryPoints: Object.fromEntries(Object.entries(files).map(([name, { pathname }]) => [name, pathname])),
    inject: globals.map(({ pathname }) => pathname),
    ...{ bundle: true, format: "esm", target: "es2022", logLevel: "error", absWorkingDir: installed },
    nodePaths: [`${installed}/node_modules`],
    ...settings,
    plugins: [
      ...(settings.plugins ?? []),
      builtPackage(`${installed}/node_modules/@ddfs/client`),
      replacements(replaced),
      ownUrls(),
    ],
  });
}

/** Takes modules of the built package in place of the sources. */
function builtPackage(folder: string): esbuild.Plugin {
  return {
    name: "built package",
    async setup(build) {
      const { main } = JSON.parse(await Deno.readTextFile(`${folder}/package.json`)) as { main: string };
      build.onResolve({ filter: /^\.\.?\/.*\.ts$/ }, async ({ path, resolveDir, kind }) => {
        const { pathname } = new URL(path, `file://${resolveDir}/`);
        const source = pathname.slice(ROOT.pathname.length);
        if (!pathname.startsWith(ROOT.pathname) || !/^(?:mod\.ts$|lib\/)/.test(source)) return undefined;
        const module = source === "mod.ts" ? "@ddfs/client" : main.replace("mod.js", source.replace(/\.ts$/, ".js"));
        const resolved = await build.resolve(module, { resolveDir: folder, kind });
        // Where packages are not bundled, all tests share the installed files. By URL: esbuild takes a path as one from the folder of all outputs.
        if (build.initialOptions.packages !== "external") return resolved;
        return { path: resolved.path.replace(/^\//, "file:///"), external: true };
      });
    },
  };
}

function replacements(replaced: Readonly<Record<string, URL>>): esbuild.Plugin {
  return {
    name: "replacements",
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, ({ path }) => {
        const url = replaced[path];
        return url === undefined ? undefined : { path: url.pathname };
      });
    },
  };
}

/** Lets a test find its data beside itself, as before it was bundled. */
function ownUrls(): esbuild.Plugin {
  return {
    name: "own URLs",
    setup(build) {
      build.onLoad({ filter: /\/tests\/.*\.ts$/ }, async ({ path }) => ({
        contents: (await Deno.readTextFile(path)).replaceAll("import.meta.url", JSON.stringify(`file://${path}`)),
        loader: "ts",
      }));
    },
  };
}
