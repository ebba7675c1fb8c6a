import type { ObjectEngine } from "@ddfs/client/embedded";
import { type R2BucketLike, r2Objects } from "@ddfs/client/r2";
import { REAL_S3, realFolder, type RealS3 } from "../../bucket/real_s3.ts";

/** A Worker that runs tests sets this to its binding. */
declare const R2_BUCKET: R2BucketLike;

/** Gives a place in an object store where nothing is yet: each call is a way to it. */
type Place = () => () => ObjectEngine;

/**
 * The real object stores that there are, of which most machines have none, by name. Suites for any object store run on these then, and on nothing else.
 */
export const REAL_ENGINES: readonly (readonly [name: string, place: Place])[] = [
  ...(REAL_S3 === undefined ? [] : [["S3", inS3(REAL_S3)] as const]),
  ...(typeof R2_BUCKET === "undefined" ? [] : [["R2", inR2(R2_BUCKET)] as const]),
];

function inS3(real: RealS3): Place {
  return () => realFolder(real);
}

function inR2(bucket: R2BucketLike): Place {
  return () => {
    const prefix = `test/${crypto.randomUUID()}`;
    return () => r2Objects(bucket, { prefix });
  };
}
