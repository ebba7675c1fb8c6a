import { relative, resolve } from "node:path";
import * as esbuild from "esbuild";

/** The command as one file, with the packages that it needs; the library, and what is only wanted at times, it imports from the package. */
export const COMMAND = "ddfs.js";

/** The scripts for shells, which are only wanted at times. */
const COMPLETION = "ddfs_completion.js";

/** The packages that are bundled into the command or into a module, and so are none that the npm package depends on. */
export const BUNDLED = ["@bomb.sh/tab", "@types/cli-progress", "aws4fetch", "cli-progress", "commander", "modern-tar"];

/** The modules that have packages of their own in them. */
const WITH_PACKAGES = [
  "lib/sources/tar_blobs.js",
  "lib/gateway/s3_signature.js",
  "lib/embedded/objects/s3/requests.js",
];

/** commander and cli-progress are CommonJS. */
const BANNER = `#!/usr/bin/env node
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);`;

/**
 * Bundles the command.
 *
 * @param root The npm package's folder, the packages of the command installed.
 * @param folder The folder of the JavaScript in it, `./` or `./esm/`.
 * @returns The names of files in the package's folder, and their texts.
 */
export async function commandFiles(root: string, folder: string): Promise<[name: string, text: string][]> {
  return [
    [COMMAND, await bundled(root, `import { main } from "${folder}lib/cli/main.js";\nawait main();\n`, folder, BANNER)],
    [COMPLETION, await bundled(root, 'export { default } from "@bomb.sh/tab";\n')],
  ];
}

/**
 * Puts the packages that only one module needs into it; the library's own modules stay where they are.
 *
 * @param root The npm package's folder, the packages installed.
 * @param folder The folder of the JavaScript in it, `./` or `./esm/`.
 * @returns The names of files in the package's folder, and their texts.
 */
export async function filesWithPackages(root: string, folder: string): Promise<[name: string, text: string][]> {
  const own: esbuild.Plugin = {
    name: "the package's own modules",
    setup(build) {
      build.onResolve(
        { filter: /^\./ },
        ({ path, importer }) => importer.includes("node_modules") ? undefined : { path, external: true },
      );
    },
  };
  return await Promise.all(WITH_PACKAGES.map(async (path): Promise<[string, string]> => {
    const { outputFiles: [file] } = await esbuild.build({
      stdin: { contents: await Deno.readTextFile(`${root}/${folder}${path}`), resolveDir: root, sourcefile: path },
      ...{ bundle: true, write: false, logLevel: "error", absWorkingDir: root },
      ...{
        format: "esm",
        target: "es2022",
        platform: "neutral",
        mainFields: ["module", "main"],
        legalComments: "inline",
      },
      plugins: [own],
    });
    return [`${folder}${path}`, file?.text ?? ""];
  }));
}

async function bundled(root: string, contents: string, folder?: string, banner = ""): Promise<string> {
  const external = (path: string) => ({ path, external: true });
  const own: esbuild.Plugin = {
    name: "the package's own modules",
    setup(build) {
      build.onResolve({ filter: /^\.\.\// }, ({ path, importer, resolveDir }) => {
        const inPackage = relative(root, resolve(resolveDir, path));
        // Only the command's own modules are in its file.
        const isOther = !importer.includes("node_modules") && !/^(?:esm\/)?lib\/cli\//.test(inPackage);
        return isOther ? external(`./${inPackage}`) : undefined;
      });
      build.onResolve({ filter: /^@bomb\.sh\/tab$/ }, () => external(`./${COMPLETION}`));
    },
  };
  const { outputFiles: [file] } = await esbuild.build({
    stdin: { contents, resolveDir: root },
    ...{ bundle: true, minify: true, write: false, logLevel: "error", absWorkingDir: root },
    ...{ format: "esm", target: "es2022", platform: "node", legalComments: "none" },
    // The file that Deno runs starts itself.
    define: { "import.meta.main": "false" },
    banner: { js: banner },
    plugins: folder === undefined ? [] : [own],
  });
  return file?.text ?? "";
}
