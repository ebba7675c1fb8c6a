import { builtin, type Files } from "./files.ts";

/**
 * Finds the volumes in a folder that are not served: nodes of Disco may have several, and a folder here has `vol0`.
 *
 * @param root The folder, by its path or its `file:` URL.
 * @param nodes The nodes' names.
 * @returns Their paths in the folder.
 */
export async function otherVolumes(root: string | URL, nodes: readonly string[]): Promise<string[]> {
  const fs = builtin<Files>("node:fs/promises");
  const { fileURLToPath } = builtin<typeof import("node:url")>("node:url");
  const path = root instanceof URL || /^file:/i.test(root) ? fileURLToPath(root) : root;
  const others: string[] = [];
  for (const node of nodes) {
    const names = await fs.readdir(node === "" ? path : `${path}/${node}`).catch(() => []);
    for (const name of names) if (/^vol[1-9]\d*$/.test(name)) others.push(node === "" ? name : `${node}/${name}`);
  }
  return others.sort();
}
