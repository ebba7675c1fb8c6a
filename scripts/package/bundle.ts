import * as esbuild from "esbuild";
import { rolldown } from "rolldown";

/** A bundle of the library. */
export interface Bundle {
  /** Its first file, and those that this one imports at once; the compiled codec too, where it is a file of its own. */
  readonly atImport: readonly (string | Uint8Array<ArrayBuffer>)[];
  /** The files that are loaded when something in them is needed. */
  readonly later: readonly string[];
  /** How many bytes come from which source, largest first. */
  readonly contributors: readonly (readonly [path: string, bytes: number])[];
}

/** A file that a bundler made. */
interface Made {
  readonly path: string;
  readonly text: string;
  readonly isEntry: boolean;
  /** The files that it imports at once. */
  readonly imports: readonly string[];
  /** How many bytes in it come from which source. */
  readonly sources: readonly (readonly [path: string, bytes: number])[];
}

/**
 * Bundles an entry point of the npm package into minified ECMAScript modules, as a page needs them; what is imported dynamically becomes files of
 * its own.
 *
 * @param root The package's folder, its dependencies installed.
 * @param entry The name of the entry point, as in deno.json.
 * @returns The bundle.
 */
export type Bundler = (root: string, entry: string) => Promise<Bundle>;

/** The bundlers by name. */
export const BUNDLERS = {
  "Vite (Rolldown)": async (root, entry) => bundled(await withRolldown(root, entry)),
  esbuild: async (root, entry) => bundled(await withEsbuild(root, entry, true)),
  "wrangler, one file": asWorker,
} as const satisfies Record<string, Bundler>;

/**
 * Bundles an entry point of the npm package into one minified file, which has everything.
 *
 * @param root The package's folder, its dependencies installed.
 * @param entry The name of the entry point, as in deno.json.
 * @returns The file's text.
 */
export async function oneFile(root: string, entry: string): Promise<string> {
  return (await withEsbuild(root, entry, false)).map(({ text }) => text).join("");
}

async function withEsbuild(root: string, entry: string, splitting: boolean): Promise<Made[]> {
  const { outputFiles, metafile: { outputs } } = await esbuild.build({
    stdin: { contents: contentsOf(entry), resolveDir: root },
    ...{ bundle: true, minify: true, metafile: true, write: false, logLevel: "error", absWorkingDir: root },
    ...{ format: "esm", target: "es2022", platform: "browser", legalComments: "none", splitting, outdir: "out" },
  });
  return outputFiles.map(({ path: absolute, text }) => {
    const path = absolute.slice(root.length + 1);
    const { entryPoint, imports = [], inputs = {} } = outputs[path] ?? {};
    return {
      path,
      text,
      isEntry: entryPoint === "<stdin>",
      imports: imports.filter(({ kind }) => kind === "import-statement").map(({ path }) => path),
      sources: Object.entries(inputs).map(([source, { bytesInOutput }]) => [source, bytesInOutput]),
    };
  });
}

/** The example Workers. */
const EXAMPLES = new URL("../../tests/examples/", import.meta.url);

/** A Worker as wrangler 4 makes it of its own file with `--minify`: one module, and the compiled codec beside it where that is imported. */
async function asWorker(root: string, entry: string): Promise<Bundle> {
  const { outputFiles, metafile: { outputs } } = await esbuild.build({
    stdin: { contents: await WORKERS[entry]?.() ?? "", loader: "ts", resolveDir: root },
    ...{ bundle: true, minify: true, keepNames: true, metafile: true, write: false, logLevel: "error" },
    ...{ absWorkingDir: root, format: "esm", target: "es2024", conditions: ["workerd", "worker", "browser"] },
    outdir: "out",
    plugins: [{
      name: "compiled ahead, and beside the examples",
      setup(build) {
        build.onResolve({ filter: /\.wasm$/ }, () => ({ path: "./codec.wasm", external: true }));
        build.onResolve({ filter: /^\.\/.+\.ts$/ }, ({ path }) => ({ path: new URL(path, EXAMPLES).pathname }));
      },
    }],
  });
  const [{ text } = { text: "" }] = outputFiles;
  const { inputs = {} } = Object.values(outputs)[0] ?? {};
  return {
    atImport: text.includes("./codec.wasm") ? [text, await Deno.readFile(`${root}/codec.wasm`)] : [text],
    later: [],
    contributors: Object.entries(inputs).map(([path, { bytesInOutput }]) => [path, bytesInOutput] as const)
      .sort(([, a], [, b]) => b - a),
  };
}

/** Gives an example Worker. */
async function example(name: string): Promise<string> {
  return await Deno.readTextFile(new URL(name, EXAMPLES));
}

/** Gives an example Worker that serves the explorer, too. */
async function withExplorer(name: string, before: string): Promise<string> {
  const text = await example(name);
  if (!text.includes(before)) throw new Error(`${name} does not have ${before}`);
  return `import { explorer } from "@ddfs/client/ui";\n${text.replace(before, `ui: explorer, ${before}`)}`;
}

/** Workers that use an entry point, or that are examples. */
const WORKERS: Readonly<Record<string, () => string | Promise<string>>> = {
  ".": () =>
    `import { DDFS } from "@ddfs/client";
    export default { fetch: async (_, { MASTER }) => Response.json(await new DDFS(MASTER).list()) };`,
  "./read": () =>
    `import { DDFSReader } from "@ddfs/client/read";
    export default { fetch: async (_, { MASTER }) => Response.json(await new DDFSReader(MASTER).list()) };`,
  "./records": () =>
    `import { chunks, records } from "@ddfs/client/records";
    export default { fetch: ({ body }) => Response.json([typeof chunks(body), typeof records(body)]) };`,
  "./gateway": () => example("edge_worker.ts"),
  "./gateway, ./ui": () => withExplorer("edge_worker.ts", "tags:"),
  "./embedded, ./r2": () => example("bucket_worker.ts"),
  "./embedded, ./r2, ./ui": () => withExplorer("bucket_worker.ts", "adminToken:"),
};

/** With the settings of Vite for apps: files that are loaded later may take what they share with the first file from there. */
async function withRolldown(root: string, entry: string): Promise<Made[]> {
  const input = `${root}/entry.js`;
  const build = await rolldown({
    ...{ input, cwd: root, platform: "browser", logLevel: "warn", transform: { target: "es2022" } },
    preserveEntrySignatures: "allow-extension",
    // What "." loads later, "./records" exports.
    checks: { ineffectiveDynamicImport: false },
    plugins: [{
      name: "entry",
      resolveId: (id) => id === input ? id : undefined,
      load: (id) => id === input ? contentsOf(entry) : undefined,
    }],
  });
  const { output } = await build.generate({ format: "esm", minify: true, comments: false });
  await build.close();
  return output.filter((file) => file.type === "chunk").map(({ fileName, code, isEntry, imports, modules }) => ({
    path: fileName,
    text: code,
    isEntry,
    imports,
    // Minified only as a whole.
    sources: Object.entries(modules).map(([source, { renderedLength }]) => [
      source.slice(root.length + 1),
      renderedLength,
    ]),
  }));
}

function contentsOf(entry: string): string {
  return `export * from "@ddfs/client${entry.slice(1)}";`;
}

function bundled(files: readonly Made[]): Bundle {
  const first = new Set(files.filter(({ isEntry }) => isEntry));
  // A set is iterated over what is added meanwhile, too.
  for (const { imports } of first) {
    for (const file of files) if (imports.includes(file.path)) first.add(file);
  }
  const texts = (isFirst: boolean) => files.filter((file) => first.has(file) === isFirst).map(({ text }) => text);
  const sizes = Map.groupBy(files.flatMap(({ sources }) => sources), ([path]) => path);
  return {
    atImport: texts(true),
    later: texts(false),
    contributors: Array.from(
      sizes,
      ([path, parts]) => [path, parts.reduce((sum, [, bytes]) => sum + bytes, 0)] as const,
    )
      .sort(([, a], [, b]) => b - a),
  };
}
