import { sourceFailed } from "../base/byte_reader.ts";
import { invalid } from "../check.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { openBlob } from "../cluster/read_replicas.ts";
import type { ReadOptions } from "../options.ts";
import { hostOf } from "../urls.ts";

/**
 * Reads an index of inputs, which a `dir://` URL names; each line is `label url size`.
 *
 * @param url The URL: with `.gz` in its name, the index is gzipped.
 * @returns The URLs in it; no files of this machine, and no other index.
 * @throws {DataError} If it is no index (code `source-failed`), or cannot be read.
 * @see {@link https://REPOSITORY/lib/records/FORMAT.md#other-inputs FORMAT: Other inputs}
 */
export async function indexedUrls(cluster: Cluster, url: string, { signal }: ReadOptions): Promise<string[]> {
  if (hostOf(url) === "") throw invalid("URL", url, 'write "dir://host/path"', "invalid-url");
  const { stream } = await openBlob(cluster, [url.replace(/^dir:/i, "disco:")], { signal });
  const isZipped = /\.gz[^/\\]*[/\\]*$/.test(url);
  try {
    const text = await new Response(isZipped ? stream.pipeThrough(new DecompressionStream("gzip")) : stream).text();
    return text.split("\n").filter((line) => line.trim() !== "").map(target);
  } catch (cause) {
    signal?.throwIfAborted();
    throw sourceFailed(url, cause);
  }
}

function target(line: string): string {
  const [, url = ""] = line.trim().split(/\s+/);
  if (/^(?!(file|dir):)[a-z][a-z\d+.-]*:\/\//i.test(url)) return url;
  throw new TypeError(`${JSON.stringify(line.slice(0, 100))} is no line of an index: "label url size"`);
}
