import * as esbuild from "esbuild";

/** The command as one file, with the packages that it needs; the library, and what is only wanted at times, it imports from the package. */
export const COMMAND = "ddfs.js";

/** The scripts for shells, which are only wanted at times. */
const COMPLETION = "ddfs_completion.js";

/** The packages that are bundled into the command, and so are none that the npm package depends on. */
export const BUNDLED = ["@bomb.sh/tab", "@types/cli-progress", "cli-progress", "commander"];

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

async function bundled(root: string, contents: string, folder?: string, banner = ""): Promise<string> {
  const external = (path: string) => ({ path, external: true });
  const own: esbuild.Plugin = {
    name: "the package's own modules",
    setup(build) {
      build.onResolve({ filter: /^\.\.\/\.\.\/\.\.\/mod\.js$/ }, () => external(`${folder}mod.js`));
      build.onResolve({ filter: /^\.\.\/\.\.\/embedded\/mod\.js$/ }, () => external(`${folder}lib/embedded/mod.js`));
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
