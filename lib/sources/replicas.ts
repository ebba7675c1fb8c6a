import type { Cluster } from "../cluster/cluster.ts";
import { openBlob } from "../cluster/read_replicas.ts";
import { baseName, decoded, safeName } from "../names.ts";
import type { ReadOptions, Replicas } from "../options.ts";
import type { Input } from "./input.ts";

/** Makes the input of something that is read by HTTP from the first of its URLs that answers. */
export function replicasInput(cluster: Cluster, replicas: Replicas, { signal }: ReadOptions): Input {
  const [url = ""] = replicas;
  return {
    label: url,
    name: safeName(decoded(baseName(url.replace(/[?#].*$/s, "")))),
    size: undefined,
    isStored: replicas.some((replica) => replica.includes("/ddfs/")),
    replicas: replicas.length,
    open: async (start = 0, avoid = new Set()) => {
      const { stream, url } = await openBlob(cluster, replicas, { start, avoid, signal });
      return { bytes: stream, url };
    },
  };
}
