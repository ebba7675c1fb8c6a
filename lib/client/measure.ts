import type { Cluster } from "../cluster/cluster.ts";
import { firstAnswer } from "../cluster/first_answer.ts";
import { walkTags } from "../cluster/walk.ts";
import { inOrder } from "../base/in_order.ts";
import { isObject } from "../check.ts";
import { CommError } from "../errors.ts";
import { blobName, parseTag, type Tag } from "../names.ts";
import type { ReadOptions, Replicas, WalkOptions } from "../options.ts";

/** A node of the cluster, as its master sees it. */
export interface NodeInfo {
  /** Its host name. */
  readonly name: string;
  /** Bytes that are free on its disks. */
  readonly free: number;
  /** Bytes that DDFS has in use there. */
  readonly used: number;
  /** True if the master reaches it. */
  readonly connected: boolean;
  /** True if it gets no new blobs, because an administrator said so. */
  readonly blacklisted: boolean;
}

/** A blob and its size. */
export interface BlobSize {
  /** The blob's name, without its time stamp. */
  readonly name: string;
  /** Its replicas. */
  readonly replicas: Replicas;
  /** Its size in bytes; `undefined` if no replica says it. */
  readonly size: number | undefined;
  /** The reason why there is no size. */
  readonly error?: CommError;
}

/** The number of requests for sizes at a time. */
const AT_ONCE = 8;
/** The most sizes that are remembered, which take some 20 MB of memory. */
const REMEMBERED = 100_000;

/** The sizes of blobs by their first replica, which never change; for each client. */
const known = new WeakMap<Cluster["master"], Map<string, number>>();

/** Asks the master for its nodes, in the order of their names. */
export async function nodesOf(cluster: Cluster, { signal }: Pick<ReadOptions, "signal">): Promise<NodeInfo[]> {
  const url = `${cluster.master.base}/disco/ctrl/nodeinfo`;
  return await cluster.transport.json({ url, toMaster: true, signal }, nodeList);
}

/** Asks for the size of each blob that is listed, or that a tag and all that it links to hold, a few at a time. */
export async function* sizesOf(
  cluster: Cluster,
  blobs: Tag | readonly Replicas[],
  options: WalkOptions,
): AsyncGenerator<BlobSize, void, undefined> {
  const sizes = known.get(cluster.master) ?? new Map<string, number>();
  known.set(cluster.master, sizes);
  const replicaSets = async function* (): AsyncGenerator<Replicas, void, undefined> {
    if (isReplicaList(blobs)) return yield* blobs;
    const tag = blobs;
    for await (const { blobs } of walkTags(cluster, [parseTag(tag)], options)) yield* blobs;
  };
  const ask = (replicas: Replicas) => sizeOf(cluster, replicas, sizes, options.signal);
  yield* inOrder(replicaSets(), ask, { width: () => AT_ONCE, stop: () => {} });
}

/** Tells a list of blobs from a tag, which may be a list, too, whose first item is its name. */
export function isReplicaList(blobs: Tag | readonly Replicas[]): blobs is readonly Replicas[] {
  return Array.isArray(blobs) && blobs.every((item) => Array.isArray(item));
}

async function sizeOf(
  cluster: Cluster,
  replicas: Replicas,
  sizes: Map<string, number>,
  signal: AbortSignal | undefined,
): Promise<BlobSize> {
  const [url = ""] = replicas;
  const name = blobName(url);
  const before = sizes.get(url);
  if (before !== undefined) return { name, replicas, size: before };
  try {
    const { size, end } = await firstAnswer(cluster, replicas, { method: "HEAD", signal });
    end();
    if (size !== undefined) {
      const [oldest = ""] = sizes.size < REMEMBERED ? [] : sizes.keys();
      sizes.delete(oldest);
      sizes.set(url, size);
    }
    return { name, replicas, size };
  } catch (error) {
    if (error instanceof CommError && !signal?.aborted) return { name, replicas, size: undefined, error };
    throw error;
  }
}

/** Takes the nodes from the master's JSON, where sizes are in KiB. */
function nodeList(value: unknown): NodeInfo[] | undefined {
  if (!isObject(value)) return undefined;
  const nodes = Object.entries(value).map(([name, info]) => {
    const { diskfree, diskused, connected, blacklisted } = Object(info);
    return {
      name,
      free: Number(diskfree) * 1024,
      used: Number(diskused) * 1024,
      connected: connected === true,
      blacklisted: blacklisted === true,
    };
  });
  if (nodes.some(({ free, used }) => Number.isNaN(free + used))) return undefined;
  return nodes.sort((one, other) => one.name < other.name ? -1 : 1);
}
