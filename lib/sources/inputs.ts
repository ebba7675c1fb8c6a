import { invalid } from "../check.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { isTag } from "../names.ts";
import type { WalkOptions } from "../options.ts";
import { resolveUrl, splitScheme } from "../urls.ts";
import { bytesInput } from "./bytes.ts";
import type { Input } from "./input.ts";
import { isPath, pathInputs } from "./path.ts";
import { replicasInput } from "./replicas.ts";
import type { FileSource, Source } from "./source.ts";
import { streamInput } from "./stream.ts";
import { tagInputs } from "./tag.ts";
import { urlInput } from "./url.ts";

const RULE =
  'write a tag, "./path", a disco:// http:// file:// raw:// dir:// URL, replica URLs, a Blob, bytes, or a stream';

/**
 * Finds the inputs that a source stands for: tags, folders and `dir://` indexes are read for what they list.
 *
 * @throws {DataError | DiscoError} If the source is of no known kind, or is not there.
 */
export async function inputsOf(cluster: Cluster, source: Source, options: WalkOptions): Promise<Input[]> {
  const ready = bytesInput(source) ?? streamInput(source);
  if (ready !== undefined) return [ready];
  const urls: unknown[] = source instanceof URL ? [source.href] : Array.isArray(source) ? source : [source];
  const [first] = urls;
  if (typeof first !== "string" || !urls.every((url): url is string => typeof url === "string" && url !== "")) {
    throw invalid("source", source, RULE);
  }
  if (urls.length > 1) {
    for (const url of urls) resolveUrl(url);
    return [replicasInput(cluster, urls, options)];
  }
  const [scheme] = splitScheme(first);
  if (scheme === "tag" || scheme === undefined && isTag(first)) return await tagInputs(cluster, first, options);
  if (scheme === "dir") return await dirInputs(cluster, first, options);
  if (isPath(first)) return await pathInputs(first);
  const input = urlInput(cluster, first, options);
  if (input === undefined) throw invalid("source", first, RULE, "invalid-url");
  return [input];
}

/**
 * Finds the inputs of a source that is stored as it is: bytes, a stream, a file, or all files of a folder.
 *
 * @throws {DataError | DiscoError} If the source is of no such kind, or is not there.
 */
export async function filesOf(source: FileSource): Promise<Input[]> {
  const ready = bytesInput(source) ?? streamInput(source);
  if (ready !== undefined) return [ready];
  const text = source instanceof URL ? source.href : source;
  if (typeof text === "string" && text !== "" && isPath(text)) return await pathInputs(text);
  const rule = 'write [source, "name"], a path, a Blob, bytes, or a stream';
  throw invalid("source", text, `push() stores files; chunk() reads URLs and tags; ${rule}`);
}

/** Makes the inputs that an index lists. Few users have one, so the code that reads it is loaded when it is needed. */
async function dirInputs(cluster: Cluster, url: string, options: WalkOptions): Promise<Input[]> {
  const { indexedUrls } = await import("./dir_index.ts");
  const urls = await indexedUrls(cluster, url, options);
  return (await Promise.all(urls.map((url) => inputsOf(cluster, url, options)))).flat();
}
