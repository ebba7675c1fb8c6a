/**
 * An object store that speaks S3, for {@linkcode embedded}: AWS, Ceph, MinIO, R2 from outside of Cloudflare, and others that have conditional writes.
 *
 * @example Options
 * ```ts
 * import { s3Objects } from "@ddfs/client/s3";
 * import { expect } from "@std/expect";
 *
 * const objects = s3Objects({
 *   endpoint: "https://s3.example.org",
 *   bucket: "data",
 *   prefix: "ddfs",
 *   credentials: { accessKeyId: "KEY", secretAccessKey: "SECRET" },
 * });
 * expect(objects.name).toBe("s3://data/ddfs at https://s3.example.org");
 * ```
 *
 * @module
 */
import { check, checkOptions, FLAG, FUNCTION, invalid, milliseconds, type OptionNames } from "../../check.ts";
import type { ObjectEngine } from "./bucket/engine.ts";
import { PREFIX } from "./bucket/keys.ts";
import { S3Engine } from "./s3/engine.ts";
import { AFTER, checkCredentials, type S3Credentials, S3Requests } from "./s3/requests.ts";

export type { S3Credentials };
export type * from "./bucket/engine.ts";

/** Options of {@linkcode s3Objects}. */
export interface S3ObjectsOptions {
  /**
   * The address of the store, for instance `"https://s3.example.org"`.
   *
   * @default that of AWS in the region
   */
  endpoint?: string | undefined;
  /**
   * The region that the bucket is in. Stores that have none take the default; R2 takes `"auto"`.
   *
   * @default {"us-east-1"}
   */
  region?: string | undefined;
  /** The name of the bucket. */
  bucket: string;
  /**
   * The folder in the bucket that gets everything, for instance `"ddfs"` or `"a/b"`.
   *
   * @default {""}
   */
  prefix?: string | undefined;
  /** The key to the bucket, or a function that gives it, which is asked before each request: for keys that end. */
  credentials: S3Credentials | (() => S3Credentials | Promise<S3Credentials>);
  /**
   * True where the bucket's name stands in the path of an address, false where it stands before the host's name.
   *
   * @default false for AWS, where it must, unless the bucket's name has a dot; true for others
   */
  pathStyle?: boolean | undefined;
  /**
   * The milliseconds after which a store that says nothing is given up. An upload may take longer, by its size.
   *
   * @default {60000}
   */
  timeout?: number | undefined;
  /** Sends a request; the global `fetch` by default. */
  fetch?: ((request: Request) => Promise<Response>) | undefined;
  /** Calls a function once, later, and gives one that calls it off; by a timer of the runtime by default. */
  after?: ((milliseconds: number, run: () => void) => () => void) | undefined;
}

const CREDENTIALS: OptionNames<S3Credentials> = { accessKeyId: true, secretAccessKey: true, sessionToken: true };
const NAMES: OptionNames<S3ObjectsOptions> = {
  endpoint: true,
  region: true,
  bucket: true,
  prefix: PREFIX,
  credentials: true,
  pathStyle: FLAG,
  timeout: true,
  fetch: FUNCTION,
  after: FUNCTION,
};

/**
 * Makes an object store of a bucket that speaks S3. Each request is made once; nothing is asked before the first use.
 *
 * @param options Where the bucket is, and the key to it.
 * @returns The engine, for `embedded({ objects })`.
 * @throws {DiscoError} If an option has a value that it cannot have (code `invalid-argument`).
 *
 * @example Ceph, which keeps the data of a DDFS
 * ```ts ignore
 * import { embedded } from "@ddfs/client/embedded";
 * import { s3Objects } from "@ddfs/client/s3";
 *
 * const objects = s3Objects({
 *   endpoint: "http://ceph.example.org:8080",
 *   bucket: "data",
 *   credentials: { accessKeyId: "KEY", secretAccessKey: "SECRET" },
 * });
 * const ddfs = embedded({ objects, nodes: ["ddfs.example.org"] });
 * Deno.serve(ddfs.fetch);
 * ```
 */
export function s3Objects(options: S3ObjectsOptions): ObjectEngine {
  checkOptions("s3Objects()", options, NAMES);
  const { region = "us-east-1", bucket, prefix = "", credentials } = options;
  const isText = (value: unknown) => typeof value === "string" && /^[\w.-]+$/.test(value);
  check("region", region, isText, "it must be a name like us-east-1");
  if (bucket === undefined || !isText(bucket)) throw invalid("bucket", bucket, "it must be the name of a bucket");
  const folder = prefix.replace(/\/$/, "");
  if (typeof credentials !== "function") {
    checkCredentials(credentials);
    // A function's may have more, like the time at which they end.
    checkOptions("credentials of s3Objects()", credentials, CREDENTIALS);
  }
  const { base, endpoint } = baseOf({ ...options, region });
  const requests = new S3Requests({
    base,
    folder: folder === "" ? "" : `${folder}/`,
    region,
    credentials,
    store: `s3://${[bucket, folder].filter(Boolean).join("/")} at ${endpoint}`,
    timeout: milliseconds(options, "timeout", 1) ?? 60_000,
    fetch: options.fetch ?? ((request) => fetch(request)),
    after: options.after ?? AFTER,
  });
  return new S3Engine(requests);
}

/** Finds the address of a bucket. */
function baseOf(
  { endpoint, region, bucket, pathStyle }: S3ObjectsOptions & { region: string },
): { base: string; endpoint: string } {
  const address = endpoint ?? `https://s3.${region}.amazonaws.com`;
  const url = typeof address === "string" && URL.canParse(address) ? new URL(address) : undefined;
  const isAddress = url !== undefined && /^https?:$/.test(url.protocol) && url.search === "" && url.hash === "";
  // What stands before an @ is a secret, perhaps.
  if (!isAddress) throw invalid("endpoint", typeof address, 'it must be an address like "https://s3.example.org"');
  if (url.username !== "" || url.password !== "") {
    throw invalid("endpoint", url.host, "it must have no user and no password: give them as credentials");
  }
  const path = url.pathname.replace(/\/$/, "");
  const isAws = /\.amazonaws\.com(?:\.cn)?$/.test(url.hostname);
  const isInPath = pathStyle ?? (!isAws || bucket.includes("."));
  return {
    endpoint: url.origin + path,
    base: isInPath ? `${url.origin}${path}/${bucket}/` : `${url.protocol}//${bucket}.${url.host}${path}/`,
  };
}
