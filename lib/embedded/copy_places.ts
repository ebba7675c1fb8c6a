import { isObject } from "../check.ts";
import type { EmbeddedOptions } from "./options.ts";

/** A place of {@linkcode copyStore}: a folder, a bucket or a store, as {@linkcode EmbeddedOptions} have them, and the nodes in it. */
export interface CopyPlace extends Pick<EmbeddedOptions, "root" | "store" | "objects"> {
  /**
   * The names of the nodes. A folder with several has one for each, `NAME/vol0`. Without names there is one node; a bucket that has one is the same
   * whatever the node is called.
   */
  nodes?: readonly string[];
}

/** Tells whether a value says where a DDFS is, and nothing else. */
export function isCopyPlace(value: unknown): value is CopyPlace {
  if (!isObject(value)) return false;
  const { root, store, objects, nodes, ...others } = value;
  const places = [root, store, objects].filter((place) => place !== undefined);
  const areNodes = nodes === undefined || (Array.isArray(nodes) && nodes.length > 0);
  return places.length === 1 && areNodes && Object.keys(others).length === 0;
}
