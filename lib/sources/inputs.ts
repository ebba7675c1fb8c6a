import { invalid, show } from "../check.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { DataError } from "../errors.ts";
import { baseName, canonizeTag, isTag, parseTag, safeName, type Tag } from "../names.ts";
import type { ReadOptions, Replicas, WalkOptions } from "../options.ts";
import { openBlob } from "../cluster/read_replicas.ts";
import { sourceFailed } from "../base/byte_reader.ts";
import { blobBytes, type Bytes, type ByteSource, fileBytes, isPath, plainBytes } from "./bytes.ts";
import { hostOf, resolveUrl, splitScheme } from "../urls.ts";
import { type WalkEntry, walkTags } from "../cluster/walk.ts";

/**
 * What chunk() and records() read: a tag (`tag://…` or a bare name), a path (`./…`), a URL (`disco://`, `http(s)://`, `file://`, `raw://`,
 * `dir://`), the replicas of a blob, a File, a Blob, bytes, or a stream. Bytes are not copied: they must stay as they are until the operation ends.
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#names-and-addresses PROTOCOL: Names and addresses}
 * @see {@link https://REPOSITORY/lib/records/FORMAT.md#other-inputs FORMAT: Other inputs}
 */
export type Source = string | URL | Replicas | ByteSource;

/** One input of chunk() or records(): a stream of bytes that is opened when its turn comes. */
export interface Input {
  /** What it is, for messages. */
  readonly label: string;
  /** What its blobs are called, without `-n`; empty where the source has no name. */
  readonly name: string;
  /** Its size in bytes, if it is known. */
  readonly size: number | undefined;
  /** Whether it is stored in DDFS, and so may be a chunk. */
  readonly isStored: boolean;
  /** Opens it at a byte; `avoid` names replicas that turned out bad. Only stored inputs can be opened elsewhere than at 0. */
  open(start: number, avoid?: ReadonlySet<string>): Promise<{ stream: ReadableStream<Uint8Array>; url: string }>;
  /** How many replicas there are to read from. */
  readonly replicas: number;
}

const RULE =
  'write a tag, "./path", a disco:// http:// file:// raw:// dir:// URL, replica URLs, a Blob, bytes, or a stream';

/**
 * Finds the inputs that a source stands for: tags and `dir://` indexes are read for what they list.
 *
 * @throws {DataError | DiscoError} If the source is of no known kind, or is not there.
 */
export async function inputsOf(cluster: Cluster, source: Source, options: WalkOptions): Promise<Input[]> {
  const bytes = plainBytes(source);
  if (bytes !== undefined) return [bytesInput(bytes)];
  const urls: unknown[] = source instanceof URL ? [source.href] : Array.isArray(source) ? source : [source];
  const [first] = urls;
  if (typeof first !== "string" || !urls.every((url): url is string => typeof url === "string" && url !== "")) {
    throw invalid("source", source, RULE);
  }
  const [scheme, rest] = splitScheme(first);
  if (urls.length > 1 || scheme === "disco" || scheme === "http" || scheme === "https") {
    return [replicasInput(cluster, urls, options)];
  }
  if (scheme === "tag" || (scheme === undefined && isTag(first))) return await tagInputs(cluster, first, options);
  if (scheme === "raw") return [bytesInput(blobBytes(new Blob([rest]), "raw"))];
  if (scheme === "dir") return await directoryInputs(cluster, first, options);
  if (isPath(first)) return [bytesInput(await fileBytes(first))];
  throw invalid("source", first, RULE, "invalid-url");
}

function bytesInput(bytes: Bytes): Input {
  return {
    ...bytes,
    name: safeName(bytes.name),
    isStored: false,
    replicas: 1,
    open: async () => ({ stream: await bytes.open(), url: bytes.label }),
  };
}

function replicasInput(cluster: Cluster, replicas: Replicas, { signal }: ReadOptions): Input {
  const [url = ""] = replicas;
  for (const replica of replicas) resolveUrl(replica, cluster.port);
  return {
    label: url,
    name: safeName(baseName(url.replace(/[?#].*$/s, ""))),
    size: undefined,
    isStored: replicas.some((replica) => replica.includes("/ddfs/")),
    replicas: replicas.length,
    open: (start, avoid = new Set()) => openBlob(cluster, replicas, { start, avoid, signal }),
  };
}

/** A tag that is read for its data has to be there; what it links to may be missing. */
async function tagInputs(cluster: Cluster, tag: Tag, options: WalkOptions): Promise<Input[]> {
  const entries: WalkEntry[] = [];
  for await (const entry of walkTags(cluster, [parseTag(tag)], options)) entries.push(entry);
  if (entries.length > 0) {
    return entries.flatMap(({ blobs }) => blobs.map((replicas) => replicasInput(cluster, replicas, options)));
  }
  const url = canonizeTag(tag);
  throw new DataError(`There is no tag ${show(url)}`, { code: "not-found", url });
}

/** Reads the index that a `dir://` URL names. */
async function directoryInputs(cluster: Cluster, url: string, options: WalkOptions): Promise<Input[]> {
  if (hostOf(url) === "") throw invalid("URL", url, 'write "dir://host/path"', "invalid-url");
  const { stream } = await openBlob(cluster, [url.replace(/^dir:/i, "disco:")], { signal: options.signal });
  const { indexedUrls } = await import("./dir_index.ts");
  const urls = await indexedUrls(stream, url).catch((cause) => {
    throw sourceFailed(url, cause);
  });
  return (await Promise.all(urls.map((url) => inputsOf(cluster, url, options)))).flat();
}
