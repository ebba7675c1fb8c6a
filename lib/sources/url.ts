import type { Cluster } from "../cluster/cluster.ts";
import type { ReadOptions } from "../options.ts";
import { invalid } from "../check.ts";
import { withoutTokens } from "../secrets.ts";
import { resolveUrl, splitScheme, tryUrl } from "../urls.ts";
import { blobInput } from "./bytes.ts";
import type { Input } from "./input.ts";
import { replicasInput } from "./replicas.ts";

/** Makes the input of a URL: the resource that is read by HTTP, or the text of a `raw://` URL; `undefined` if it is of another kind. */
export function urlInput(cluster: Cluster, url: string, options: ReadOptions): Input | undefined {
  const [scheme, rest] = splitScheme(url);
  if (scheme === "raw") return blobInput(new Blob([rest]), "raw");
  const isHttp = scheme === "disco" || scheme === "http" || scheme === "https";
  if (!isHttp) return undefined;
  if (scheme !== "disco") checkCredentials(url);
  resolveUrl(url);
  return replicasInput(cluster, [url], options);
}

/** Refuses credentials in a URL, which are not sent: without a word, what needs them would be missing. Nodes need none. */
function checkCredentials(url: string): void {
  const { username = "", password = "" } = tryUrl(url) ?? {};
  if (username + password === "") return;
  const rule = "credentials in it are not sent: fetch it, and give the body of the answer";
  throw invalid("URL", withoutTokens(url), rule, "invalid-url");
}
