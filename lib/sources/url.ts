import type { Cluster } from "../cluster/cluster.ts";
import type { ReadOptions } from "../options.ts";
import { splitScheme } from "../urls.ts";
import { blobInput } from "./bytes.ts";
import type { Input } from "./input.ts";
import { replicasInput } from "./replicas.ts";

/** The input of a URL: what is read by HTTP, or for `raw://` what follows it. Nothing when it is another kind. */
export function urlInput(cluster: Cluster, url: string, options: ReadOptions): Input | undefined {
  const [scheme, rest] = splitScheme(url);
  if (scheme === "raw") return blobInput(new Blob([rest]), "raw");
  const isHttp = scheme === "disco" || scheme === "http" || scheme === "https";
  return isHttp ? replicasInput(cluster, [url], options) : undefined;
}
