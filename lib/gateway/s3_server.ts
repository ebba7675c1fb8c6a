/**
 * A DDFS as an S3 bucket, to read: {@linkcode s3Server} answers rclone, s3cmd, DuckDB and whatever else reads S3.
 *
 * @example A tag and its blob, as a folder and a file
 * ```ts
 * import { DDFS } from "@ddfs/client";
 * import { embedded } from "@ddfs/client/embedded";
 * import { s3Server } from "@ddfs/client/s3-server";
 * import { expect } from "@std/expect";
 *
 * const { fetch, master } = embedded();
 * const s3 = s3Server({ ddfs: new DDFS(master, { fetch }), keys: { reader: "secret" } });
 *
 * // What is not signed with one of the keys is refused. Any S3 client signs: the endpoint is this server, the bucket is "ddfs".
 * const answer = await s3.fetch(new Request("https://s3.example.org/ddfs/data/logs/monday"));
 * expect(answer.status).toBe(403);
 * ```
 *
 * @module
 */
import { check, checkOptions, FUNCTION, isObject, type OptionNames } from "../check.ts";
import type { DDFSReader } from "../client/reader.ts";
import { answerBlob } from "./blob_answer.ts";
import { blobOfKey } from "./s3_keys.ts";
import { BUCKET, bucketLocation, listBuckets, listObjects } from "./s3_list.ts";
import { checkSignature, type Keys } from "./s3_signature.ts";
import { S3Error } from "./s3_xml.ts";
import { TagReads } from "./tag_reads.ts";

/** Options of {@linkcode s3Server}. */
export interface S3ServerOptions {
  /** The client that reads. Give it `allowedHosts`, if strangers may write tags. */
  ddfs: DDFSReader;
  /** The keys of those who may read: secret access keys by their access key ids. */
  keys: Readonly<Record<string, string>>;
  /** Called with each error of the cluster that a request ends with: the answer names none. */
  onError?: ((error: unknown, request: Request) => void) | undefined;
  /**
   * Tells the time, in milliseconds since 1970: signatures hold for a while only.
   *
   * @default {Date.now}
   */
  now?: (() => number) | undefined;
}

/** A handler of requests. */
export interface S3Server {
  /**
   * Answers a request.
   *
   * @param context What the platform passes beside it; it is not used.
   * @returns The answer; errors are answers, too, in XML.
   */
  readonly fetch: (request: Request, ...context: readonly unknown[]) => Promise<Response>;
}

const NAMES: OptionNames<S3ServerOptions> = { ddfs: true, keys: true, onError: FUNCTION, now: FUNCTION };

/**
 * Makes a handler that answers as S3 does, to read: ListBuckets, ListObjectsV2 and its elder, HeadBucket, HeadObject and GetObject, path style, signed with
 * Signature Version 4 in headers or in the URL.
 *
 * There is one bucket, `ddfs`. The key of a blob is its tag with `/` in the place of `:`, then `/` and its name; of several of one name it is the newest. A
 * tag has the blobs that it holds itself: those of tags that it links to are under these.
 *
 * @param options The client, and the keys.
 * @returns The handler.
 * @throws {DiscoError} If an option is not valid.
 *
 * @example Served in Deno
 * ```ts
 * import { DDFS } from "@ddfs/client";
 * import { s3Server } from "@ddfs/client/s3-server";
 * import { expect } from "@std/expect";
 *
 * const { fetch } = s3Server({ ddfs: new DDFS("disco://localhost"), keys: { reader: "secret" } });
 * // Deno.serve({ port: 9000 }, fetch);
 * // rclone ls ":s3,provider=Other,access_key_id=reader,secret_access_key=secret,endpoint='http://localhost:9000':ddfs/data"
 * expect((await fetch(new Request("http://localhost:9000/", { method: "PUT" }))).status).toBe(403);
 * ```
 */
export function s3Server(options: S3ServerOptions): S3Server {
  checkOptions("s3Server()", options, NAMES);
  const { ddfs, keys, onError, now = Date.now } = options;
  check("ddfs", ddfs ?? null, (ddfs) => isObject(ddfs) && typeof ddfs.get === "function", "write new DDFS(master)");
  // The values are secrets, even wrong ones.
  const isKeys = isObject(keys) && Object.entries(keys).length > 0 &&
    Object.entries(keys).every(([id, secret]) => /^[^\s/,]+$/.test(id) && typeof secret === "string" && secret !== "");
  check("type of keys", typeof keys, () => isKeys, "write { ACCESS_KEY_ID: secretAccessKey }, at least one");
  check("onError", onError, (value) => typeof value === "function", "it must be a function");
  check("now", now, (value) => typeof value === "function", "it must be a function");
  const parts = { ddfs, tags: new TagReads(ddfs), keys, now };
  return {
    fetch: async (request) => {
      try {
        return await answer(request, parts);
      } catch (error) {
        if (!(error instanceof S3Error)) onError?.(error, request);
        const allow = error instanceof S3Error && error.code === "MethodNotAllowed" ? { allow: "GET, HEAD" } : {};
        return known(error).response(request.method === "HEAD", allow);
      }
    },
  };
}

interface Parts {
  readonly ddfs: DDFSReader;
  readonly tags: TagReads;
  readonly keys: Keys;
  readonly now: () => number;
}

async function answer(request: Request, { ddfs, tags, keys, now }: Parts): Promise<Response> {
  await checkSignature(request, keys, now());
  const { method } = request;
  if (method !== "GET" && method !== "HEAD") throw new S3Error("MethodNotAllowed");
  const { pathname, searchParams } = new URL(request.url);
  const [, bucket = "", key = ""] = /^\/([^/]*)\/?(.*)$/s.exec(decoded(pathname)) ?? [];
  if (bucket === "") return withoutBody(method, listBuckets());
  if (bucket !== BUCKET) throw new S3Error("NoSuchBucket");
  if (key !== "") return await answerObject(request, { ddfs, tags }, key);
  if (method === "HEAD") return new Response(null);
  return searchParams.has("location") ? bucketLocation() : await listObjects(ddfs, tags, searchParams);
}

/** The headers of an answer that a request may set, by `response-` and their names. */
const SETTABLE = ["cache-control", "content-disposition", "content-language", "content-type", "expires"];

async function answerObject(
  request: Request,
  { ddfs, tags }: Pick<Parts, "ddfs" | "tags">,
  key: string,
): Promise<Response> {
  const set = new Headers();
  for (const [name, value] of new URL(request.url).searchParams) {
    const header = name.replace(/^response-/, "");
    if (header !== name && SETTABLE.includes(header)) setHeader(set, header, value);
    else if (name !== "x-id" && !/^x-amz-/i.test(name)) throw new S3Error("NotImplemented");
  }
  const blob = await blobOfKey(tags, key);
  if (blob === undefined) throw new S3Error("NoSuchKey");
  const answer = await answerBlob(request, ddfs, blob, (status, headers) => {
    return new S3Error(status === 416 ? "InvalidRange" : "PreconditionFailed").response(false, headers);
  });
  for (const [name, value] of answer.ok ? set : []) answer.headers.set(name, value);
  return answer;
}

function setHeader(headers: Headers, name: string, value: string): void {
  try {
    headers.set(name, value);
  } catch {
    throw new S3Error("InvalidArgument");
  }
}

/** Gives the error as S3 knows it. */
function known(error: unknown): S3Error {
  if (error instanceof S3Error) return error;
  const code = Object(error).code;
  if (code === "not-found") return new S3Error("NoSuchKey");
  return new S3Error(typeof code === "string" ? "ServiceUnavailable" : "InternalError");
}

function withoutBody(method: string, answer: Response): Response {
  return method === "HEAD" ? new Response(null, answer) : answer;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
