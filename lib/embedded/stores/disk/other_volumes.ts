import { DiscoError } from "../../../errors.ts";
import { builtin, codeOf, type Files } from "./files.ts";

/**
 * Finds the volumes in a folder that are not served: nodes of Disco may have several, and a folder here has `vol0`.
 *
 * @param root The folder, by its path or its `file:` URL.
 * @param nodes The nodes' names.
 * @returns Their paths in the folder.
 * @throws {DiscoError} If a node has no volume there at all (code `not-found`).
 */
export async function otherVolumes(root: string | URL, nodes: readonly string[]): Promise<string[]> {
  const fs = builtin<Files>("node:fs/promises");
  const { fileURLToPath } = builtin<typeof import("node:url")>("node:url");
  const path = root instanceof URL || /^file:/i.test(root) ? fileURLToPath(root) : root;
  const others: string[] = [];
  for (const node of nodes) {
    const folder = node === "" ? path : `${path}/${node}`;
    const volumes = (await namesIn(folder, fs)).filter((name) => /^vol(?:0|[1-9]\d*)$/.test(name));
    if (volumes.length === 0) {
      const reason = `${folder} holds no DDFS: it has no vol0; the folder of several nodes needs their names`;
      throw new DiscoError(reason, { code: "not-found" });
    }
    for (const name of volumes) if (name !== "vol0") others.push(node === "" ? name : `${node}/${name}`);
  }
  return others.sort();
}

async function namesIn(folder: string, fs: Files): Promise<string[]> {
  try {
    return await fs.readdir(folder);
  } catch (cause) {
    const [code, reason] = codeOf(cause) === "ENOENT"
      ? ["not-found", "there is no such folder"] as const
      : ["server-error", "it cannot be read"] as const;
    throw new DiscoError(`Nothing can be copied from ${folder}: ${reason}`, { code, cause });
  }
}
