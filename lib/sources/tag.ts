import { show } from "../check.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { type WalkEntry, walkTags } from "../cluster/walk.ts";
import { DataError } from "../errors.ts";
import { canonizeTag, parseTag, type Tag } from "../names.ts";
import type { WalkOptions } from "../options.ts";
import type { Input } from "./input.ts";
import { replicasInput } from "./replicas.ts";

/**
 * Makes the inputs of a tag: the blobs in it, and in all that it links to. The tag itself must exist; tags that it links to may be missing.
 *
 * @throws {DataError} If the tag is missing (code `not-found`), or cannot be read.
 */
export async function tagInputs(cluster: Cluster, tag: Tag, options: WalkOptions): Promise<Input[]> {
  const entries: WalkEntry[] = [];
  for await (const entry of walkTags(cluster, [parseTag(tag)], options)) entries.push(entry);
  if (entries.length > 0) {
    return entries.flatMap(({ blobs }) => blobs.map((replicas) => replicasInput(cluster, replicas, options)));
  }
  const url = canonizeTag(tag);
  throw new DataError(`There is no tag ${show(url)}`, { code: "not-found", url });
}
