import type { ObjectEngine } from "../../embedded/objects/s3.ts";
import { usage } from "../common/exit_status.ts";
import { variable } from "../terminal/process.ts";

/** Tells whether an argument names a bucket, rightly spelled or not, and not a folder. */
export function isBucket(place: string): boolean {
  return /^s3:/i.test(place);
}

/** An argument that names a bucket, as it may be shown: a key that somebody wrote into it is left out. */
export function shownBucket(place: string): string {
  return place.replace(/^(s3:\/*)[^/]*@/i, "$1***@");
}

/**
 * Opens the bucket that an argument names, with what the environment says, by the variables that AWS's tools have.
 *
 * @param place `s3://BUCKET/PREFIX`.
 */
export async function objectsAt(place: string): Promise<ObjectEngine> {
  const shown = shownBucket(place);
  if (shown !== place) {
    throw usage(`${shown}: keys stand in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, never in an address`);
  }
  const [, address = "", more = ""] = /^s3:\/*([^?#]*)(.?)/is.exec(place) ?? [];
  if (!/^s3:\/\//i.test(place)) {
    throw usage(
      `${JSON.stringify(place)} has one slash too few: write s3://${address}; a folder of that name is ./${place}`,
    );
  }
  // What stands behind it may be a key.
  if (more !== "") {
    throw usage(
      `s3://${address}: the address of a bucket has no ${JSON.stringify(more)}: leave it out, with what follows`,
    );
  }
  const [, bucket = "", prefix = ""] = /^s3:\/\/([^/?#]+)(?:\/([^?#]*))?$/i.exec(place) ?? [];
  if (bucket === "") throw usage(`${JSON.stringify(place)} names no bucket: write s3://BUCKET or s3://BUCKET/PREFIX`);
  const [accessKeyId, secretAccessKey] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].map((name) => {
    const value = variable(name);
    if (value === undefined) throw usage(`${place} needs a key: set ${name}`);
    return value;
  });
  const endpoint = variable("AWS_ENDPOINT_URL_S3") ?? variable("AWS_ENDPOINT_URL");
  const region = variable("AWS_REGION") ?? variable("AWS_DEFAULT_REGION");
  if (endpoint === undefined && region === undefined) {
    throw usage(
      `${place}: it is not known where that is: set AWS_REGION to its region, or AWS_ENDPOINT_URL_S3 to the address of a store that is not AWS's`,
    );
  }
  const sessionToken = variable("AWS_SESSION_TOKEN");
  const { s3Objects } = await import("../../embedded/objects/s3.ts");
  return s3Objects({
    ...{ bucket, prefix: prefix.replace(/\/+$/, "") },
    ...endpoint !== undefined && { endpoint },
    ...region !== undefined && { region },
    credentials: {
      ...{ accessKeyId: accessKeyId ?? "", secretAccessKey: secretAccessKey ?? "" },
      ...sessionToken !== undefined && { sessionToken },
    },
  });
}
