// Makes the npm package with dnt, in npm/. Needs JSR, where dnt is; without it, scripts/package/pack_npm.ts makes the same package.
//   deno task npm
import * as esbuild from "esbuild";
import { removeAdditions } from "./dnt_additions.ts";
import { completePackage } from "./pack_npm.ts";
import { output } from "../shared/processes.ts";

/** What is used of @deno/dnt. */
interface Dnt {
  build(options: Record<string, unknown>): Promise<void>;
  emptyDir(folder: string): Promise<void>;
}

// Not a literal: checking and documenting the scripts must not need JSR.
const DNT: string = "@deno/dnt";
const ROOT = new URL("../..", import.meta.url);
const FOLDER = new URL("npm", ROOT).pathname;

const dnt: Dnt | undefined = await import(DNT).catch((cause) => {
  console.error(
    `The npm package cannot be made with dnt: dnt is on JSR, which cannot be reached from here (${cause.message}).
Where JSR is out of reach, "deno run -A --config=deno.tools.json scripts/package/pack_npm.ts" makes the same package, and "deno task test:node" tests it.`,
  );
  Deno.exitCode = 1;
});
if (dnt !== undefined) {
  const [{ name, version, license, exports }, { dependencies }] = await Promise.all(
    ["deno.json", "tests/runtimes/package.json"].map(async (path) =>
      JSON.parse(await Deno.readTextFile(new URL(path, ROOT)))
    ),
  );
  await dnt.emptyDir(FOLDER);
  await dnt.build({
    entryPoints: Object.entries<string>(exports).map(([entry, path]) => ({ name: entry, path })),
    outDir: FOLDER,
    importMap: new URL("deno.json", ROOT).href,
    ...{ esModule: true, scriptModule: false, declaration: "inline", shims: {}, test: false, typeCheck: false },
    ...{ skipSourceOutput: true, skipNpmInstall: false },
    compilerOptions: {
      target: "ES2022",
      lib: ["ES2023", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
      sourceMap: false,
    },
    package: { name, version, license, devDependencies: { "@types/node": dependencies["@types/node"] } },
  });
  await removeAdditions(`${FOLDER}/esm`);
  for (const file of ["README.md", "LICENSE"]) await Deno.copyFile(new URL(file, ROOT), `${FOLDER}/${file}`);
  await completePackage(FOLDER, "./esm/");
  await Deno.remove(`${FOLDER}/.npmignore`).catch(() => {});
  console.log((await output("npm", ["pack", "--silent", "--pack-destination", FOLDER, FOLDER])).trim());
  await esbuild.stop();
}
