import { codeOf, type Files } from "./files.ts";

const VOLUME = /^vol(?:0|[1-9]\d*)$/;

/** A volume in a folder. */
export interface UnservedVolume {
  /** The node's name; `""` for one without a name. */
  readonly node: string;
  /** Its path in the folder, like `vol1` or `node2/vol0`. */
  readonly path: string;
}

/**
 * Finds the volumes in a folder that have tags and are not served: further ones of the nodes, which may have several in Disco, and those of other nodes.
 *
 * @param root The folder.
 * @param nodes The names of the nodes whose `vol0` is served.
 */
export async function unservedVolumes(
  root: string,
  nodes: readonly string[],
  fs: Pick<Files, "readdir">,
): Promise<UnservedVolume[]> {
  const found: UnservedVolume[] = [];
  const look = async (node: string, names: readonly string[]) => {
    for (const name of names) {
      if (!VOLUME.test(name) || (name === "vol0" && nodes.includes(node))) continue;
      const path = node === "" ? name : `${node}/${name}`;
      // A volume that cannot be read may have tags, too.
      const tags = await namesIn(`${root}/${path}/tag`, fs, ["unreadable"]);
      if (tags.length > 0) found.push({ node, path });
    }
  };
  const names = await namesIn(root, fs, []);
  await look("", names);
  for (const name of names) {
    // What is not a node's may be closed, like lost+found.
    if (!VOLUME.test(name)) await look(name, await namesIn(`${root}/${name}`, fs, []));
  }
  return found;
}

/** Tells whether one of the nodes has its volume in a folder. */
export async function hasVolume(root: string, nodes: readonly string[], fs: Pick<Files, "readdir">): Promise<boolean> {
  for (const node of nodes) if ((await namesIn(`${root}/${node}`, fs, ["vol0"])).includes("vol0")) return true;
  return false;
}

/** Gives the names in a folder: none where there is no folder, others where it cannot be read. */
async function namesIn(
  folder: string,
  fs: Pick<Files, "readdir">,
  unreadable: readonly string[],
): Promise<readonly string[]> {
  try {
    return await fs.readdir(folder);
  } catch (error) {
    return ["ENOENT", "ENOTDIR"].includes(String(codeOf(error))) ? [] : unreadable;
  }
}
