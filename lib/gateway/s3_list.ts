import type { DDFSReader } from "../client/reader.ts";
import { type Keyed, keysOf } from "./s3_keys.ts";
import { element, S3Error, xml } from "./s3_xml.ts";
import type { TagReads } from "./tag_reads.ts";

/** The name of the only bucket. */
export const BUCKET = "ddfs";
const NAMESPACE = ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';
/** The most keys of an answer. */
const MOST = 1000;
/** The parameters that a request for a list may have beside those of its signature. */
const PARAMETERS = [
  ...["list-type", "prefix", "delimiter", "max-keys", "encoding-type", "continuation-token", "start-after"],
  ...["marker", "fetch-owner", "x-id"],
];

/** Answers with the list of buckets. */
export function listBuckets(): Response {
  return xml(element(
    "ListAllMyBucketsResult",
    { Owner: { ID: BUCKET }, Buckets: { Bucket: { Name: BUCKET, CreationDate: "1970-01-01T00:00:00.000Z" } } },
    NAMESPACE,
  ));
}

/** Answers with the region of the bucket: none, which stands for the first one there was. */
export function bucketLocation(): Response {
  return xml(element("LocationConstraint", "", NAMESPACE));
}

/**
 * Answers with keys of the bucket, as ListObjectsV2 and its elder do.
 *
 * @throws {S3Error} If a parameter is not valid, or is not known.
 * @throws {CommError} If a tag, or the size of a blob, cannot be read.
 */
export async function listObjects(ddfs: DDFSReader, tags: TagReads, query: URLSearchParams): Promise<Response> {
  if (![...query.keys()].every((name) => PARAMETERS.includes(name) || /^x-amz-/i.test(name))) {
    throw new S3Error("NotImplemented");
  }
  const isV2 = query.get("list-type") === "2";
  const token = query.get("continuation-token");
  const start = query.get(isV2 ? "start-after" : "marker") ?? "";
  const wanted = {
    prefix: query.get("prefix") ?? "",
    delimiter: query.get("delimiter") ?? "",
    after: isV2 && token !== null ? keyOfToken(token) : start,
  };
  const most = numberOf(query.get("max-keys"));
  const written = query.get("encoding-type") === "url" ? urlEncoded : (text: string) => text;

  const objects: Keyed[] = [];
  const prefixes: string[] = [];
  let last = "";
  let isTruncated = false;
  if (most > 0) {
    for await (const item of keysOf(ddfs, tags, wanted)) {
      isTruncated = objects.length + prefixes.length === most;
      if (isTruncated) break;
      if ("key" in item) objects.push(item);
      else prefixes.push(item.prefix);
      last = "key" in item ? item.key : item.prefix;
    }
  }
  const contents = await withSizes(ddfs, objects);
  return xml(element("ListBucketResult", {
    Name: BUCKET,
    Prefix: written(wanted.prefix),
    ...isV2
      ? {
        StartAfter: start === "" ? undefined : written(start),
        ContinuationToken: token ?? undefined,
        NextContinuationToken: isTruncated ? btoa(last) : undefined,
        KeyCount: contents.length + prefixes.length,
      }
      : { Marker: written(start), NextMarker: isTruncated ? written(last) : undefined },
    MaxKeys: most,
    Delimiter: wanted.delimiter === "" ? undefined : written(wanted.delimiter),
    EncodingType: query.get("encoding-type") ?? undefined,
    IsTruncated: isTruncated,
    Contents: contents.map(({ key, blob, size }) => ({
      Key: written(key),
      LastModified: new Date(blob.time / 1000).toISOString(),
      ETag: `"${blob.object}"`,
      Size: size,
      StorageClass: "STANDARD",
    })),
    CommonPrefixes: prefixes.map((prefix) => ({ Prefix: written(prefix) })),
  }, NAMESPACE));
}

/** Adds the sizes, which the client remembers, as blobs never change. What no node has any more is left out, as it cannot be read. */
async function withSizes(ddfs: DDFSReader, objects: readonly Keyed[]): Promise<(Keyed & { size: number })[]> {
  const found: (Keyed & { size: number })[] = [];
  const waiting = objects.values();
  for await (const { size, error } of ddfs.sizes(objects.map(({ blob }) => blob.replicas))) {
    const { value: object } = waiting.next();
    if (error !== undefined && error.code !== "not-found") throw error;
    if (object !== undefined && size !== undefined) found.push({ ...object, size });
  }
  return found;
}

function keyOfToken(token: string): string {
  try {
    return atob(token);
  } catch {
    throw new S3Error("InvalidArgument");
  }
}

function numberOf(text: string | null): number {
  if (text === null) return MOST;
  if (!/^\d{1,9}$/.test(text)) throw new S3Error("InvalidArgument");
  return Math.min(MOST, Number(text));
}

function urlEncoded(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, "\uFFFD")).replaceAll("%2F", "/");
}
