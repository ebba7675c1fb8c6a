import { COMMAND } from "./command.ts";
import { REPOSITORY, repositoryMembers } from "./repository.ts";

/** What a package is made from: the parts of deno.json that npm needs. */
export interface PackageSource {
  /** Its name. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** Its licence. */
  readonly license: string;
  /** The entry points and their sources, as in deno.json. */
  readonly exports: Readonly<Record<string, string>>;
}

/** A file of the package: its path and its text. */
export type PackageFile = readonly [path: string, text: string];

/** What takes the place of other files in bundles for browsers. */
export const IN_BROWSERS = {
  "lib/runtime/files": "lib/runtime/files_browser",
  "lib/runtime/host": "lib/runtime/host_browser",
  "lib/runtime/threads": "lib/runtime/threads_browser",
} as const;

/** The client as one file, for pages without a bundler. */
export const BUNDLE = "ddfs.min.js";

/** The module that compiles the codec, and what it is called where the package chooses it by the runtime. */
export const COMPILED_CODEC = { module: "lib/codec/wasm_module", name: "#compiled-codec" } as const;

/** The module by which grep() looks for sets of bytes, and what it is called there. */
export const SET_SEARCH = { module: "lib/records/set_search", name: "#set-search" } as const;

/** The module that has the explorer, which would be in every bundle; what takes its place there, and what it is called where the package chooses. */
export const OWN_EXPLORER = {
  module: "lib/explorer_page/own",
  bundled: "lib/explorer_page/own_bundled",
  name: "#own-explorer",
} as const;

/** The module that has the disk, which Workers have none of; what takes its place there, and what it is called where the package chooses. */
export const DISK_STORE = {
  module: "lib/embedded/stores/disk/disk",
  bundled: "lib/embedded/stores/disk/no_disk",
  name: "#disk-store",
} as const;

/** The module that starts threads, which workerd does not; what takes its place there, and what it is called where the package chooses. */
export const THREADS = {
  module: "lib/codec/threads",
  bundled: "lib/codec/no_threads",
  name: "#threads",
} as const;

/** The conditions by which bundlers choose modules for Workers. */
const WORKER_CONDITIONS = ["workerd", "worker", "edge-light"] as const;
/** The conditions by which bundlers choose modules for Workers and pages. */
const BUNDLER_CONDITIONS = [...WORKER_CONDITIONS, "browser"] as const;

/** workerd compiles nothing at run time, or not for every compatibility date: it gets the codec compiled ahead of time, and no text of it, nor what would compile more. */
export const FOR_WORKERD = {
  codec: [
    "workerd/compiled_codec.js",
    `import module from "../codec.wasm";\n\nexport const compiledCodec = { module };\n`,
  ],
  sets: ["workerd/set_search.js", "export const setSearch = () => undefined;\n"],
} as const satisfies Readonly<Record<string, PackageFile>>;

/**
 * Writes package.json, the same whether the package is made by `deno pack` or by dnt.
 *
 * @param source What deno.json says.
 * @param dependencies The packages that the code imports, and their versions.
 * @param folder Where the JavaScript and its types are in the package, `./` or `./esm/`.
 * @param repository Where the repository is on the web; empty while it is not known.
 * @returns The content of package.json.
 */
export function packageJson(
  { name, version, license, exports }: PackageSource,
  dependencies: Readonly<Record<string, string>>,
  folder = "./",
  repository: string = REPOSITORY,
): Record<string, unknown> {
  const built = (source: string, extension: string) => folder + source.slice(2).replace(/\.ts$/, extension);
  const entries = Object.entries(exports).filter(([entry]) => entry !== "./cli").map(([entry, source]) => [entry, {
    types: built(source, ".d.ts"),
    default: built(source, ".js"),
  }]);
  return {
    name,
    version,
    description: "A client of DDFS, the Disco Distributed Filesystem, for Deno, Node, browsers and Cloudflare Workers",
    keywords: ["ddfs", "disco", "distributed-filesystem", "deno", "browser", "workers"],
    license,
    ...repositoryMembers(repository),
    type: "module",
    // The first 20 whose require() takes ECMAScript modules; 20.16 gives its built-in modules to code that does not import them.
    engines: { node: ">=20.19" },
    publishConfig: { access: "public" },
    // A bundler may leave out every module that nothing is imported from.
    sideEffects: false,
    main: built(exports["."] ?? "", ".js"),
    types: built(exports["."] ?? "", ".d.ts"),
    browser: Object.fromEntries(
      Object.entries(IN_BROWSERS).map(([file, inBrowsers]) => [`${folder}${file}.js`, `${folder}${inBrowsers}.js`]),
    ),
    bin: { ddfs: `./${COMMAND}` },
    imports: {
      [COMPILED_CODEC.name]: { workerd: `./${FOR_WORKERD.codec[0]}`, default: `${folder}${COMPILED_CODEC.module}.js` },
      [SET_SEARCH.name]: { workerd: `./${FOR_WORKERD.sets[0]}`, default: `${folder}${SET_SEARCH.module}.js` },
      [OWN_EXPLORER.name]: chosen(OWN_EXPLORER, BUNDLER_CONDITIONS, folder),
      [DISK_STORE.name]: chosen(DISK_STORE, WORKER_CONDITIONS, folder),
      [THREADS.name]: chosen(THREADS, ["workerd"], folder),
    },
    jsdelivr: `./${BUNDLE}`,
    unpkg: `./${BUNDLE}`,
    exports: {
      ...Object.fromEntries(entries),
      [`./${BUNDLE}`]: { types: built(exports["."] ?? "", ".d.ts"), default: `./${BUNDLE}` },
      "./codec.wasm": "./codec.wasm",
      "./package.json": "./package.json",
    },
    dependencies,
  };
}

/** The files of a module by conditions: what takes its place where one of them holds, else itself. */
function chosen(
  { module, bundled }: { readonly module: string; readonly bundled: string },
  conditions: readonly string[],
  folder: string,
): Record<string, string> {
  return {
    ...Object.fromEntries(conditions.map((condition) => [condition, `${folder}${bundled}.js`])),
    default: `${folder}${module}.js`,
  };
}
