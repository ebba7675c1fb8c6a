import * as esbuild from "esbuild";

/** The command as one file, with the packages that it needs; the library, and what is only wanted at times, it imports from the package. */
export const COMMAND = "ddfs.js";

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
 * @param folder Where the JavaScript is in it, `./` or `./esm/`.
 * @returns The text of the file, which stands in the package's folder.
 */
export async function commandFile(root: string, folder: string): Promise<string> {
  const own: esbuild.Plugin = {
    name: "the package's own modules",
    setup(build) {
      build.onResolve({ filter: /^(?:\.\.\/\.\.\/mod|\.\.\/embedded\/mod)\.js$/ }, ({ path }) => ({
        path: folder + path.replace("../../", "").replace("../", "lib/"),
        external: true,
      }));
    },
  };
  const { outputFiles: [file] } = await esbuild.build({
    stdin: { contents: `import { main } from "${folder}lib/cli/main.js";\nawait main();\n`, resolveDir: root },
    ...{ bundle: true, minify: true, write: false, logLevel: "error", absWorkingDir: root },
    ...{ format: "esm", target: "es2022", platform: "node", legalComments: "none" },
    // The file that Deno runs starts itself.
    define: { "import.meta.main": "false" },
    banner: { js: BANNER },
    plugins: [own],
  });
  return file?.text ?? "";
}
