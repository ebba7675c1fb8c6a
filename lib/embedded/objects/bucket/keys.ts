import type { OptionKind } from "../../../check.ts";
import { folderOf } from "../../stores/object_names.ts";

/** The keys of all heads of tags begin with this. */
export const HEADS = "tag/";
/** The keys of all segments of tags begin with this. */
export const SEGMENTS = "seg/";

/** Gives the key of a tag's head. */
export function headKey(name: string): string {
  return `${HEADS}${name}`;
}

/** Gives the key of a segment: `seg/ID.NONCE.N`. */
export function segmentKey(name: string, part: string): string {
  return `${SEGMENTS}${name}$${part}`;
}

/** Gives the beginning of the keys of a node's blobs: the only node's are at the top, whatever its name is. */
export function blobsOf(node: string, nodes: readonly string[]): string {
  return nodes.length === 1 ? "blob/" : `node/${node}/blob/`;
}

/** Gives the key of a blob. */
export function blobKey(blobs: string, object: string): string {
  return `${blobs}${folderOf(object)}/${object}`;
}

/** The folder of a bucket that gets everything; it may be none, and may end with a slash. */
export const PREFIX: OptionKind = ['it must be a path like "ddfs" or "a/b"', isPrefix];

function isPrefix(value: unknown): boolean {
  if (typeof value !== "string") return false;
  const folder = value.replace(/\/$/, "");
  return folder === "" || folder.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}
