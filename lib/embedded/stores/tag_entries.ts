import { parseObject } from "./object_names.ts";
import type { OrderedMap } from "./ordered_map.ts";
import type { TagVersion } from "./tag_store.ts";

/** A file of a tag. */
export interface TagFile {
  /** The node that has it. */
  readonly node: string;
  /** Its name, `NAME$STAMP`. */
  readonly object: string;
}

/** A tag that is known: its newest version, and all its files. */
export interface Entry extends TagVersion {
  /** The stamp of the newest version. */
  readonly stamp: number;
  /** Its files, older ones among them. */
  readonly files: readonly TagFile[];
}

/** Notes a file that was found. */
export function noteFile(entries: OrderedMap<Entry>, file: TagFile): void {
  const parsed = parseObject(file.object);
  if (parsed === undefined) return;
  const { name, stamp } = parsed;
  const known = entries.get(name);
  if (known === undefined) {
    return void entries.set(name, { object: file.object, nodes: [file.node], stamp, files: [file] });
  }
  const files = [...known.files, file];
  if (known.stamp > stamp) return void entries.set(name, { ...known, files });
  const nodes = files.filter(({ object }) => object === file.object).map(({ node }) => node);
  entries.set(name, { object: file.object, nodes, stamp, files });
}
