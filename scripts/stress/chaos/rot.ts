import type { Random } from "./random.ts";

/**
 * Turns a bit in the middle of stored chunks, as an old disk does.
 *
 * @param folder A node's folder.
 * @param most How many files at most.
 * @param random Chooses them.
 * @returns How many files are rotten.
 */
export async function rot(folder: string, most: number, random: Random): Promise<number> {
  const files = await chunkFiles(folder);
  let count = 0;
  for (; count < most && files.length > 0; count++) {
    const [path = ""] = files.splice(random.below(files.length), 1);
    const bytes = await Deno.readFile(path);
    const middle = bytes.length >> 1;
    bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    await Deno.chmod(path, 0o600);
    await Deno.writeFile(path, bytes);
  }
  return count;
}

async function chunkFiles(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) found.push(...await chunkFiles(`${folder}/${name}`));
    else if (name.startsWith("chunk")) found.push(`${folder}/${name}`);
  }
  return found.sort();
}
