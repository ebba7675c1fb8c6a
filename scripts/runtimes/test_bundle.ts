const ROOT = new URL("../..", import.meta.url);

/** The packages that tests need in a runtime without a test runner. */
export const IN_BUNDLES = ["@vitest/expect", "chai"];

/** What stands in there for the test libraries and the file system. */
export const STAND_INS: Readonly<Record<string, URL>> = {
  "@std/testing/bdd": new URL("tests/runtimes/bdd.ts", ROOT),
  "@std/expect": new URL("tests/runtimes/expect.ts", ROOT),
  "node:fs/promises": new URL("tests/runtimes/files.ts", ROOT),
};

/**
 * Reads test data, to be carried in a bundle: the golden files, unless another file or folder is named.
 *
 * @returns JSON: the files in base64, by their paths in tests/.
 */
export async function testdata(path = "testdata/golden"): Promise<string> {
  const { isFile } = await Deno.stat(new URL(`tests/${path}`, ROOT));
  const files = isFile ? [[path, base64Of(await Deno.readFile(new URL(`tests/${path}`, ROOT)))]] : await filesIn(path);
  return JSON.stringify(Object.fromEntries(files));
}

async function filesIn(folder: string): Promise<[path: string, base64: string][]> {
  const files: [string, string][] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(`tests/${folder}`, ROOT))) {
    const path = `${folder}/${name}`;
    if (isDirectory) files.push(...await filesIn(path));
    else files.push([path, base64Of(await Deno.readFile(new URL(`tests/${path}`, ROOT)))]);
  }
  return files;
}

function base64Of(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
