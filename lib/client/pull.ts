import { answered } from "../check.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { pulled, type PulledBlob } from "../cluster/pulled_blob.ts";
import { walkTags } from "../cluster/walk.ts";
import { blobName, parseTag, type Tag } from "../names.ts";
import type { PullOptions } from "../options.ts";

/** Opens the blobs of a tag and of all that it links to, one after the other; ends the request of one that nobody has read. */
export async function* pullBlobs(
  cluster: Cluster,
  tag: Tag,
  filter: (name: string) => boolean,
  options: PullOptions,
  later?: AbortSignal,
): AsyncGenerator<PulledBlob, void, undefined> {
  const onMissing = (path: string[], error: Error) => {
    options.onMissing?.(path, error);
    // What it links to may be missing, but not the tag itself.
    if (path.length === 1) throw error;
  };
  for await (const { blobs } of walkTags(cluster, [parseTag(tag)], { ...options, onMissing })) {
    for (const replicas of blobs) {
      if (!answered("filter", filter(blobName(replicas[0] ?? "")))) continue;
      const [blob, end] = await pulled(cluster, replicas, options, later);
      try {
        yield blob;
      } finally {
        end();
      }
    }
  }
}
