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

/** The entry points that use the codec: with the `workerd` condition they get it compiled ahead of time. */
const WITH_CODEC = [".", "./records", "./codec"];

/**
 * Writes package.json, the same whether the package is made by `deno pack` or by dnt.
 *
 * @param source What deno.json says.
 * @param dependencies The packages that the code imports, and their versions.
 * @param folder Where the JavaScript and its types are in the package, `./` or `./esm/`.
 * @returns The content of package.json.
 */
export function packageJson(
  { name, version, license, exports }: PackageSource,
  dependencies: Readonly<Record<string, string>>,
  folder = "./",
): Record<string, unknown> {
  const built = (source: string, extension: string) => folder + source.slice(2).replace(/\.ts$/, extension);
  const entries = Object.entries(exports).map(([entry, source]) => [entry, {
    types: built(source, ".d.ts"),
    ...(WITH_CODEC.includes(entry) ? { workerd: `./${workerdFile(entry)}` } : {}),
    default: built(source, ".js"),
  }]);
  return {
    name,
    version,
    description: "A client of DDFS, the Disco Distributed Filesystem, for Deno, Node, browsers and Cloudflare Workers",
    keywords: ["ddfs", "disco", "distributed-filesystem", "deno", "browser", "workers"],
    license,
    type: "module",
    // 20.16 is the first that gives its built-in modules to code that does not import them.
    engines: { node: ">=20.16" },
    // A bundler may leave out every module that nothing is imported from, but for those that choose the codec.
    sideEffects: ["./workerd/*.js"],
    main: built(exports["."] ?? "", ".js"),
    types: built(exports["."] ?? "", ".d.ts"),
    browser: Object.fromEntries(
      Object.entries(IN_BROWSERS).map(([file, inBrowsers]) => [`${folder}${file}.js`, `${folder}${inBrowsers}.js`]),
    ),
    jsdelivr: `./${BUNDLE}`,
    unpkg: `./${BUNDLE}`,
    exports: {
      ...Object.fromEntries(entries),
      [`./${BUNDLE}`]: `./${BUNDLE}`,
      "./codec.wasm": "./codec.wasm",
      "./package.json": "./package.json",
    },
    dependencies,
  };
}

/**
 * Writes the modules that workerd gets: they import the codec as a compiled module, since workerd compiles none at run time.
 *
 * @param source What deno.json says.
 * @param folder Where the JavaScript is in the package.
 * @returns The files.
 */
export function workerdFiles({ exports }: Pick<PackageSource, "exports">, folder = "./"): PackageFile[] {
  const built = (entry: string) => `.${folder}${exports[entry]?.slice(2).replace(/\.ts$/, ".js")}`;
  return [
    [
      "workerd/use_codec.js",
      `import module from "../codec.wasm";\nimport { useCodec } from "${built("./codec")}";\n\nuseCodec(module);\n`,
    ],
    ...WITH_CODEC.map((entry): PackageFile => [
      workerdFile(entry),
      `import "./use_codec.js";\nexport * from "${built(entry)}";\n`,
    ]),
  ];
}

function workerdFile(entry: string): string {
  return `workerd/${entry === "." ? "mod" : entry.slice(2)}.js`;
}
