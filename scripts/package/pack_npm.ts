// Makes the npm package with `deno pack`, which needs no JSR, and completes it for Node, bundlers, workerd and browsers.
//   deno run -A --config=deno.tools.json scripts/package/pack_npm.ts [FOLDER]      (default: npm)
import * as esbuild from "esbuild";
import { wasmOf } from "../../lib/codec/wasm_module.ts";
import { WASM_TEXT } from "../../lib/codec/wasm_text.ts";
import { oneFile } from "./bundle.ts";
import { BUNDLE, IN_BROWSERS, packageJson, type PackageSource, workerdFiles } from "./package_json.ts";
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
  const source = await completePackage(root);
  await output("npm", ["pack", "--silent", "--pack-destination", folder, root]);
  return `${folder}/${source.name.slice(1).replace("/", "-")}-${source.version}.tgz`;
}

/**
 * Completes a package that has the JavaScript and its types: package.json, the compiled codec and the modules for workerd, what browsers
 * take in place of lib/runtime/host.ts, and the client as one file.
 *
 * @param root The package's folder; its package.json names the dependencies.
 * @param folder Where the JavaScript is in it.
 * @returns What the package is made from.
 */
export async function completePackage(root: string, folder = "./"): Promise<PackageSource> {
  const source = await jsonOf<PackageSource>("deno.json");
  const { dependencies } = JSON.parse(await Deno.readTextFile(`${root}/package.json`));
  const content = packageJson(source, dependencies, folder);
  await Deno.writeTextFile(`${root}/package.json`, JSON.stringify(content, null, 2) + "\n");
  await Deno.mkdir(`${root}/workerd`, { recursive: true });
  for (const [path, text] of workerdFiles(source, folder)) await Deno.writeTextFile(`${root}/${path}`, text);
  await Deno.writeFile(`${root}/codec.wasm`, wasmOf(WASM_TEXT));
  const host = IN_BROWSERS["lib/runtime/host"];
  const { code } = await esbuild.transform(await Deno.readTextFile(new URL(`${host}.ts`, ROOT)), { loader: "ts" });
  await Deno.writeTextFile(`${root}/${folder}${host}.js`, code);
  await output("npm", ["install", "--silent", "--omit=dev", "--no-package-lock"], { cwd: root });
  await Deno.writeTextFile(`${root}/${BUNDLE}`, await oneFile(root, "."));
  return source;
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
  const installed = `${folder}/user`;
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
  const folder = Deno.args[0] ?? new URL("npm", ROOT).pathname;
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(folder, { recursive: true });
  console.log(await packNpm(folder));
  await esbuild.stop();
}
