import { invalid } from "../check.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { openBlob } from "../cluster/read_replicas.ts";
import { baseName, decoded, safeName } from "../names.ts";
import type { ReadOptions, Replicas } from "../options.ts";
import { withoutTokens } from "../secrets.ts";
import { resolveUrl } from "../urls.ts";
import type { Input } from "./input.ts";

/**
 * Makes the input of something that is read by HTTP from the first of its URLs that answers.
 *
 * @throws {DiscoError} If one of the URLs is of another kind (code `invalid-url`).
 */
export function replicasInput(cluster: Cluster, replicas: Replicas, { signal }: ReadOptions): Input {
  const [url = ""] = replicas;
  for (const replica of replicas) checkUrl(cluster, replica);
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

/** Checks a URL. Nodes need no token, so that one in a `disco://` URL is left out; what another server needs would be missing without a word. */
function checkUrl(cluster: Cluster, url: string): void {
  resolveUrl(url, cluster.port);
  const { username, password, protocol } = new URL(url.replace(/^disco:/i, "ws:"));
  if (protocol === "ws:" || username + password === "") return;
  const rule = "credentials in it are not sent: fetch it, and give the body of the answer as a stream";
  throw invalid("URL", withoutTokens(url), rule, "invalid-url");
}
