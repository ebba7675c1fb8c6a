// Makes the npm package with `deno pack`, which needs no JSR, and completes it for Node, bundlers, workerd and browsers.
//   deno run -A --config=deno.tools.json scripts/package/pack_npm.ts [FOLDER]      (default: npm)
import { resolve } from "node:path";
import * as esbuild from "esbuild";
import { wasmOf } from "../../lib/codec/text_of_wasm.ts";
import { WASM_TEXT } from "../../lib/codec/wasm_text.ts";
import { oneFile } from "./bundle.ts";
import { BUNDLED, commandFiles, filesWithPackages } from "./command.ts";
import {
  BUNDLE,
  COMPILED_CODEC,
  DISK_STORE,
  FOR_WORKERD,
  IN_BROWSERS,
  OWN_EXPLORER,
  packageJson,
  type PackageSource,
  SET_SEARCH,
  THREADS,
} from "./package_json.ts";
import { linked, REPOSITORY } from "./repository.ts";
import { output } from "../shared/processes.ts";

const ROOT = new URL("../..", import.meta.url);

/**
 * Makes the package.
 *
 * @param folder An empty folder to make it in.
 * @returns The path of the tarball.
 */
export async function packNpm(folder: string): Promise<string> {
  const raw = `${folder}/raw.tgz`;
  const args = ["pack", "--quiet", "--allow-dirty", "--no-source-maps", `--output=${raw}`];
  await output(Deno.execPath(), args, { cwd: ROOT });
  await output("tar", ["-xzf", raw, "-C", folder]);
  await Deno.remove(raw);

  const root = `${folder}/package`;
  for (const path of await filesIn(root)) {
    if (/(?<!\.d)\.ts$/.test(path)) await Deno.remove(`${root}/${path}`);
  }
  const source = await completePackage(root);
  await output("npm", ["pack", "--silent", "--pack-destination", folder, root]);
  return `${folder}/${source.name.slice(1).replace("/", "-")}-${source.version}.tgz`;
}

/**
 * Completes a package that has the JavaScript and its types: package.json, the compiled codec and the modules for workerd, what browsers
 * take in place of other modules, links that work outside of the repository, the client as one file, and the command.
 *
 * @param root The package's folder; its package.json names the dependencies.
 * @param folder Where the JavaScript is in it.
 * @returns What the package is made from.
 */
export async function completePackage(root: string, folder = "./"): Promise<PackageSource> {
  const source = await jsonOf<PackageSource>("deno.json");
  const { dependencies } = JSON.parse(await Deno.readTextFile(`${root}/package.json`));
  const writePackage = async (dependencies: Record<string, string>) => {
    const content = packageJson(source, dependencies, folder);
    await Deno.writeTextFile(`${root}/package.json`, JSON.stringify(content, null, 2) + "\n");
  };
  await writePackage(dependencies);
  await Deno.mkdir(`${root}/workerd`, { recursive: true });
  for (const [path, text] of Object.values(FOR_WORKERD)) await Deno.writeTextFile(`${root}/${path}`, text);
  await choose(`${root}/${folder}lib/codec/current.js`, COMPILED_CODEC);
  await choose(`${root}/${folder}lib/records/quick_search.js`, SET_SEARCH);
  await choose(`${root}/${folder}lib/explorer_page/chosen.js`, OWN_EXPLORER);
  await choose(`${root}/${folder}lib/embedded/open.js`, DISK_STORE);
  await choose(`${root}/${folder}lib/codec/pool.js`, THREADS);
  await Deno.writeFile(`${root}/codec.wasm`, wasmOf(WASM_TEXT));
  for (const module of [...Object.values(IN_BROWSERS), OWN_EXPLORER.bundled, DISK_STORE.bundled, THREADS.bundled]) {
    // What nothing in the library imports is made by neither `deno pack` nor dnt.
    if (await Deno.stat(`${root}/${folder}${module}.js`).then(() => true, () => false)) continue;
    const { code } = await esbuild.transform(await Deno.readTextFile(new URL(`${module}.ts`, ROOT)), { loader: "ts" });
    await Deno.writeTextFile(`${root}/${folder}${module}.js`, code.replaceAll(/(from "\..*)\.ts"/g, '$1.js"'));
  }
  await output("npm", ["install", "--silent", "--omit=dev", "--no-package-lock"], { cwd: root });
  await Deno.writeTextFile(`${root}/${BUNDLE}`, await oneFile(root, "."));
  for (const [name, text] of await commandFiles(root, folder)) {
    await Deno.writeTextFile(`${root}/${name}`, text, { mode: 0o755 });
  }
  for (const [name, text] of await filesWithPackages(root, folder)) await Deno.writeTextFile(`${root}/${name}`, text);
  await Deno.remove(`${root}/${folder}lib/cli`, { recursive: true });
  const isOwn = ([name]: [string, unknown]) => !BUNDLED.includes(name);
  await writePackage(Object.fromEntries(Object.entries<string>(dependencies).filter(isOwn)));
  const place = { repository: REPOSITORY, version: source.version };
  for (const path of await filesIn(root)) {
    if (!/\.(?:js|ts|md)$/.test(path)) continue;
    const text = await Deno.readTextFile(`${root}/${path}`);
    await Deno.writeTextFile(`${root}/${path}`, linked(path.replace(/^esm\//, ""), text, place));
  }
  return source;
}

/** Lets the runtime or a bundler choose a module, which the sources import by its path. */
async function choose(path: string, { module, name }: { module: string; name: string }): Promise<void> {
  const text = await Deno.readTextFile(path);
  const file = module.slice(module.lastIndexOf("/") + 1);
  const chosen = text.replace(new RegExp(`"\\./(?:\\w+/)*${file}\\.js"`), JSON.stringify(name));
  if (chosen === text) throw new Error(`${path} does not import ${module}`);
  await Deno.writeTextFile(path, chosen);
}

/** The files of a package, by their paths in it; without the packages that are installed there. */
async function filesIn(root: string, folder = ""): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${root}/${folder}`)) {
    if (!isDirectory) files.push(folder + name);
    else if (name !== "node_modules") files.push(...await filesIn(root, `${folder}${name}/`));
  }
  return files;
}

/**
 * Makes the package and installs it, as somebody does who uses it.
 *
 * @param others Packages to install beside it, in the versions of deno.tools.json and tests/runtimes/package.json.
 * @param tarball The package, if it is made already.
 * @returns The folder that has it among its `node_modules`.
 */
export async function installNpm(folder: string, others: readonly string[], tarball?: string): Promise<string> {
  const { imports } = await jsonOf<{ imports: Record<string, string> }>("deno.tools.json");
  const { dependencies } = await jsonOf<{ dependencies: Record<string, string> }>("tests/runtimes/package.json");
  // Fewer letters than a token has that is taken out of texts: the paths in errors stay as they are, whichever tokens tests use.
  const installed = `${folder}/app`;
  await Deno.mkdir(installed);
  await Deno.writeTextFile(`${installed}/package.json`, JSON.stringify({ type: "module", private: true }));
  const specifiers = others.map((name) => imports[name]?.replace(/^npm:/, "") ?? `${name}@${dependencies[name]}`);
  const args = ["install", "--silent", "--no-fund", "--no-audit", tarball ?? await packNpm(folder), ...specifiers];
  await output("npm", args, { cwd: installed });
  return installed;
}

async function jsonOf<T>(path: string): Promise<T> {
  return JSON.parse(await Deno.readTextFile(new URL(path, ROOT)));
}

if (import.meta.main) {
  const folder = resolve(Deno.args[0] ?? new URL("npm", ROOT).pathname);
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(folder, { recursive: true });
  console.log(await packNpm(folder));
  await esbuild.stop();
}
