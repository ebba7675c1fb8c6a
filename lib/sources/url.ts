import type { Cluster } from "../cluster/cluster.ts";
import type { ReadOptions } from "../options.ts";
import { splitScheme } from "../urls.ts";
import { blobInput } from "./bytes.ts";
import type { Input } from "./input.ts";
import { replicasInput } from "./replicas.ts";

/** Makes the input of a URL: the resource that is read by HTTP, or the text of a `raw://` URL; `undefined` if it is of another kind. */
export function urlInput(cluster: Cluster, url: string, options: ReadOptions): Input | undefined {
  const [scheme, rest] = splitScheme(url);
  if (scheme === "raw") return blobInput(new Blob([rest]), "raw");
  const isHttp = scheme === "disco" || scheme === "http" || scheme === "https";
  return isHttp ? replicasInput(cluster, [url], options) : undefined;
}
