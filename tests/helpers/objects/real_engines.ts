import { type ObjectEngine, s3Objects } from "@ddfs/client/s3";
import { type R2BucketLike, r2Objects } from "@ddfs/client/r2";
import { REAL_S3 } from "../../bucket/real_s3.ts";

/** A Worker that runs tests sets this to its binding. */
declare const R2_BUCKET: R2BucketLike;

/**
 * The real object stores that there are, of which most machines have none: a name, and a way to open one in a place where nothing is yet. Suites for any
 * object store run on these then, and on nothing else.
 */
export const REAL_ENGINES: readonly (readonly [name: string, open: () => ObjectEngine])[] = [
  ...(REAL_S3 === undefined ? [] : [["S3", s3Opener(REAL_S3)] as const]),
  ...(typeof R2_BUCKET === "undefined" ? [] : [["R2", r2Opener(R2_BUCKET)] as const]),
];

function s3Opener({ endpoints: [endpoint = ""], bucket, credentials }: typeof REAL_S3 & object): () => ObjectEngine {
  return () => s3Objects({ endpoint, bucket, credentials, prefix: `test/${crypto.randomUUID()}` });
}

function r2Opener(bucket: R2BucketLike): () => ObjectEngine {
  return () => r2Objects(bucket, { prefix: `test/${crypto.randomUUID()}` });
}
