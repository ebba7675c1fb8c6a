/** The root of the repository. */
export const ROOT: URL = new URL("../../", import.meta.url);

/** Reads the sources and Markdown files of the repository; those of this folder, which quote faults, are left out. */
export async function textsOfRepository(): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  const read = async (folder: string, deep: boolean) => {
    for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
      const path = folder + name;
      if (isDirectory && deep && path !== "tests/docs" && name !== "node_modules") await read(`${path}/`, deep);
      if (/\.(ts|md)$/.test(name)) texts.set(path, await Deno.readTextFile(new URL(path, ROOT)));
    }
  };
  await read("", false);
  for (const folder of ["lib/", "scripts/", "tests/", "wasm/", ".github/"]) {
    if (await exists(folder)) await read(folder, true);
  }
  return texts;
}

/** Tells whether the repository has a file or a folder. */
export function exists(path: string): Promise<boolean> {
  return Deno.stat(new URL(path, ROOT)).then(() => true, () => false);
}
