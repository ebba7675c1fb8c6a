/** The modules that dnt adds: polyfills, which change globals, and a stand-in for `globalThis`. */
const ADDED = /\/_dnt\.(?:polyfills|shims)\.(?:js|d\.ts)$/;

/** The imports of these modules. */
const IMPORTS = /^import (?:\* as dntShim from )?"[^"]*\/_dnt\.(?:polyfills|shims)\.js";\n/gm;

/**
 * Takes out of a folder what dnt added to it: polyfills and the stand-in for `globalThis`, as the library needs no newer JavaScript than the
 * runtimes have and touches no global; and the folder's package.json, since bundlers ask the nearest one for `browser` and `sideEffects`.
 *
 * @param folder The folder that dnt emitted to.
 * @throws {Error} If a file still uses what dnt added.
 */
export async function removeAdditions(folder: string): Promise<void> {
  await Deno.remove(`${folder}/package.json`);
  await removeModules(folder);
}

async function removeModules(folder: string): Promise<void> {
  for (const { name, isDirectory } of [...Deno.readDirSync(folder)]) {
    const path = `${folder}/${name}`;
    if (isDirectory) await removeModules(path);
    else if (ADDED.test(path)) await Deno.remove(path);
    else await Deno.writeTextFile(path, withoutAdditions(await Deno.readTextFile(path), path));
  }
}

function withoutAdditions(text: string, path: string): string {
  const own = text.replaceAll(IMPORTS, "").replaceAll("dntShim.dntGlobalThis", "globalThis");
  if (/dntShim|"[^"]*\/_dnt\./.test(own)) {
    throw new Error(`${path} uses what dnt added, in a way that is not known here.`);
  }
  return own;
}
