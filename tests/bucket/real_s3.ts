import { type ObjectEngine, s3Objects } from "@ddfs/client/s3";

/** An object store that speaks S3, and a bucket in it whose content is worth nothing. */
export interface RealS3 {
  /** The addresses of its gateways, all of which show the same. */
  readonly endpoints: readonly string[];
  /** The bucket. */
  readonly bucket: string;
  /** The key to it. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** The process ids of its disks, where they may be killed. */
  readonly osds: readonly number[];
}

/** The object store that the tests may use; `undefined` where there is none: `deno task test:bucket` starts a Ceph, and names it. */
export const REAL_S3: RealS3 | undefined = named();

/** Makes ways to a folder of their own in the bucket, one for each call, over all gateways in turn. */
export function realFolder({ endpoints, bucket, credentials }: RealS3): () => ObjectEngine {
  const prefix = `test/${crypto.randomUUID()}`;
  let calls = 0;
  return () => s3Objects({ endpoint: endpoints[calls++ % endpoints.length], bucket, prefix, credentials });
}

function named(): RealS3 | undefined {
  const value = (name: string) => Deno.env.get(`DDFS_TEST_S3${name}`) ?? "";
  if (value("") === "") return undefined;
  return {
    endpoints: value("").split(","),
    bucket: value("_BUCKET"),
    credentials: { accessKeyId: value("_ACCESS_KEY_ID"), secretAccessKey: value("_SECRET_ACCESS_KEY") },
    osds: value("_OSDS").split(",").filter(Boolean).map(Number),
  };
}
